// One block of a transaction: changes of one table, kind and set of columns. Not thread-safe.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/schema.hpp"
#include "engine/wire/row_columns.hpp"

namespace doorstep {

/// How a block names a column: [name, edit], the name alone for plain values (edit 0), or [name,
/// edit, decision] where the writes settle something. `edit` is the index of CellChange::edit: 1
/// counter, 2 set.
struct BlockColumn {
  std::string_view name;
  std::size_t edit = 0;
  Decision decision = Decision::none;
};
void write_block_column(CborWriter& writer, const BlockColumn& column);
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
