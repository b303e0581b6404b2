#include "client-sdk/src/rebuilt_replica.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/device_identity.hpp"
#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/replica_file.hpp"
#include "client-sdk/src/row_table.hpp"
#include "client-sdk/src/system_ports.hpp"
#include "engine/core/overlay.hpp"
#include "engine/ports/fault.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

constexpr std::array leaned_on{"ds_pending", "ds_scope", "ds_conflict"};
constexpr std::array taken_over{"ds_pending", "ds_scope", "ds_conflict", "ds_receipt",
                                "ds_departed"};

Status put_row(sqlite::Database& db, std::string_view table, const NamedRow& row) {
  std::string columns;
  std::string marks;
  for (const auto& [name, value] : row) {
    columns += (columns.empty() ? "" : ", ") + sqlite::quote_identifier(name);
    marks += marks.empty() ? "?" : ", ?";
  }
  DS_ASSIGN(auto put, db.prepare("INSERT OR REPLACE INTO " + sqlite::quote_identifier(table) +
                                 " (" + columns + ") VALUES (" + marks + ")"));
  int at = 0;
  for (const auto& [name, value] : row) put.bind(++at, value);
  return put.run();
}

Status put_state(sqlite::Database& db, const NamedRow& state) {
  for (const auto& [name, value] : state) {
    if (name == "one") continue;
    DS_ASSIGN(auto put,
              db.prepare("UPDATE ds_state SET " + sqlite::quote_identifier(name) + " = ?1"));
    put.bind(1, value);
    DS_TRY(put.run());
  }
  return {};
}

/// The row as its table keeps it; nullopt: damage has made it something that the table refuses.
std::optional<std::pair<RowId, RowImage>> row_of(const Table& table, const NamedRow& row) {
  const auto key = row.find(table.key);
  if (key == row.end()) return std::nullopt;
  const auto id = key_of(table, key->second);
  if (!id) return std::nullopt;
  RowImage image;
  for (const Column& column : table.columns) {
    const auto found = row.find(column.name);
    if (found == row.end()) return std::nullopt;
    auto value = normalise(column, found->second);
    if (!value) return std::nullopt;
    image.values.push_back(*std::move(value));
  }
  return std::pair(*id, std::move(image));
}

class Rebuilding {
 public:
  Rebuilding(ReplicaFile& file, DamagedReplica& damaged, const RescuedChain& chain,
             const ReplicaSeams& seams, bool tries_rows)
      : db_(file.db),
        schema_(file.schema),
        damaged_(damaged),
        chain_(chain),
        seams_(seams),
        tries_rows_(tries_rows),
        tables_(file.db, file.schema),
        pending_(file.db, file.schema) {}

  Result<Rebuilt> fill() {
    Rebuilt rebuilt;
    for (const auto& [key, value] : damaged_.meta()) DS_TRY(save_meta(db_, key, value));
    rebuilt.rows_kept = tries_rows_ && can_keep_rows();
    DS_TRY(put_own_state(rebuilt.rows_kept));
    DS_TRY(put_transactions());
    if (rebuilt.rows_kept) {
      DS_ASSIGN(rebuilt.rows, keep_rows());
    } else {
      DS_TRY(start_overlay());
    }
    DS_TRY(show_overlay());
    return finish(rebuilt);
  }

 private:
  /// The rows lean on the cursor, the overlay and the scopes; and on all of the unsent work.
  [[nodiscard]] bool can_keep_rows() {
    const auto& state = damaged_.state();
    if (!damaged_.bookkeeping_whole() || !state) return false;
    const bool all =
        chain_.last == chain_.known && chain_.head && id_in<CommitToken>(*state, "token");
    return all && std::all_of(leaned_on.begin(), leaned_on.end(),
                              [&](const char* table) { return damaged_.table(table).whole; });
  }

