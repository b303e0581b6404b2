#include "client-sdk/src/changes_applier.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/held_scopes.hpp"

namespace doorstep {
namespace {

Value shown_key(const Schema& schema, const ConflictRecord& record) {
  const auto table = schema.find_table(record.table);
  return table ? value_of_key(schema.table(*table), record.row) : Value::blob(record.row.view());
}

}  // namespace

Status ChangesApplier::remove_rows(const RemovalBlock& block, Applied& applied) {
  const auto table = schema_->find_table(block.table);
  if (!table) return {};
  // It moved to a scope that is held too: the whole row stands in the same checkpoint.
  if (block.to && std::binary_search(held_->begin(), held_->end(), *block.to)) return {};
  for (const RowId& row : block.rows) {
    DS_ASSIGN(const bool removed, overlay_->remove_base({*table, row}));
    applied.rows_removed += removed ? 1U : 0U;
    if (!block.to) continue;
    DS_TRY(notes_->row_left({*table, row}));
    if (removed) DS_TRY(notes_->row_moved({*table, row}, block.scope, *block.to));
  }
  return {};
}

Status ChangesApplier::leave_lost_scopes(Applied& applied) {
  DS_ASSIGN(const std::vector<ScopeId> before, held_scopes(*db_));
  std::set<ScopeId> lost;
  std::set_difference(before.begin(), before.end(), held_->begin(), held_->end(),
                      std::inserter(lost, lost.end()));
  DS_TRY(notes_->scopes_are_held(*held_));
  if (lost.empty()) return {};
  DS_ASSIGN(const auto leaving, rows_in_scopes(*db_, *schema_, *overlay_, lost));
  for (const ScopeId& scope : lost) {
    std::uint64_t count = 0;
    if (const auto rows = leaving.find(scope); rows != leaving.end()) {
      for (const RowKey& key : rows->second) {
        DS_ASSIGN(const bool removed, overlay_->remove_base(key));
        count += removed ? 1U : 0U;
        DS_TRY(notes_->row_left(key));
      }
    }
    DS_TRY(notes_->scope_lost(scope, count));
    applied.rows_removed += count;
  }
  return {};
}

Status ChangesApplier::put_rows(const RowBlock& block, Applied& applied) {
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
    for (std::size_t i = 0; i < places.size(); ++i) cells[i] = block.cells[r * width + places[i]];
    const RowKey key{*table_id, block.rows[r]};
    if (block.whole) {
      RowImage image;
      image.values.resize(table.columns.size());
      for (std::size_t i = 0; i < columns.size(); ++i)
        image.values[columns[i].index] = std::move(cells[i]);
      DS_TRY(overlay_->put_base(key, std::move(image)));
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

Status ChangesApplier::put_conflict(const ConflictRecord& record) {
  if (record.withdrawn) {
    DS_ASSIGN(auto remove, db_->prepare("DELETE FROM ds_conflict WHERE id = ?1"));
    remove.bind(1, record.id.view());
    return remove.run();
  }
  DS_ASSIGN(auto put,
            db_->prepare("INSERT OR REPLACE INTO ds_conflict (id, \"table\", \"row\", \"column\","
                         " policy, winner, loser, winner_author, loser_author, winner_time,"
                         " loser_time, order_uncertain, state, position)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"));
  const Value key = shown_key(*schema_, record);
  const std::string winner_author = record.winner.version.author.hex();
  const std::string loser_author = record.loser.version.author.hex();
  const std::string winner_time = to_rfc3339(record.winner.version.stamp.latest());
  const std::string loser_time = to_rfc3339(record.loser.version.stamp.latest());
  put.bind(1, record.id.view());
  put.bind(2, std::string_view(record.table));
  put.bind(3, key);
  put.bind(4, std::string_view(record.column));
  put.bind(5, name_of(record.policy));
  put.bind(6, record.winner.value);
  put.bind(7, record.loser.value);
  put.bind(8, std::string_view(winner_author));
  put.bind(9, std::string_view(loser_author));
  put.bind(10, std::string_view(winner_time));
  put.bind(11, std::string_view(loser_time));
  put.bind(12, std::int64_t{record.order_uncertain ? 1 : 0});
  put.bind(13, name_of(record.state));
  put.bind(14, record.position);
  return put.run();
}

Status ChangesApplier::apply(const Changes& batch, Applied& applied) {
  for (const RemovalBlock& block : batch.removals) DS_TRY(remove_rows(block, applied));
  for (const RowBlock& block : batch.rows) DS_TRY(put_rows(block, applied));
  for (const ConflictRecord& record : batch.conflicts) DS_TRY(put_conflict(record));
  applied.conflicts += batch.conflicts.size();
  return {};
}

}  // namespace doorstep
