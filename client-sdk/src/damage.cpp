#include "client-sdk/src/damage.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/replica_file.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "engine/core/hash.hpp"
#include "engine/core/limits.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {
namespace {

/// Of some an opening reads only the ends, once there are many rows: what waits grows with the
/// month.
struct Bookkeeping {
  std::string_view table;
  std::string_view order;  ///< what the key begins with; empty: always read whole
};
constexpr std::array<Bookkeeping, 5> bookkeeping{{{"ds_meta", ""},
                                                  {"ds_state", ""},
                                                  {"ds_outbox", "sequence"},
                                                  {"ds_pending", "\"table\""},
                                                  {"ds_rejected", "sequence"}}};
constexpr int rows_of_end = 4;
constexpr int rows_read_whole = 64;

/// SQLite's word for a page that it could not read at all: that says nothing of what is on it.
bool was_not_read(std::string_view said) {
  constexpr std::string_view before = "unable to get the page. error code=";
  constexpr int corrupt = 11;  // SQLITE_CORRUPT, below the bits of its extended codes
  const auto at = said.find(before);
  if (at == std::string_view::npos) return false;
  int code = 0;
  const std::string_view digits = said.substr(at + before.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), code);
  return (code & 0xFF) != corrupt;
}

/// Of a page of pointers SQLite does not say whether it could not be read or says what cannot be.
bool may_not_have_been_read(std::string_view said) {
  return said.find("Failed to read ptrmap") != std::string_view::npos;
}

Status check_with(sqlite::Database& db, const std::string& pragma) {
  DS_ASSIGN(auto said, db.one(pragma));
  // What is damaged stays so; a read that failed mostly does not fail again.
  for (int again = 0; again < 3 && said && said->kind() == Value::Kind::text &&
                      may_not_have_been_read(said->as_text());
       ++again) {
    DS_ASSIGN(said, db.one(pragma));
  }
  if (!said || said->kind() != Value::Kind::text) return error(ErrorCode::corrupt, pragma);
  if (said->as_text() == "ok") return {};
  const ErrorCode code = was_not_read(said->as_text()) ? ErrorCode::io_error : ErrorCode::corrupt;
  return error(code, std::string(said->as_text()));
}

Status check_whole(sqlite::Database& db, std::string_view table) {
  return check_with(db, "PRAGMA quick_check(" + std::string(table) + ")");
}

Result<bool> has_many_rows(sqlite::Database& db, std::string_view table) {
  DS_ASSIGN(const auto one, db.one("SELECT 1 FROM " + std::string(table) + " LIMIT 1 OFFSET " +
                                   std::to_string(rows_read_whole)));
  return one.has_value();
}

/// The way from the root to the first and the last rows, and these rows themselves.
Status read_ends(sqlite::Database& db, const Bookkeeping& one) {
  for (const std::string_view direction : {"ASC", "DESC"}) {
    DS_ASSIGN(auto read, db.prepare("SELECT * FROM " + std::string(one.table) + " ORDER BY " +
                                    std::string(one.order) + " " + std::string(direction) +
                                    " LIMIT " + std::to_string(rows_of_end)));
    for (;;) {
      DS_ASSIGN(const bool more, read.step());
      if (!more) break;
      for (int i = 0; i < read.column_count(); ++i) static_cast<void>(read.value(i));
    }
  }
  return {};
}

bool is_small(const std::string& path, const ReplicaFiles& files) {
  const auto size = files.size(path);
  return size && *size <= limits::checked_at_open_bytes_max;
}

/// A replica whose first page is gone still has the text of its tables somewhere, one that was cut
/// off the mark in its header.
bool has_our_traces(const std::string& path, const ReplicaFiles& files) {
  constexpr std::string_view trace = "CREATE TABLE ds_outbox";
  constexpr std::size_t mark_at = 68;
  constexpr std::string_view mark = "DSRP";
  for (const char* const suffix : {"", "-wal"}) {
    const Bytes bytes = files.read_all(path + suffix);
    const std::string_view text = text_of(bytes);
    if (text.find(trace) != std::string_view::npos) return true;
    if (text.substr(0, mark_at + mark.size()).ends_with(mark)) return true;
  }
  return false;
}

