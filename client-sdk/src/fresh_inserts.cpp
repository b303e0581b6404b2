#include "client-sdk/src/fresh_inserts.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/uuid.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {
namespace {

RowId id_at(const sqlite::KeptStatement& row, int column) {
  return RowId::from(row->blob(column)).value_or(RowId{});
}

bool is_uuid(const Schema& schema, TableId table) {
  return schema.table(table).key_type == ColumnType::uuid;
}

}  // namespace

bool FreshInserts::is_one(const Schema& schema, const RowChange& change, const RowId& oldest,
                          const RowId& newest) {
  return change.kind == RowChange::Kind::insert && is_uuid(schema, change.table) &&
         !oldest.empty() && oldest <= change.row && change.row <= newest;
}

Result<RowId> FreshInserts::newest(sqlite::Database& db) {
  DS_ASSIGN(const auto read, db.kept("SELECT newest FROM ds_outbox WHERE newest IS NOT NULL"
                                     " ORDER BY sequence DESC LIMIT 1"));
  DS_ASSIGN(const bool found, read->step());
  return found ? id_at(read, 0) : RowId{};
}

Result<bool> FreshInserts::empty() {
  DS_ASSIGN(const RowId highest, newest(*db_));
  return highest.empty();
}

Result<std::optional<FreshInserts::Range>> FreshInserts::range_from(Sequence sequence) {
  DS_ASSIGN(const auto read,
            db_->kept("SELECT sequence, oldest, newest FROM ds_outbox"
                      " WHERE sequence >= ?1 AND newest IS NOT NULL ORDER BY sequence LIMIT 1"));
  read->bind_unsigned(1, sequence.value);
  DS_ASSIGN(const bool found, read->step());
  if (!found) return std::optional<Range>();
  return std::optional(Range{Sequence{read->unsigned_integer(0)}, id_at(read, 1), id_at(read, 2)});
}

Status FreshInserts::read_all_ranges() {
  if (ranges_) return {};
  DS_ASSIGN(const auto read, db_->kept("SELECT sequence, oldest, newest FROM ds_outbox"
                                       " WHERE newest IS NOT NULL ORDER BY sequence"));
  std::vector<Range> all;
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) break;
    all.push_back({Sequence{read->unsigned_integer(0)}, id_at(read, 1), id_at(read, 2)});
  }
  ranges_ = std::move(all);
  return {};
}

Result<std::optional<FreshInserts::Range>> FreshInserts::first_range() {
  if (!ranges_) return range_from(Sequence{0});
  return ranges_->empty() ? std::optional<Range>() : std::optional(ranges_->front());
}

/// The first transaction whose highest id is not below: if one inserted it, this one has.
Result<std::optional<FreshInserts::Range>> FreshInserts::first_with(const RowId& id) {
  if (ranges_) {
    const auto found = std::partition_point(ranges_->begin(), ranges_->end(),
                                            [&](const Range& r) { return r.newest < id; });
    return found == ranges_->end() ? std::optional<Range>() : std::optional(*found);
  }
  DS_ASSIGN(const auto ends, db_->kept("SELECT (SELECT min(sequence) FROM ds_outbox),"
                                       " (SELECT max(sequence) FROM ds_outbox)"));
  DS_ASSIGN(const bool any, ends->step());
  if (!any || ends->is_null(0)) return std::optional<Range>();
  std::uint64_t from = ends->unsigned_integer(0);
  std::uint64_t to = ends->unsigned_integer(1) + 1;
  std::optional<Range> best;
  while (from < to) {
    const std::uint64_t middle = from + (to - from) / 2;
    DS_ASSIGN(auto range, range_from(Sequence{middle}));
    if (range && range->newest < id) {
      from = range->sequence.value + 1;
    } else {
      if (range) best = std::move(range);
      to = middle;
    }
  }
  return best;
}

Result<const FreshInserts::Content*> FreshInserts::content(const Range& range) {
  DS_ASSIGN(const auto read, db_->kept("SELECT hash, body FROM ds_outbox WHERE sequence = ?1"));
  read->bind_unsigned(1, range.sequence.value);
  DS_ASSIGN(const bool found, read->step());
  if (!found) return error(ErrorCode::corrupt, "ds_outbox");
  const Hash hash = read->id<Hash>(0);
  // A number that was given up with its transaction is given again.
  if (content_ && content_->sequence == range.sequence && content_->hash == hash) {
    return &*content_;
  }
  content_.reset();
  auto transaction = transaction_in(*schema_, read->blob(1));
  if (!transaction) return error(ErrorCode::corrupt, "ds_outbox: " + transaction.error().text());
  Content& made = content_.emplace(Content{range.sequence, hash, *std::move(transaction), {}});
  for (const RowChange& change : made.transaction.changes) {
    if (!is_one(*schema_, change, range.oldest, range.newest)) continue;
    made.inserted.emplace(RowKey{change.table, change.row}, &change);
  }
  return &made;
}

Result<std::optional<FreshInserts::Found>> FreshInserts::find(const RowKey& key) {
  if (!is_uuid(*schema_, key.table)) return std::optional<Found>();
  // Most rows that somebody edits are older than all that waits. Asked each time: once all has
  // gone, ids may begin lower, on a phone whose clock has fallen back.
  DS_ASSIGN(const auto first, first_range());
  if (!first || key.row < first->oldest) return std::optional<Found>();
  DS_ASSIGN(const auto range, first_with(key.row));
  if (!range || range->oldest.empty() || key.row < range->oldest) return std::optional<Found>();
  DS_ASSIGN(const Content* const read, content(*range));
  const auto found = read->inserted.find(key);
  if (found == read->inserted.end()) return std::optional<Found>();
  return std::optional(Found{range->sequence, read->transaction.observed, found->second});
}

Result<std::vector<RowKey>> FreshInserts::keys() {
  DS_TRY(read_all_ranges());
  std::vector<RowKey> all;
  for (const Range& range : *ranges_) {
    if (range.oldest.empty()) continue;
    DS_ASSIGN(const Content* const read, content(range));
    for (const auto& [key, change] : read->inserted) all.push_back(key);
  }
  return all;
}

}  // namespace doorstep