  Status put_own_state(bool rows_kept) {
    if (damaged_.state()) DS_TRY(put_state(db_, *damaged_.state()));
    DS_ASSIGN(ReplicaState state, load_state(db_));
    state.last = chain_.last;
    state.head = chain_.head.value_or(Hash{});
    // What the hub has answered is asked for again, and answered as before.
    state.acknowledged = state.included = chain_.included;
    // What it had kept for a hub that is restored did not come along.
    state.unheld = chain_.included;
    state.unheld_hash = chain_.included_hash.value_or(Hash{});
    state.digest_matched = false;
    state.waits_for.clear();
    if (!rows_kept) {
      state.cursor = Position{};
      state.token = CommitToken{};
      state.digest = Digest{};
      state.copies = 0;
      state.last_sync.reset();
      state.view.reset();
    }
    DS_TRY(save_state(db_, state));
    if (chain_.head || state.forked) return {};
    // Nobody knows what its next transaction would follow: it goes on as another (SEMANTICS C5).
    return save_successor(db_, new_device(clock_of(seams_).read(), random_of(seams_)));
  }

  Status put_transactions() {
    for (const auto& [sequence, row] : damaged_.rejected()) {
      if (sequence <= chain_.last) DS_TRY(put_row(db_, "ds_rejected", row));
    }
    DS_ASSIGN(auto put, db_.prepare("INSERT INTO ds_outbox (sequence, hash, body)"
                                    " VALUES (?1, ?2, ?3)"));
    for (const KeptTransaction& one : chain_.unsent) {
      if (one.rejected) continue;
      put.bind_unsigned(1, one.sequence.value);
      put.bind(2, one.hash.view());
      put.bind(3, ByteView(one.body));
      DS_TRY(put.run());
      DS_ASSIGN(Transaction content, decode_transaction(schema_, one.body));
      own_.emplace(one.sequence, std::move(content));
      if (one.fresh) fresh_.push_back(one.sequence);
    }
    return {};
  }

  Result<std::uint64_t> keep_rows() {
    for (const char* const table : taken_over) {
      Status done;
      static_cast<void>(damaged_.each_row(table, [&](const NamedRow& row) {
        if (done.ok()) done = put_row(db_, table, row);
      }));
      DS_TRY(done);
    }
    DS_TRY(keep_fresh_inserts());
    std::uint64_t count = 0;
    for (std::uint16_t i = 0; i < schema_.tables().size(); ++i) {
      const Table& table = schema_.table(TableId{i});
      DS_ASSIGN(RowTable* const rows, tables_.of(TableId{i}));
      Status done;
      static_cast<void>(damaged_.each_row(table.name, [&](const NamedRow& row) {
        const auto found = row_of(table, row);
        if (!found || !done.ok()) return;
        done = rows->put(found->first, found->second);
      }));
      DS_TRY(done);
      DS_ASSIGN(const auto here,
                db_.one("SELECT count(*) FROM " + sqlite::quote_identifier(table.name)));
      count += here ? static_cast<std::uint64_t>(here->as_integer()) : 0;
    }
    return count;
  }

  /// Of rows that were only inserted the damaged replica had nothing in ds_pending; here all have.
  Status keep_fresh_inserts() {
    std::set<RowKey> kept;
    DS_ASSIGN(const std::vector<RowKey> keys, pending_.keys());
    kept.insert(keys.begin(), keys.end());
    for (const Sequence sequence : fresh_) {
      const Transaction& content = own_.at(sequence);
      for (const RowChange& change : content.changes) {
        const RowKey key{change.table, change.row};
        if (change.kind != RowChange::Kind::insert || kept.contains(key)) continue;
        PendingRow row;
        row.sequences.push_back(sequence);
        extend_carry(row.carry, change, content.observed);
        DS_TRY(pending_.put(key, row));
      }
    }
    return {};
  }

  /// Of every row that own work touches: the hub's value is not known yet.
  Status start_overlay() {
    for (const auto& [sequence, content] : own_) {
      for (const RowChange& change : content.changes) {
        const RowKey key{change.table, change.row};
        DS_ASSIGN(auto found, pending_.find(key));
        PendingRow row = std::move(found).value_or(PendingRow{});
        row.sequences.push_back(sequence);
        extend_carry(row.carry, change, content.observed);
        DS_TRY(pending_.put(key, row));
      }
    }
    return {};
  }

