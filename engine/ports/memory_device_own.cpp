// Own inserts that a hub does not send back, on a replica of plain maps (SEMANTICS A6).
#include <set>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/ports/memory_device_store.hpp"

namespace doorstep {
namespace {

std::set<RowKey> named_in(const Schema& schema, std::span<const Changes> batches) {
  std::set<RowKey> named;
  const auto name = [&](std::string_view table_name, const std::vector<RowId>& rows) {
    const auto table = schema.find_table(table_name);
    if (!table) return;
    for (const RowId& row : rows) named.insert({*table, row});
  };
  for (const Changes& batch : batches) {
    for (const RowBlock& block : batch.rows) name(block.table, block.rows);
    for (const RemovalBlock& block : batch.removals) name(block.table, block.rows);
  }
  return named;
}

}  // namespace

ScopeId MemoryDeviceStore::scope_of(const RowKey& key, const RowImage& image, const BaseRows& rows,
                                    std::size_t depth) const {
  const Table& table = schema_->table(key.table);
  if (table.scope.kind == ScopeRule::Kind::key) return ScopeId{std::string(key.row.text())};
  const Value& value = image.values[table.scope.column.index];
  if (table.scope.kind == ScopeRule::Kind::column)
    return value.is_null() ? ScopeId{} : ScopeId{std::string(value.as_text())};
  const auto& target = table.column(table.scope.column).references;
  if (!target || depth >= limits::via_depth_max) return {};
  const auto parent = key_of(schema_->table(*target), value);
  const auto found = parent ? rows.find({*target, *parent}) : rows.end();
  return found == rows.end() ? ScopeId{}
                             : scope_of(found->first, found->second.image, rows, depth + 1);
}

// False when they are not those that the hub left out.
bool MemoryDeviceStore::take_own(std::span<const Changes> batches, Sequence through,
                                 BaseRows& rows) const {
  const std::set<RowKey> named = named_in(*schema_, batches);
  std::vector<RowKey> taken;
  for (const RowKey& key : unconfirmed_rows()) {
    if (named.contains(key)) continue;
    std::vector<const RowChange*> changes;
    for (const ObservedChange& one : unconfirmed(key, included_, through))
      changes.push_back(one.change);
    const auto held = rows.find(key);
    const Table& table = schema_->table(key.table);
    auto image = own_insert(
        table, held == rows.end() ? std::nullopt : std::optional(held->second.image), changes);
    if (!image) continue;
    rows[key] = BaseRow{ScopeId{}, *std::move(image)};
    taken.push_back(key);
  }
  for (const RowKey& key : taken) {
    BaseRow& row = rows[key];
    row.scope = scope_of(key, row.image, rows, 0);
  }
  LeftOut here;
  for (const RowKey& key : taken) here.add(key.row);
  return here == batches.back().own_left_out;
}

}  // namespace doorstep
