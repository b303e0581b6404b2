#include "engine/session/aliased_batch.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/limits.hpp"

namespace doorstep {

Status AliasedBatch::look_up(const RowKey& key) {
  if (aliases_.contains(key)) return {};
  std::vector<RowId> hops;
  RowKey at = key;
  for (;;) {
    DS_ASSIGN(const auto next, commit_.duplicates().merged_into(at));
    if (!next) break;
    hops.push_back(*next);
    at.row = *next;
    if (hops.size() > limits::alias_hops_max) {
      return error(ErrorCode::corrupt, "merged rows go in a circle");
    }
  }
  if (!hops.empty()) aliases_.emplace(key, std::move(hops));
  return {};
}

Status AliasedBatch::take(std::span<const IncomingTransaction> transactions) {
  transactions_ = transactions;
  DS_ASSIGN(any_, commit_.duplicates().has_merged_rows());
  if (!any_) return {};
  for (const RowKey& key : rows_named(schema_, transactions)) DS_TRY(look_up(key));
  changed_.assign(transactions.begin(), transactions.end());
  for (IncomingTransaction& transaction : changed_) {
    const Readdressed& done =
        readdressed_.emplace_back(readdress(schema_, aliases_, transaction, commit_.position()));
    transaction.readdressed = done.addressed;
    for (const RedirectedReference& one : done.references) {
      const auto alias = aliases_.find(one.loser);
      if (alias == aliases_.end()) continue;
      transaction.readdressed.insert({one.loser.table, alias->second.back()});
    }
  }
  transactions_ = changed_;
  return {};
}

Status AliasedBatch::resolve(StoredRow& row) {
  if (!any_ || (row.live && row.cells.empty())) return {};
  for (const RowKey& key : rows_named(schema_, row)) DS_TRY(look_up(key));
  // Logged although the row may stay as it is stored: then nothing is found to be moved back.
  return commit_.duplicates().put_references(readdress(schema_, aliases_, row));
}

void AliasedBatch::settle(const RowSet& rows) {
  for (std::size_t i = 0; i < changed_.size(); ++i) {
    settle_readdressed(rows, readdressed_[i], changed_[i]);
  }
}

Status AliasedBatch::finish_one(std::size_t index, const RowSet& rows, MergeResult& result) {
  const Readdressed& one = readdressed_[index];
  Outcome& outcome = result.outcomes[index];
  const bool is_in =
      outcome.kind == Outcome::Kind::accepted || outcome.kind == Outcome::Kind::merged;
  if (!is_in) return {};
  DS_TRY(commit_.duplicates().put_writes(one.writes));
  DS_TRY(commit_.duplicates().put_references(one.references));
  const IncomingTransaction& transaction = changed_[index];
  const CellVersion death{commit_.position(), transaction.id.device, transaction.stamp};
  for (const Readdressed::Delete& gone : one.deletes) {
    outcome.lost.push_back({schema_.table(gone.alias.table).name, gone.alias.row, ""});
    const auto written = std::find_if(result.rows.begin(), result.rows.end(),
                                      [&](const StoredRow& row) { return row.key() == gone.row; });
    if (written != result.rows.end()) {
      // When the survivor is gone as well there is nothing to decide.
      if (!written->live) continue;
      result.conflicts.push_back(overruled_delete(schema_, *written, death, commit_.position()));
      continue;
    }
    std::optional<StoredRow> living;
    if (rows.knows(gone.row)) {
      if (const StoredRow* found = rows.find(gone.row)) living = *found;
    } else {
      DS_ASSIGN(auto fetched, commit_.fetch(gone.row.table, {&gone.row.row, 1}));
      living = std::move(fetched.front());
    }
    if (!living || !living->live) continue;
    result.conflicts.push_back(overruled_delete(schema_, *living, death, commit_.position()));
  }
  if (!outcome.lost.empty()) outcome.kind = Outcome::Kind::merged;
  return {};
}

Status AliasedBatch::finish(const RowSet& rows, MergeResult& result) {
  if (!any_) return {};
  for (std::size_t i = 0; i < changed_.size(); ++i) DS_TRY(finish_one(i, rows, result));
  return {};
}

}  // namespace doorstep
