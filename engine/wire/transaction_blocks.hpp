// One block of a transaction: changes of one table, kind and set of columns. Not thread-safe.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/schema.hpp"
#include "engine/wire/row_columns.hpp"

namespace doorstep {

/// What a block says of a column. `edit` is the index of CellChange::edit: 1 counter, 2 set.
struct BlockColumn {
  ColumnId column;
  std::size_t edit = 0;
  Decision decision = Decision::none;
};
/// By number, and what names have these numbers (names_check): a number whose bits are the columns,
/// when all hold plain values that settle nothing, else one by one.
void write_block_columns(CborWriter& writer, const Table& table,
                         std::span<const BlockColumn> columns);
/// In place of the number of an insert: a NULL in this block says nothing of its column.
inline constexpr std::uint64_t sparse_insert = 3;
/// How a block names what it does: the number alone, or [kind, decision].
void write_block_kind(CborWriter& writer, RowChange::Kind kind, Decision decision);
void write_set_edit(CborWriter& writer, const SetEdit& edit);

[[nodiscard]] inline std::vector<const Value*> pointers_to(std::span<const Value> values) {
  std::vector<const Value*> out;
  out.reserve(values.size());
  for (const Value& value : values) out.push_back(&value);
  return out;
}

/// Reads blocks against a schema and checks every name, key and value. Errors stand in the reader.
class BlockReader {
 public:
  BlockReader(const Schema& schema, CborReader& reader) : schema_(schema), reader_(reader) {}
  /// Appends the block's changes.
  void read(std::vector<RowChange>& changes);

 private:
  struct Block;

  void read_kind(Block& block);
  void read_columns(Block& block);
  void read_column_bits(Block& block);
  void read_column_list(Block& block);
  /// False: there is no such column, or it was there already.
  [[nodiscard]] bool add_column(Block& block, std::uint64_t place);
  void check_columns(const Block& block);
  void fill_rows(const Block& block);
  void read_edits(const Block& block);
  void read_values(const Block& block, std::size_t cell);
  void read_amounts(const Block& block, std::size_t cell);
  void read_set_edits(const Block& block, std::size_t cell);
  void read_cell_observed(const Block& block);
  [[nodiscard]] std::vector<std::optional<Position>> read_observed(std::size_t count);
  [[nodiscard]] Decision read_decision();
  [[nodiscard]] SetElements read_elements();

  const Schema& schema_;
  CborReader& reader_;
  DictionaryBudget budget_;
  std::size_t changes_left_ = limits::transaction_changes_max;
  std::size_t cells_left_ = limits::transaction_cells_max;
};

}  // namespace doorstep
