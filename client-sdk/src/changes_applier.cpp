#include "client-sdk/src/changes_applier.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/conflict_records.hpp"
#include "client-sdk/src/held_scopes.hpp"
#include "engine/core/defect.hpp"

namespace doorstep {

Status ChangesApplier::remove_rows(const RemovalBlock& block, Applied& applied) {
  const auto table = schema_->find_table(block.table);
  if (!table) return {};
  // It moved to a scope that is held too: the whole row stands in the same checkpoint.
  const bool stays_in_sight =
      block.to && std::binary_search(held_->begin(), held_->end(), *block.to);
  if (stays_in_sight && !DS_DEFECT("departure_not_looked_at")) return {};
  for (const RowId& row : block.rows) {
    DS_ASSIGN(const bool removed, overlay_->remove_base({*table, row}));
    applied.rows_removed += removed ? 1U : 0U;
    if (!block.to) continue;
    DS_TRY(notes_->row_left({*table, row}));
    if (removed) DS_TRY(notes_->row_moved({*table, row}, block.scope, *block.to));
  }
  return {};
}

// A resident may have died unheard of in a scope that is lost, and her family have moved to one
// that stays: judged after the move she would stand there for ever.
Status ChangesApplier::begin_leaving() {
  DS_ASSIGN(const std::vector<ScopeId> before, held_scopes(*db_));
  std::set_difference(before.begin(), before.end(), held_->begin(), held_->end(),
                      std::inserter(lost_, lost_.end()));
  return find_leaving();
}

Status ChangesApplier::find_leaving() {
  if (lost_.empty()) return {};
  DS_ASSIGN(leaving_, rows_in_scopes(*db_, *schema_, *overlay_, lost_));
  return {};
}

void ChangesApplier::stays(const RowKey& key) {
  for (auto& [scope, rows] : leaving_) rows.erase(key);
}

Status ChangesApplier::leave_lost_scopes(Applied& applied) {
  DS_TRY(notes_->scopes_are_held(*held_));
  if (DS_DEFECT("lost_scope_stays")) return {};
  if (refilling_) DS_TRY(find_leaving());
  for (const ScopeId& scope : lost_) {
    std::uint64_t count = 0;
    for (const RowKey& key : leaving_[scope]) {
      DS_ASSIGN(const bool removed, overlay_->remove_base(key));
      count += removed ? 1U : 0U;
      DS_TRY(notes_->row_left(key));
    }
    DS_TRY(notes_->scope_lost(scope, count));
    applied.rows_removed += count;
  }
  return {};
}

Status ChangesApplier::put_rows(RowBlock block, const std::vector<Digest>& digests,
                                Applied& applied) {
  const auto table_id = schema_->find_table(block.table);
  if (!table_id) return {};
  const Table& table = schema_->table(*table_id);
  const std::size_t width = block.columns.size();
  if (block.cells.size() != block.rows.size() * width) {
    return error(ErrorCode::malformed, "cells of " + block.table);
  }
  std::vector<ColumnId> columns;
  std::vector<std::size_t> places;  // in a row of the block
  for (std::size_t i = 0; i < width; ++i) {
    const auto column = table.find_column(block.columns[i]);
    if (!column) continue;
    columns.push_back(*column);
    places.push_back(i);
  }
  std::vector<Value> cells(columns.size());
  for (std::size_t r = 0; r < block.rows.size(); ++r) {
    for (std::size_t i = 0; i < places.size(); ++i)
      cells[i] = std::move(block.cells[r * width + places[i]]);
    const RowKey key{*table_id, block.rows[r]};
    if (block.whole && DS_DEFECT("whole_row_keeps_old")) {
      DS_ASSIGN(const bool known, overlay_->update_base(key, columns, cells));
      stays(key);
      if (known) continue;
    }
    if (block.whole) {
      RowImage image;
      image.values.resize(table.columns.size());
      for (std::size_t i = 0; i < columns.size(); ++i)
        image.values[columns[i].index] = std::move(cells[i]);
      DS_ASSIGN(auto differed, columns_here(key, image));
      DS_ASSIGN(const bool changed,
                overlay_->put_base(key, std::move(image), digests.empty() ? nullptr : &digests[r]));
      if (refilling_) note_named(key, changed, std::move(differed));
      stays(key);
      DS_TRY(notes_->row_is_here(key));
    } else {
      // A row that is not here cannot be completed from some of its columns; the digest will tell.
      DS_ASSIGN(const bool known, overlay_->update_base(key, columns, cells));
      if (!known) continue;
    }
    ++applied.rows_written;
  }
  return {};
}

// Of a reconcile: in which columns the row here is another.
Result<std::vector<std::string>> ChangesApplier::columns_here(const RowKey& key,
                                                              const RowImage& image) {
  if (!refilling_) return std::vector<std::string>();
  DS_ASSIGN(const auto before, overlay_->base(key));
  if (!before) return std::vector<std::string>();
  return columns_differing(schema_->table(key.table), *before, image);
}

void ChangesApplier::note_named(const RowKey& key, bool changed, std::vector<std::string> columns) {
  unnamed_.erase(key);
  if (!changed) return;
  TableDifference& difference = differences_[key.table];
  // Named twice: the second time it is what the first one put there.
  using Kind = RowDifference::Kind;
  const bool missing = here_.insert(key).second;
  if (missing) columns.clear();
  difference.add(key.row, missing ? Kind::missing : Kind::changed, std::move(columns));
}

Status ChangesApplier::begin_refill(const Refill& refill) {
  refilling_ = true;
  if (refill.conflicts) DS_TRY(db_->run("DELETE FROM ds_conflict"));
  DS_ASSIGN(here_, rows_in_buckets(*db_, *schema_, RefillCover(*schema_, refill)));
  unnamed_ = here_;
  return {};
}

Status ChangesApplier::end_refill(Applied& applied) {
  applied.reconciled = true;
  for (const RowKey& key : unnamed_) {
    DS_ASSIGN(const bool removed, overlay_->remove_base(key));
    if (!removed) continue;  // the feed had taken it away
    ++applied.rows_removed;
    differences_[key.table].add(key.row, RowDifference::Kind::surplus);
  }
  for (auto& [table, difference] : differences_) {
    difference.table = schema_->table(table).name;
    std::stable_sort(difference.rows.begin(), difference.rows.end(),
                     [](const RowDifference& a, const RowDifference& b) { return a.row < b.row; });
    applied.healed.push_back(std::move(difference));
  }
  return {};
}

Status ChangesApplier::apply(ReadyBatch ready, Applied& applied) {
  Changes& batch = ready.changes;
  ready.digests.resize(batch.rows.size());
  for (const RemovalBlock& block : batch.removals) DS_TRY(remove_rows(block, applied));
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    DS_TRY(put_rows(std::move(batch.rows[i]), ready.digests[i], applied));
  }
  for (const ConflictRecord& record : batch.conflicts) DS_TRY(put_conflict(*db_, *schema_, record));
  applied.conflicts += batch.conflicts.size();
  return {};
}

}  // namespace doorstep
