#include "engine/wire/row_block_codec.hpp"

#include "engine/wire/parts.hpp"

namespace doorstep {

std::vector<const RowId*> pointers_to(const std::vector<RowId>& rows) {
  std::vector<const RowId*> out;
  out.reserve(rows.size());
  for (const RowId& row : rows) out.push_back(&row);
  return out;
}

void write(CborWriter& writer, const RowBlock& block, DictionaryBudget& budget) {
  DS_ASSERT(block.cells.size() == block.rows.size() * block.columns.size());
  writer.array(5 + block.columns.size());
  writer.text(block.table);
  write(writer, block.scope);
  writer.boolean(block.whole);
  writer.array(block.columns.size());
  for (const std::string& column : block.columns) writer.text(column);
  write_keys(writer, pointers_to(block.rows));
  std::vector<const Value*> values(block.rows.size());
  for (std::size_t column = 0; column < block.columns.size(); ++column) {
    for (std::size_t row = 0; row < block.rows.size(); ++row) {
      values[row] = &block.cells[row * block.columns.size() + column];
    }
    write_column(writer, values, budget);
  }
}

RowBlock read_rows(CborReader& reader, std::size_t& rows_left, DictionaryBudget& budget) {
  RowBlock block;
  const std::size_t elements = reader.array();
  block.table = read_name(reader);
  block.scope = read_scope(reader);
  block.whole = reader.boolean();
  for (std::size_t left = reader.array(limits::column_count_max); left > 0 && reader.ok(); --left) {
    block.columns.push_back(read_name(reader));
  }
  block.rows = read_keys(reader, rows_left);
  if (elements != 5 + block.columns.size())
    reader.fail_malformed("a block with other columns than named");
  std::vector<std::vector<Value>> columns;
  while (columns.size() < block.columns.size() && reader.ok()) {
    columns.push_back(read_column(reader, block.rows.size(), budget));
  }
  if (!reader.ok()) return {};
  rows_left -= block.rows.size();
  block.cells.reserve(block.rows.size() * columns.size());
  for (std::size_t row = 0; row < block.rows.size(); ++row) {
    for (std::vector<Value>& column : columns) block.cells.push_back(std::move(column[row]));
  }
  return block;
}

}  // namespace doorstep
