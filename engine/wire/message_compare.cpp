// Compare and Compared, Healed and HealNoted.
#include "engine/wire/message_codec.hpp"
#include "engine/wire/parts.hpp"
#include "engine/wire/refill_codec.hpp"
#include "engine/wire/row_block_codec.hpp"

namespace doorstep {
namespace {

constexpr std::uint64_t kinds_max = 2;  // of RowDifference::Kind and Compare::Step

void write(CborWriter& writer, const std::vector<RowBlock>& blocks, DictionaryBudget& budget) {
  writer.array(blocks.size());
  for (const RowBlock& block : blocks) write(writer, block, budget);
}

std::vector<RowBlock> read_blocks(CborReader& reader, DictionaryBudget& budget) {
  std::size_t rows_left = limits::compared_rows_max;
  std::vector<RowBlock> blocks;
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    blocks.push_back(read_rows(reader, rows_left, budget));
  }
  return blocks;
}

void write(CborWriter& writer, const TableDifference& table) {
  writer.array(5);
  writer.text(table.table);
  writer.number(table.missing);
  writer.number(table.surplus);
  writer.number(table.changed);
  writer.array(table.rows.size());
  for (const RowDifference& row : table.rows) {
    writer.array(3);
    write(writer, row.row);
    writer.number(static_cast<std::uint64_t>(row.kind));
    writer.array(row.columns.size());
    for (const std::string& column : row.columns) writer.text(column);
  }
}

RowDifference read_row_difference(CborReader& reader) {
  RowDifference row;
  reader.array_of(3);
  row.row = read_row_id(reader);
  row.kind = static_cast<RowDifference::Kind>(reader.number(kinds_max));
  for (std::size_t left = reader.array(limits::column_count_max); left > 0 && reader.ok(); --left) {
    row.columns.push_back(read_name(reader));
  }
  return row;
}

TableDifference read_difference(CborReader& reader) {
  TableDifference table;
  reader.array_of(5);
  table.table = read_name(reader);
  table.missing = reader.number();
  table.surplus = reader.number();
  table.changed = reader.number();
  for (std::size_t left = reader.array(limits::healed_rows_max); left > 0 && reader.ok(); --left) {
    table.rows.push_back(read_row_difference(reader));
  }
  return table;
}

}  // namespace

void write_fields(CborWriter& writer, const Compare& message) {
  writer.number(message.number);
  writer.number(static_cast<std::uint64_t>(message.step));
  writer.array(message.tables.size());
  for (const BucketRows& table : message.tables) write(writer, table);
}

void read_fields(CborReader& reader, Compare& message) {
  std::size_t rows_left = limits::compared_hub_rows_max;
  message.number = reader.number();
  message.step = static_cast<Compare::Step>(reader.number(kinds_max));
  for (std::size_t left = reader.array(limits::table_count_max); left > 0 && reader.ok(); --left) {
    message.tables.push_back(read_bucket_rows(reader, rows_left));
  }
}

void write_fields(CborWriter& writer, const Compared& message) {
  DictionaryBudget budget;
  writer.number(message.number);
  write(writer, message.cursor);
  if (message.sums) {
    write(writer, *message.sums);
  } else {
    writer.null();
  }
  writer.number(message.pending);
  write(writer, message.rows, budget);
  write(writer, message.shown, budget);
  writer.number(message.left_out);
}

void read_fields(CborReader& reader, Compared& message) {
  DictionaryBudget budget;
  message.number = reader.number();
  message.cursor = read_position(reader);
  if (!reader.take_null()) message.sums = read_sums(reader);
  message.pending = reader.number();
  message.rows = read_blocks(reader, budget);
  message.shown = read_blocks(reader, budget);
  message.left_out = reader.number();
}

// A total is kept in 63 bits.
void write_fields(CborWriter& writer, const Healed& message) {
  write(writer, Sequence{message.total});
  writer.array(message.tables.size());
  for (const TableDifference& table : message.tables) write(writer, table);
}

void read_fields(CborReader& reader, Healed& message) {
  message.total = read_sequence(reader).value;
  for (std::size_t left = reader.array(limits::table_count_max); left > 0 && reader.ok(); --left) {
    message.tables.push_back(read_difference(reader));
  }
}

void write_fields(CborWriter& writer, const HealNoted& message) {
  write(writer, Sequence{message.total});
}

void read_fields(CborReader& reader, HealNoted& message) {
  message.total = read_sequence(reader).value;
}

}  // namespace doorstep
