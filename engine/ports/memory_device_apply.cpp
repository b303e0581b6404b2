// What a checkpoint does to a replica on plain maps.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "engine/core/digest.hpp"
#include "engine/ports/held_digests.hpp"
#include "engine/ports/memory_device_store.hpp"

namespace doorstep {
Status MemoryDeviceStore::apply_block(const RowBlock& block, BaseRows& rows,
                                      Applied& applied) const {
  const auto table_id = schema_->find_table(block.table);
  if (!table_id) return {};
  const Table& table = schema_->table(*table_id);
  const std::size_t width = block.columns.size();
  if (block.cells.size() != block.rows.size() * width) {
    return error(ErrorCode::malformed, "cells of " + block.table);
  }
  for (std::size_t r = 0; r < block.rows.size(); ++r) {
    const RowKey key{*table_id, block.rows[r]};
    // A row that is not here cannot be completed from some of its columns; the digest will tell.
    if (!block.whole && !rows.contains(key)) continue;
    BaseRow& row = rows[key];
    if (block.whole) row.image.values.assign(table.columns.size(), Value::null());
    row.scope = block.scope;
    for (std::size_t i = 0; i < width; ++i) {
      const auto column = table.find_column(block.columns[i]);
      if (column) row.image.values[column->index] = block.cells[r * width + i];
    }
    ++applied.rows_written;
  }
  return {};
}

Status MemoryDeviceStore::apply_batch(const Changes& batch, const std::vector<ScopeId>& held,
                                      BaseRows& rows, Applied& applied) const {
  for (const RemovalBlock& block : batch.removals) {
    const auto table_id = schema_->find_table(block.table);
    if (!table_id) continue;
    // It moved to a scope that this device holds too: its row stands in the same checkpoint.
    if (block.to && std::binary_search(held.begin(), held.end(), *block.to)) continue;
    for (const RowId& row : block.rows) applied.rows_removed += rows.erase({*table_id, row});
  }
  for (const RowBlock& block : batch.rows) DS_TRY(apply_block(block, rows, applied));
  applied.conflicts += batch.conflicts.size();
  return {};
}

// What a row that leaves had met leaves with it.
void MemoryDeviceStore::forget_conflicts(std::string_view table, const RowId& row) {
  std::erase_if(conflicts_, [&](const auto& held) {
    return held.second.table == table && held.second.row == row;
  });
}

void MemoryDeviceStore::apply_conflicts(const Changes& batch, const std::vector<ScopeId>& held) {
  for (const RemovalBlock& block : batch.removals) {
    if (!block.to || std::binary_search(held.begin(), held.end(), *block.to)) continue;
    for (const RowId& row : block.rows) forget_conflicts(block.table, row);
  }
  for (const ConflictRecord& record : batch.conflicts) {
    if (record.withdrawn) {
      conflicts_.erase(record.id);
    } else {
      conflicts_[record.id] = record;
    }
  }
}

void MemoryDeviceStore::leave_lost_scopes(const std::vector<ScopeId>& held, BaseRows& rows,
                                          Applied& applied) {
  std::vector<ScopeId> lost;
  std::set_difference(held_.begin(), held_.end(), held.begin(), held.end(),
                      std::back_inserter(lost));
  for (auto row = rows.begin(); row != rows.end();) {
    if (!std::binary_search(lost.begin(), lost.end(), row->second.scope)) {
      ++row;
      continue;
    }
    forget_conflicts(schema_->table(row->first.table).name, row->first.row);
    row = rows.erase(row);
    ++applied.rows_removed;
  }
}

// A row that is gone from the base while it has unconfirmed own writes stays shown from its last
// copy: the one from before this checkpoint plus the own writes that the checkpoint confirms
// (SEMANTICS B2, C1).
void MemoryDeviceStore::keep_last_copies(const BaseRows& after, Sequence included) {
  for (const RowKey& key : unconfirmed_rows()) {
    const bool writes_left = !unconfirmed(key, included, newest).empty();
    if (after.contains(key) || !writes_left) {
      last_copies_.erase(key);
      continue;
    }
    const auto old = last_copies_.find(key);
    const Position seen = old == last_copies_.end() ? cursor_ : old->second.cursor;
    // What has just come for other rows will never come for this one.
    std::vector<NewColumn> unseen = new_columns_;
    if (old != last_copies_.end()) {
      unseen.insert(unseen.end(), old->second.unseen.begin(), old->second.unseen.end());
    }
    if (auto copy = folded(key, included)) {
      last_copies_[key] = {std::move(*copy), seen, std::move(unseen)};
    } else {
      last_copies_.erase(key);
    }
  }
}

Result<Applied> MemoryDeviceStore::apply(Changes changes) {
  if (changes.from != cursor_ || !changes.checkpoint) {
    return error(ErrorCode::unexpected_message, "a checkpoint that does not continue the cursor");
  }
  const Checkpoint& checkpoint = *changes.checkpoint;
  // Of a copy the hub counts what the other one wrote; all that is durable of this one is in it.
  const Sequence confirmed = successor_ ? acknowledged_ : here(checkpoint.included);
  if (confirmed > last()) {
    return error(ErrorCode::device_forked, "the hub has a transaction that was not written here");
  }
  DS_ASSIGN(auto digests, all_digests(digests_, checkpoint));
  std::vector<ScopeId> held;
  for (const auto& one : digests) held.push_back(one.scope);
  std::sort(held.begin(), held.end());
  Applied applied;
  BaseRows rows = base_;
  std::vector<Changes> batches;
  if (!changes.refill) batches = staged_;
  batches.push_back(changes);
  for (const Changes& batch : batches) DS_TRY(apply_batch(batch, held, rows, applied));
  drop_unnamed(batches, rows, applied);
  if (changes.own_left_out.rows > 0) {
    Applied refused;
    refused.own_needed = true;
    if (!take_own(batches, confirmed, rows)) return refused;
    refused.differing = differing_scopes(rows, digests);
    if (!refused.differing.empty()) return refused;
  }
  if (applied.reconciled && recovery_ == Recovery::restored) set_aside(rows);
  if (batches.front().refill && batches.front().refill->conflicts) conflicts_.clear();
  for (const Changes& batch : batches) apply_conflicts(batch, held);
  staged_.clear();
  leave_lost_scopes(held, rows, applied);
  held_ = expected_ = std::move(held);
  view_ = schema_->fingerprint();
  const Sequence included = std::max(included_, confirmed);
  keep_last_copies(rows, included);
  new_columns_.clear();
  base_ = std::move(rows);
  const Sequence included_before = std::exchange(included_, included);
  acknowledged_ = std::max(acknowledged_, included);
  cursor_ = checkpoint.position;
  token_ = checkpoint.token;
  if (applied.reconciled) recovery_ = Recovery::none;
  if (applied.reconciled) healed_.tables = applied.healed;
  for (const TableDifference& table : applied.healed) healed_.total += table.count();
  keep_included(included_before, checkpoint);
  applied.differing = differing_scopes(base_, digests);
  digests_ = std::move(digests);
  differs_ = !applied.differing.empty();
  return applied;
}

// After a refill: what is here in its buckets and was not named in this pull goes.
void MemoryDeviceStore::drop_unnamed(std::span<const Changes> batches, BaseRows& rows,
                                     Applied& applied) const {
  if (!batches.front().refill) return;
  const RefillCover cover(*schema_, *batches.front().refill);
  std::set<RowKey> named;
  for (const Changes& batch : batches) {
    for (const RowBlock& block : batch.rows) {
      const auto table = schema_->find_table(block.table);
      if (!table || !block.whole) continue;
      for (const RowId& row : block.rows) named.insert({*table, row});
    }
  }
  applied.rows_removed += std::erase_if(rows, [&](const auto& entry) {
    return cover.covers(entry.first) && !named.contains(entry.first);
  });
  applied.reconciled = true;
  note_differences(rows, applied);
}

void MemoryDeviceStore::note_differences(const BaseRows& after, Applied& applied) const {
  for (std::size_t i = 0; i < schema_->tables().size(); ++i) {
    const TableId table{static_cast<std::uint16_t>(i)};
    TableDifference difference{schema_->tables()[i].name, 0, 0, 0};
    for (const auto& [key, row] : after) {
      if (key.table != table) continue;
      const auto before = base_.find(key);
      if (before == base_.end()) {
        difference.add(key.row, RowDifference::Kind::missing);
      } else if (before->second.image != row.image) {
        difference.add(key.row, RowDifference::Kind::changed,
                       columns_differing(schema_->table(table), before->second.image, row.image));
      }
    }
    for (const auto& [key, row] : base_) {
      if (key.table != table || after.contains(key)) continue;
      difference.add(key.row, RowDifference::Kind::surplus);
    }
    std::sort(difference.rows.begin(), difference.rows.end(),
              [](const RowDifference& a, const RowDifference& b) { return a.row < b.row; });
    if (difference.count() > 0) {
      applied.healed.push_back(std::move(difference));
    }
  }
}

std::vector<ScopeId> MemoryDeviceStore::differing_scopes(
    const BaseRows& rows, const std::vector<Checkpoint::ScopeDigest>& digests) const {
  std::set<ScopeId> spoken_for;
  std::vector<ScopeId> differing;
  for (const auto& one : digests) {
    spoken_for.insert(one.scope);
    if (digest_in(rows, one.scope) != one.digest) differing.push_back(one.scope);
  }
  std::set<ScopeId> others;
  for (const auto& [key, base_row] : rows) {
    if (!spoken_for.contains(base_row.scope)) others.insert(base_row.scope);
  }
  std::copy_if(others.begin(), others.end(), std::back_inserter(differing),
               [&](const ScopeId& scope) { return digest_in(rows, scope) != Digest{}; });
  return differing;
}

}  // namespace doorstep