/// The ids by which its fresh inserts are found (FreshInserts) are those of rows that it inserted;
/// `newest` is the highest until then.
bool fits_range(const Transaction& content, ByteView oldest, ByteView highest, RowId& newest) {
  if (highest.empty() && oldest.empty()) return newest.empty();
  const auto inserted = [&](ByteView id) {
    return std::any_of(content.changes.begin(), content.changes.end(), [&](const RowChange& c) {
      return c.kind == RowChange::Kind::insert && std::ranges::equal(c.row.view(), id);
    });
  };
  const RowId before = std::exchange(newest, RowId::from(highest).value_or(RowId{}));
  if (oldest.empty()) return before <= newest;  // of one that is here no more
  return before < RowId::from(oldest).value_or(RowId{}) && inserted(oldest) && inserted(highest);
}

/// Each that the hub has not acknowledged waits, or was rejected before the hub was restored.
Status check_none_is_missing(sqlite::Database& db, const ReplicaState& state) {
  const Sequence settled = std::max({state.acknowledged, state.unheld, state.included});
  DS_ASSIGN(
      auto count,
      db.prepare("SELECT count(*) FROM"
                 " (SELECT sequence FROM ds_outbox WHERE sequence > ?1 AND sequence <= ?2"
                 " UNION"
                 " SELECT sequence FROM ds_rejected WHERE sequence > ?1 AND sequence <= ?2)"));
  count.bind_unsigned(1, settled.value);
  count.bind_unsigned(2, state.last.value);
  DS_ASSIGN(const bool counted, count.step());
  const std::uint64_t expected = state.last.value - std::min(settled, state.last).value;
  return counted && count.unsigned_integer(0) == expected
             ? Status()
             : error(ErrorCode::corrupt, "ds_outbox: transactions are missing");
}

/// Every unsent transaction can be read and follows the one before it.
Status read_unsent(ReplicaFile& file, const ReplicaState& state) {
  DS_TRY(check_none_is_missing(file.db, state));
  DS_ASSIGN(auto read,
            file.db.prepare("SELECT sequence, hash, body, iif(oldest = x'', newest, oldest), newest"
                            " FROM ds_outbox WHERE sequence > ?1 ORDER BY sequence"));
  read.bind_unsigned(1, state.included.value);
  std::optional<Hash> before;
  if (state.included == state.earlier) {
    before.emplace();
  } else if (const auto kept = load_meta_blob(file.db, meta::included_link); kept) {
    const auto link = link_in(*kept);
    if (link && link->sequence == state.included) before = link->hash;
  }
  Sequence next = state.included.next();
  RowId newest_insert;
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) break;
    const Sequence sequence{read.unsigned_integer(0)};
    const Hash hash = read.id<Hash>(1);
    const std::string name = "ds_outbox: transaction " + std::to_string(sequence.value);
    const auto body = body_of(read.blob(2));
    const auto content =
        body ? decode_transaction(file.schema, *body) : Result<Transaction>(body.error());
    if (!content) return error(ErrorCode::corrupt, name + ": " + content.error().text());
    if (!read.is_null(4) && !fits_range(*content, read.blob(3), read.blob(4), newest_insert)) {
      return error(ErrorCode::corrupt, name + ": other rows than it inserted");
    }
    if (sequence != next) before.reset();  // those between were rejected
    next = sequence.next();
    if (before && chain_hash(*before, state.device, state.told(sequence), *body) != hash) {
      return error(ErrorCode::corrupt, name + " is not as it was written");
    }
    before = hash;
  }
  if (next == state.last.next()) {
    const bool fits = !before || *before == state.head;
    return fits ? Status() : error(ErrorCode::corrupt, "ds_state: not the head of the chain");
  }
  DS_ASSIGN(auto newest, file.db.prepare("SELECT 1 FROM ds_rejected WHERE sequence = ?1"));
  newest.bind_unsigned(1, state.last.value);
  DS_ASSIGN(const bool rejected, newest.step());
  return rejected ? Status() : error(ErrorCode::corrupt, "ds_outbox: transactions are missing");
}

