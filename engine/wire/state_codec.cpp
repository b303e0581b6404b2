// What is stored and not sent: images, cells, outcomes; and conflicts by names.
#include "engine/wire/codec.hpp"
#include "engine/wire/parts.hpp"

namespace doorstep {
namespace {

ColumnId read_column_id(CborReader& reader, const Table& table) {
  const std::string_view name = reader.text();
  if (!reader.ok()) return {};
  const std::optional<ColumnId> column = table.find_column(name);
  if (!column) reader.fail(error(ErrorCode::unknown_column, table.name + "." + std::string(name)));
  return column.value_or(ColumnId{});
}

Value read_value(CborReader& reader, const Column& column) {
  Value value = reader.value();
  if (!reader.ok() || value.is_null()) return value;
  const Result<Value> stored = normalise(column, value);
  if (!stored) {
    reader.fail(stored.error());
  } else if (*stored != value) {
    reader.fail(error(ErrorCode::bad_value, "column " + column.name));
  }
  return value;
}

void write(CborWriter& writer, const Table& table, const CellState& cell) {
  writer.array(cell.decision ? 5 : 4);
  writer.text(table.column(cell.column).name);
  write(writer, cell.changed);
  writer.array(cell.contributions.size());
  for (const Contribution& contribution : cell.contributions) write(writer, contribution);
  writer.array(cell.elements.size());
  for (const ElementMark& mark : cell.elements) {
    writer.array(2);
    writer.text(mark.element);
    write(writer, mark.version);
  }
  if (cell.decision) write(writer, *cell.decision);
}

CellState read_cell(CborReader& reader, const Table& table) {
  CellState cell;
  const std::size_t fields = reader.array(5);
  if (fields < 4) reader.fail_malformed("a cell without all its fields");
  cell.column = read_column_id(reader, table);
  cell.changed = read_position(reader);
  if (!reader.ok()) return cell;
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    Contribution& contribution = cell.contributions.emplace_back();
    reader.array_of(2);
    contribution.value = read_value(reader, table.column(cell.column));
    contribution.version = read_cell_version(reader);
  }
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    ElementMark& mark = cell.elements.emplace_back();
    reader.array_of(2);
    mark.element = reader.text();
    mark.version = read_cell_version(reader);
  }
  if (fields == 5) cell.decision = read_cell_version(reader);
  return cell;
}

}  // namespace

ConflictRecord record_of(const Schema& schema, const Conflict& conflict) {
  const Table& table = schema.table(conflict.key.table);
  ConflictRecord record;
  record.id = conflict.id;
  record.table = table.name;
  record.row = conflict.key.row;
  if (conflict.column) record.column = table.column(*conflict.column).name;
  record.policy = conflict.policy;
  record.winner = conflict.winner;
  record.loser = conflict.loser;
  record.order_uncertain = conflict.order_uncertain;
  record.state = conflict.state;
  record.decision = conflict.decision;
  record.withdrawn = conflict.withdrawn;
  record.position = conflict.position;
  return record;
}

Bytes encode_image(const Table& table, const RowImage& image) {
  DS_ASSERT(image.values.size() == table.columns.size());
  std::size_t present = 0;
  for (const Value& value : image.values) present += value.is_null() ? 0U : 1U;
  CborWriter writer;
  writer.array(2 * present);
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    if (image.values[i].is_null()) continue;
    writer.text(table.columns[i].name);
    writer.value(image.values[i]);
  }
  return writer.take();
}

Result<RowImage> decode_image(const Table& table, ByteView bytes) {
  DS_ASSIGN(CborReader reader, CborReader::open(bytes, limits::message_bytes_max));
  RowImage image;
  image.values.resize(table.columns.size());
  const std::size_t elements = reader.array(2 * limits::column_count_max);
  if (elements % 2 != 0) reader.fail_malformed("a name without its value");
  for (std::size_t left = elements / 2; left > 0 && reader.ok(); --left) {
    const ColumnId column = read_column_id(reader, table);
    if (!reader.ok()) break;
    image.values[column.index] = read_value(reader, table.column(column));
  }
  if (!reader.ok()) return reader.error();
  return image;
}

Bytes encode_cells(const Table& table, const RowExceptions& exceptions) {
  const auto& [cells, decision] = exceptions;
  if (cells.empty() && !decision) return {};
  CborWriter writer;
  writer.array(cells.size() + (decision ? 2 : 0));
  if (decision) {
    writer.null();
    write(writer, *decision);
  }
  for (const CellState& cell : cells) write(writer, table, cell);
  return writer.take();
}

Result<RowExceptions> decode_cells(const Table& table, ByteView bytes) {
  RowExceptions exceptions;
  if (bytes.empty()) return exceptions;
  DS_ASSIGN(CborReader reader, CborReader::open(bytes, limits::message_bytes_max));
  std::size_t left = reader.array(limits::column_count_max + 2);
  if (left >= 2 && reader.take_null()) {
    exceptions.decision = read_cell_version(reader);
    left -= 2;
  }
  for (; left > 0 && reader.ok(); --left) exceptions.cells.push_back(read_cell(reader, table));
  if (!reader.ok()) return reader.error();
  return exceptions;
}

Bytes encode_outcome(const Outcome& outcome) {
  CborWriter writer;
  write(writer, outcome);
  return writer.take();
}

Result<Outcome> decode_outcome(ByteView bytes) {
  DS_ASSIGN(CborReader reader, CborReader::open(bytes, limits::message_bytes_max));
  Outcome outcome = read_outcome(reader);
  if (!reader.ok()) return reader.error();
  return outcome;
}

}  // namespace doorstep
