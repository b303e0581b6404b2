// What is stored and not sent: images, cells, outcomes; and conflicts by names.
#include "engine/core/group.hpp"
#include "engine/core/stored_form.hpp"
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
  if (!reader.ok() || value.is_null() || is_stored_form(column, value)) return value;
  const Result<Value> stored = normalise(column, value);
  if (!stored) {
    reader.fail(stored.error());
  } else if (*stored != value) {
    reader.fail(error(ErrorCode::bad_value, "column " + column.name));
  }
  return value;
}

// What stands in a cell: of a group, whose first column it is, a whole tuple.
Value read_standing(CborReader& reader, const Table& table, ColumnId column) {
  if (table.column(column).group.empty()) return read_value(reader, table.column(column));
  Value value = reader.value();
  if (reader.ok() && !values_of_cell(table, cell_columns(table, column), value)) {
    reader.fail(error(ErrorCode::bad_value, "column " + table.column(column).name));
  }
  return value;
}

void write(CborWriter& writer, const std::optional<CellVersion>& version) {
  if (version) {
    write(writer, *version);
  } else {
    writer.null();
  }
}

std::optional<CellVersion> read_version_or_null(CborReader& reader) {
  if (reader.take_null()) return std::nullopt;
  return read_cell_version(reader);
}

void write(CborWriter& writer, const Table& table, const CellState& cell) {
  writer.array(5);
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
  write(writer, cell.decision);
}

CellState read_cell(CborReader& reader, const Table& table) {
  CellState cell;
  reader.array_of(5);
  cell.column = read_column_id(reader, table);
  cell.changed = read_position(reader);
  if (!reader.ok()) return cell;
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    Contribution& contribution = cell.contributions.emplace_back();
    reader.array_of(2);
    contribution.value = read_standing(reader, table, cell.column);
    contribution.version = read_cell_version(reader);
  }
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    ElementMark& mark = cell.elements.emplace_back();
    reader.array_of(2);
    mark.element = reader.text();
    mark.version = read_cell_version(reader);
  }
  cell.decision = read_version_or_null(reader);
  return cell;
}

// The parts of the blob in their order; those after the last that a row has are left out.
enum class Part : std::uint8_t { cells, decision, overruled, taken_along, merged_into };

std::size_t parts_of(const StoredRow& row) {
  const auto through = [](Part part) { return static_cast<std::size_t>(part) + 1; };
  if (row.merged_into) return through(Part::merged_into);
  if (!row.taken_along.empty()) return through(Part::taken_along);
  if (!row.overruled.empty()) return through(Part::overruled);
  if (row.decision) return through(Part::decision);
  return row.cells.empty() ? 0 : through(Part::cells);
}

void write_part(CborWriter& writer, const Schema& schema, const StoredRow& row, Part part) {
  switch (part) {
    case Part::cells:
      writer.array(row.cells.size());
      for (const CellState& cell : row.cells) write(writer, schema.table(row.table), cell);
      break;
    case Part::decision:
      write(writer, row.decision);
      break;
    case Part::overruled:
      writer.array(row.overruled.size());
      for (const CellVersion& version : row.overruled) write(writer, version);
      break;
    case Part::taken_along:
      writer.array(row.taken_along.size());
      for (const RowKey& key : row.taken_along) {
        writer.array(2);
        writer.text(schema.table(key.table).name);
        write(writer, key.row);
      }
      break;
    case Part::merged_into:
      write(writer, *row.merged_into);
      break;
  }
}

RowKey read_row_key(CborReader& reader, const Schema& schema) {
  reader.array_of(2);
  const std::string name = read_name(reader);
  const RowId row = read_row_id(reader);
  const std::optional<TableId> table = schema.find_table(name);
  if (reader.ok() && !table) reader.fail(error(ErrorCode::unknown_table, name));
  return {table.value_or(TableId{}), row};
}

void read_part(CborReader& reader, const Schema& schema, StoredRow& row, Part part) {
  switch (part) {
    case Part::cells:
      for (std::size_t left = reader.array(limits::column_count_max); left > 0 && reader.ok();
           --left) {
        row.cells.push_back(read_cell(reader, schema.table(row.table)));
      }
      break;
    case Part::decision:
      row.decision = read_version_or_null(reader);
      break;
    case Part::overruled:
      for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left)
        row.overruled.push_back(read_cell_version(reader));
      break;
    case Part::taken_along:
      for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left)
        row.taken_along.push_back(read_row_key(reader, schema));
      break;
    case Part::merged_into:
      row.merged_into = read_row_id(reader);
      break;
  }
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

Bytes encode_exceptions(const Schema& schema, const StoredRow& row) {
  const std::size_t parts = parts_of(row);
  if (parts == 0) return {};
  CborWriter writer;
  writer.array(parts);
  for (std::size_t i = 0; i < parts; ++i) write_part(writer, schema, row, static_cast<Part>(i));
  return writer.take();
}

Status decode_exceptions(const Schema& schema, ByteView bytes, StoredRow& row) {
  if (bytes.empty()) return {};
  DS_ASSIGN(CborReader reader, CborReader::open(bytes, limits::message_bytes_max));
  const std::size_t parts = reader.array(static_cast<std::size_t>(Part::merged_into) + 1);
  for (std::size_t i = 0; i < parts && reader.ok(); ++i)
    read_part(reader, schema, row, static_cast<Part>(i));
  if (!reader.ok()) return reader.error();
  return {};
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
