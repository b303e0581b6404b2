#include "engine/ports/meant_rows.hpp"

#include <utility>

#include "engine/core/limits.hpp"
#include "engine/core/merge_batch.hpp"

namespace doorstep {
namespace {

const Value* value_of(const Table& table, const RowImage& image) {
  const bool hangs = table.scope.kind == ScopeRule::Kind::via;
  return hangs ? &image.values[table.scope.column.index] : nullptr;
}

/// The row and what it hangs on, upwards to where it is known already.
Status keep(const Schema& schema, RowKey key, const HeldRow& held, HeldRows& rows) {
  for (std::size_t depth = 0; depth <= limits::via_depth_max && !rows.contains(key); ++depth) {
    DS_ASSIGN(auto image, held(key));
    if (!image) return {};
    const Table& table = schema.table(key.table);
    const RowImage& kept = rows.emplace(key, *std::move(image)).first->second;
    const Value* above = value_of(table, kept);
    const auto parent = above != nullptr ? parent_named(schema, table, *above) : std::nullopt;
    if (!parent) return {};
    key = *parent;
  }
  return {};
}

}  // namespace

Result<HeldRows> meant_rows(const Schema& schema, const Transaction& transaction,
                            const HeldRow& held) {
  HeldRows rows;
  for (const RowChange& change : transaction.changes) {
    const Table& table = schema.table(change.table);
    if (change.kind != RowChange::Kind::insert) {
      DS_TRY(keep(schema, {change.table, change.row}, held, rows));
    }
    if (table.scope.kind != ScopeRule::Kind::via) continue;
    for (const CellChange& cell : change.cells) {
      const auto* value = std::get_if<Value>(&cell.edit);
      if (cell.column != table.scope.column || value == nullptr) continue;
      if (const auto parent = parent_named(schema, table, *value)) {
        DS_TRY(keep(schema, *parent, held, rows));
      }
    }
  }
  return rows;
}

}  // namespace doorstep