/// What only reading finds: that the bookkeeping says something.
Status read_bookkeeping(ReplicaFile& file) {
  DS_ASSIGN(const ReplicaState state, load_state(file.db));
  for (const std::string_view key : {meta::device, meta::key_seed, meta::hub}) {
    DS_ASSIGN(const Bytes found, load_meta_blob(file.db, key));
    if (found.empty()) return error(ErrorCode::corrupt, "ds_meta");
  }
  PendingRows pending(file.db, file.schema);
  DS_ASSIGN(const auto keys, pending.keys());
  for (const RowKey& key : keys) {
    DS_ASSIGN(const auto row, pending.find(key));
    if (!row) return error(ErrorCode::corrupt, "ds_pending");
  }
  return read_unsent(file, state);
}

bool is_damage(ErrorCode code) {
  return code == ErrorCode::corrupt || code == ErrorCode::replica_damaged ||
         code == ErrorCode::sql_error || code == ErrorCode::guard_missing ||
         code == ErrorCode::schema_invalid;
}

}  // namespace

std::string rescue_mark(const std::string& path) { return path + "-rescue"; }

Status check_no_rescue(const std::string& path, const ReplicaFiles& files) {
  if (!files.exists(rescue_mark(path))) return {};
  return error(ErrorCode::replica_damaged, path + ": a rescue was begun and has not ended");
}

// A hot path: an app waits for it whenever it starts. With a million rows and 10,000 transactions
// waiting an opening took 5.3 ms of processor time while it read all that waits, one of a thousand
// rows 1.9 ms.
Status check_trees(sqlite::Database& db, const std::string& path, const ReplicaFiles& files) {
  if (is_small(path, files)) return check_with(db, "PRAGMA quick_check(1)");
  for (const Bookkeeping& one : bookkeeping) {
    bool many = false;
    if (!one.order.empty()) {
      DS_ASSIGN(many, has_many_rows(db, one.table));
    }
    DS_TRY(many ? read_ends(db, one) : check_whole(db, one.table));
  }
  return {};
}

Status check_waiting(sqlite::Database& db, const std::string& path, const ReplicaFiles& files) {
  if (is_small(path, files)) return {};
  for (const Bookkeeping& one : bookkeeping) {
    if (one.order.empty()) continue;
    if (const Status whole = check_whole(db, one.table); !whole) {
      return as_damage(whole.error(), path, files);
    }
  }
  return {};
}

Error as_damage(const Error& failure, const std::string& path, const ReplicaFiles& files) {
  const bool torn = failure.code == ErrorCode::not_a_replica && has_our_traces(path, files);
  const bool unreadable =
      failure.code == ErrorCode::corrupt || failure.code == ErrorCode::sql_error;
  if (!torn && !unreadable) return failure;
  return error(ErrorCode::replica_damaged,
               path + (failure.detail.empty() || torn ? "" : ": " + failure.detail));
}

Result<std::string> find_damage(const std::string& path, const ReplicaSeams& seams) {
  const auto damage_or_error = [](const Error& failure) -> Result<std::string> {
    if (!is_damage(failure.code)) return failure;
    return failure.detail.empty() ? std::string(name_of(failure.code)) : failure.detail;
  };
  auto file = open_replica_file(path, ReplicaAccess::write, {}, seams);
  if (!file) return damage_or_error(file.error());
  if (const Status whole = check_with(file->db, "PRAGMA integrity_check(1)"); !whole) {
    return damage_or_error(whole.error());
  }
  // The app may go on writing: the state and the outbox are to be of one moment.
  DS_TRY(file->db.run("BEGIN"));
  const Status read = read_bookkeeping(*file);
  DS_TRY(file->db.run("ROLLBACK"));
  if (!read) return damage_or_error(read.error());
  return std::string();
}

}  // namespace doorstep