  /// Rows with own work show it, whatever was read of them.
  Status show_overlay() {
    DS_ASSIGN(const std::vector<RowKey> keys, pending_.keys());
    for (const RowKey& key : keys) {
      DS_ASSIGN(const auto row, pending_.find(key));
      std::vector<const RowChange*> changes;
      for (const Sequence sequence : row->sequences) {
        const auto own = own_.find(sequence);
        if (own == own_.end()) continue;
        for (const RowChange& change : own->second.changes) {
          if (RowKey{change.table, change.row} == key) changes.push_back(&change);
        }
      }
      const auto image = fold(schema_.table(key.table), row->base ? row->base : row->copy, changes);
      DS_ASSIGN(RowTable* const rows, tables_.of(key.table));
      DS_TRY(image ? rows->put(key.row, *image) : rows->remove(key.row));
    }
    return {};
  }

  Result<Rebuilt> finish(const Rebuilt& rebuilt) {
    DS_ASSIGN(ReplicaState state, load_state(db_));
    DS_ASSIGN(const BaseDigests found, scan_base(db_, schema_));
    state.digest = found.total;
    DS_TRY(save_state(db_, state));
    DS_TRY(keep_heal_count());
    return rebuilt;
  }

  // The hub counts by the total.
  Status keep_heal_count() {
    for (const auto key : {meta::heal_total, meta::heal_noted, meta::heal_ms}) {
      const std::uint64_t count = number_in(damaged_.meta(), key);
      if (count == 0) continue;
      DS_TRY(save_meta(db_, key, Value::integer(static_cast<std::int64_t>(count))));
    }
    return {};
  }

  sqlite::Database& db_;
  const Schema& schema_;
  DamagedReplica& damaged_;
  const RescuedChain& chain_;
  const ReplicaSeams& seams_;
  bool tries_rows_;
  RowTables tables_;
  PendingRows pending_;
  std::map<Sequence, Transaction> own_;
  std::vector<Sequence> fresh_;  // of these ds_pending has not every row
};

Result<Rebuilt> build(const std::string& path, DamagedReplica& damaged,
                      const RescuedIdentity& identity, const RescuedChain& chain,
                      const ReplicaSeams& seams, bool tries_rows) {
  DS_TRY(create_replica(path, identity.enrolment, seams));
  DS_ASSIGN(auto file, open_replica_file(path, ReplicaAccess::write, {}, seams));
  for (const int setting : {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_FKEY}) {
    if (sqlite3_db_config(file.db.handle(), setting, 0, nullptr) != SQLITE_OK) {
      return error(ErrorCode::internal, "SQLite does not let triggers be turned off");
    }
  }
  Rebuilt rebuilt;
  {
    DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file.db));
    Rebuilding rebuilding(file, damaged, chain, seams, tries_rows);
    DS_ASSIGN(rebuilt, rebuilding.fill());
    DS_FAULT("rescue.before_commit");
    DS_TRY(transaction.commit());
  }
  // All in one file, so that one rename puts it in its place.
  DS_TRY(file.db.run("PRAGMA wal_checkpoint(TRUNCATE)"));
  return rebuilt;
}

/// What damage in the rows cannot explain.
bool is_of_the_disk(ErrorCode code) {
  return code == ErrorCode::disk_full || code == ErrorCode::io_error ||
         code == ErrorCode::read_only || code == ErrorCode::busy;
}

}  // namespace

void remove_database(const std::string& path, const ReplicaFiles& files) {
  for (const char* const suffix : {"", "-wal", "-shm"}) files.remove(path + suffix);
}

Result<Rebuilt> rebuild_replica(const std::string& path, DamagedReplica& damaged,
                                const RescuedIdentity& identity, const RescuedChain& chain,
                                const ReplicaSeams& seams) {
  remove_database(path, files_of(seams));
  auto rebuilt = build(path, damaged, identity, chain, seams, true);
  if (rebuilt || is_of_the_disk(rebuilt.error().code)) return rebuilt;
  // A row that could be read and is not what it was: without the rows, then.
  remove_database(path, files_of(seams));
  return build(path, damaged, identity, chain, seams, false);
}

}  // namespace doorstep
