#include "engine/wire/transaction_blocks.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>

#include "engine/core/policy.hpp"
#include "engine/core/stored_form.hpp"

namespace doorstep {
namespace {

constexpr std::size_t value_edit = 0;
constexpr std::size_t counter_edit = 1;
constexpr std::size_t set_edit = 2;
constexpr std::size_t bits_max = 63;  // columns that a number's bits can name

/// Would key_of() take it?
bool is_key(const Table& table, const RowId& row) {
  if (table.key_type == ColumnType::uuid) return row.view().size() == 16;
  return !row.empty() && is_valid_text(row.text());
}

std::size_t edit_of(MergePolicy policy) {
  switch (rules_of(policy).shape) {
    case PolicyRules::Shape::sum:
      return counter_edit;
    case PolicyRules::Shape::elements:
      return set_edit;
    case PolicyRules::Shape::assignments:
      break;
  }
  return value_edit;
}

/// Text that a reader gives was found well-formed when the body was opened, so it is not looked
/// through again.
bool is_stored_as_read(const Column& column, const Value& value) {
  const bool text = column.type == ColumnType::text && edit_of(column.policy) == value_edit &&
                    value.kind() == Value::Kind::text;
  return text ? value.payload_size() <= limits::value_bytes_max : is_stored_form(column, value);
}

/// FNV-1a over the names that a block's numbers stand for. Numbers never change in a schema that
/// grows (difference_of), but a device may have grown where its hub, set back to a backup, grew
/// otherwise since: its work then waits (hub_too_old) and does not land in another column. Names
/// instead of numbers took 118 of the 530 bytes of a visit alone in its transaction.
std::uint32_t names_check(const Table& table, std::span<const ColumnId> columns) {
  constexpr std::uint32_t begin = 2'166'136'261U;
  constexpr std::uint32_t prime = 16'777'619U;
  std::uint32_t sum = begin;
  const auto add = [&](std::string_view name) {
    for (const char c : name) sum = (sum ^ static_cast<std::uint8_t>(c)) * prime;
    sum *= prime;  // a zero byte ends each
  };
  add(table.name);
  for (const ColumnId column : columns) add(table.column(column).name);
  return sum;
}

bool is_set_in_order(const SetElements& elements) {
  return std::ranges::adjacent_find(elements, std::greater_equal<>{}) == elements.end();
}

bool is_set_edit(const SetEdit& edit) {
  SetElements both;
  std::ranges::set_intersection(edit.adds, edit.removes, std::back_inserter(both));
  return is_set_in_order(edit.adds) && is_set_in_order(edit.removes) && both.empty();
}

}  // namespace

void write_block_columns(CborWriter& writer, const Table& table,
                         std::span<const BlockColumn> columns) {
  std::vector<ColumnId> numbers;
  numbers.reserve(columns.size());
  for (const BlockColumn& column : columns) numbers.push_back(column.column);
  const bool plain = std::ranges::all_of(columns, [](const BlockColumn& column) {
    return column.edit == value_edit && column.decision == Decision::none &&
           column.column.index < bits_max;
  });
  if (plain && std::ranges::is_sorted(numbers)) {
    std::uint64_t bits = 0;
    for (const ColumnId number : numbers) bits |= std::uint64_t{1} << number.index;
    writer.number(bits);
  } else {
    writer.array(columns.size());
    for (const BlockColumn& column : columns) {
      const bool decides = column.decision != Decision::none;
      const bool number_alone = column.edit == value_edit && !decides;
      if (!number_alone) writer.array(decides ? 3 : 2);
      writer.number(column.column.index);
      if (!number_alone) writer.number(column.edit);
      if (decides) writer.number(static_cast<std::uint64_t>(column.decision));
    }
  }
  writer.number(names_check(table, numbers));
}

void write_block_kind(CborWriter& writer, RowChange::Kind kind, Decision decision) {
  if (decision != Decision::none) writer.array(2);
  writer.number(static_cast<std::uint64_t>(kind));
  if (decision != Decision::none) writer.number(static_cast<std::uint64_t>(decision));
}

void write_set_edit(CborWriter& writer, const SetEdit& edit) {
  writer.array(2);
  for (const SetElements* elements : {&edit.adds, &edit.removes}) {
    writer.array(elements->size());
    for (const std::string& element : *elements) writer.text(element);
  }
}

struct BlockReader::Block {
  TableId id;
  const Table* table = nullptr;
  RowChange::Kind kind = RowChange::Kind::update;
  Decision decision = Decision::none;
  bool sparse = false;
  std::vector<ColumnId> columns;
  std::vector<Decision> decisions;  // by place in columns, as edits
  std::vector<std::size_t> edits;
  std::span<RowChange> changes;

  [[nodiscard]] const Column& column(std::size_t cell) const {
    return table->column(columns[cell]);
  }
  [[nodiscard]] Error bad_value(std::size_t cell, const std::string& detail) const {
    return error(ErrorCode::bad_value, table->name + "." + column(cell).name + ": " + detail);
  }
};

void BlockReader::read(std::vector<RowChange>& changes) {
  Block block;
  const std::size_t elements = reader_.array();
  const std::uint64_t number = reader_.number();
  if (!reader_.ok()) return;
  if (number >= schema_.tables().size()) {
    return reader_.fail(
        error(ErrorCode::unknown_table, "table " + std::to_string(number) + " of a newer schema"));
  }
  block.id = TableId{static_cast<std::uint16_t>(number)};
  block.table = &schema_.table(block.id);
  read_kind(block);
  read_columns(block);
  const bool values = block.kind != RowChange::Kind::remove;
  if (elements != 7 + (values ? block.columns.size() : 0)) {
    reader_.fail_malformed("a block with other columns than named");
  }
  const std::vector<RowId> keys = read_keys(reader_, changes_left_);
  if (keys.empty()) reader_.fail_malformed("a block without rows");
  // Of a sparse block at least half of the cells are there.
  const std::size_t places = keys.size() * block.columns.size();
  const std::size_t cells = block.sparse ? (places + 1) / 2 : places;
  if (cells > cells_left_) {
    reader_.fail(error(ErrorCode::message_too_large, "more cells than the limit"));
  }
  if (!reader_.ok()) return;
  changes_left_ -= keys.size();
  cells_left_ -= cells;

  const std::size_t first = changes.size();
  changes.resize(first + keys.size());
  block.changes = std::span(changes).subspan(first);
  for (std::size_t row = 0; row < keys.size(); ++row) block.changes[row].row = keys[row];
  fill_rows(block);
  read_edits(block);
  if (!block.sparse || !reader_.ok()) return;
  for (RowChange& change : block.changes) {
    std::erase_if(change.cells, [](const CellChange& cell) {
      const auto* value = std::get_if<Value>(&cell.edit);
      return value != nullptr && value->is_null();
    });
  }
}

void BlockReader::read_kind(Block& block) {
  const bool plain = reader_.peek() == CborItem::Kind::unsigned_number;
  if (!plain) reader_.array_of(2);
  const std::uint64_t kind = reader_.number(sparse_insert);
  block.sparse = kind == sparse_insert;
  block.kind = block.sparse ? RowChange::Kind::insert : static_cast<RowChange::Kind>(kind);
  if (!plain) block.decision = read_decision();
  if (block.decision != Decision::none && block.kind == RowChange::Kind::insert) {
    reader_.fail_malformed("an insert decides nothing");
  }
}

/// Written only where there is one.
Decision BlockReader::read_decision() {
  const auto decision =
      static_cast<Decision>(reader_.number(static_cast<std::uint64_t>(Decision::reopen)));
  if (decision == Decision::none) reader_.fail_malformed("a decision that is none");
  return decision;
}

void BlockReader::fill_rows(const Block& block) {
  const std::vector<std::optional<Position>> observed = read_observed(block.changes.size());
  if (!reader_.ok()) return;
  for (std::size_t row = 0; row < block.changes.size(); ++row) {
    RowChange& change = block.changes[row];
    change.table = block.id;
    change.kind = block.kind;
    change.observed = observed[row];
    change.decision = block.decision;
    if (!is_key(*block.table, change.row)) {
      const Result<RowId> key = key_of(*block.table, value_of_key(*block.table, change.row));
      return reader_.fail(key ? error(ErrorCode::bad_key) : key.error());
    }
    change.cells.reserve(block.columns.size());
    for (std::size_t cell = 0; cell < block.columns.size(); ++cell) {
      change.cells.push_back({block.columns[cell], Value(), {}, block.decisions[cell]});
    }
  }
}

void BlockReader::read_columns(Block& block) {
  if (reader_.peek() == CborItem::Kind::unsigned_number) {
    read_column_bits(block);
  } else {
    read_column_list(block);
  }
  const std::uint64_t names = reader_.number(std::numeric_limits<std::uint32_t>::max());
  if (!reader_.ok()) return;
  if (names != names_check(*block.table, block.columns)) {
    return reader_.fail(
        error(ErrorCode::unknown_column, block.table->name + ", columns of another schema"));
  }
  check_columns(block);
}

void BlockReader::read_column_bits(Block& block) {
  const std::uint64_t bits = reader_.number();
  for (std::size_t place = 0; place < bits_max + 1 && (bits >> place) != 0; ++place) {
    if ((bits >> place) % 2 == 0) continue;
    if (!add_column(block, place)) return;
  }
}

void BlockReader::read_column_list(Block& block) {
  for (std::size_t left = reader_.array(limits::column_count_max); left > 0 && reader_.ok();
       --left) {
    const bool plain = reader_.peek() == CborItem::Kind::unsigned_number;
    const std::size_t words = plain ? 1 : reader_.array(3);
    if (words == 0) reader_.fail_malformed("a column without a number");
    const std::uint64_t place = reader_.number();
    const std::uint64_t edit = words < 2 ? value_edit : reader_.number(set_edit);
    const Decision decision = words < 3 ? Decision::none : read_decision();
    if (words == 2 && edit == value_edit) reader_.fail_malformed("a plain column written long");
    if (words == 3 && (edit != value_edit || block.kind == RowChange::Kind::remove)) {
      reader_.fail_malformed("a decision where no value can lose");
    }
    if (!reader_.ok() || !add_column(block, place)) return;
    block.edits.back() = static_cast<std::size_t>(edit);
    block.decisions.back() = decision;
  }
}

bool BlockReader::add_column(Block& block, std::uint64_t place) {
  if (place >= block.table->columns.size()) {
    reader_.fail(
        error(ErrorCode::unknown_column,
              block.table->name + ", column " + std::to_string(place) + " of a newer schema"));
    return false;
  }
  const ColumnId column{static_cast<std::uint16_t>(place)};
  if (std::ranges::find(block.columns, column) != block.columns.end()) {
    reader_.fail_malformed("a column named twice");
    return false;
  }
  block.columns.push_back(column);
  block.edits.push_back(value_edit);
  block.decisions.push_back(Decision::none);
  return true;
}

void BlockReader::check_columns(const Block& block) {
  for (std::size_t i = 0; i < block.columns.size(); ++i) {
    const std::size_t edit = block.edits[i];
    const std::size_t wanted =
        block.kind == RowChange::Kind::remove ? value_edit : edit_of(block.column(i).policy);
    if (block.sparse && edit != value_edit) reader_.fail_malformed("a sparse block of other edits");
    if (edit != wanted) {
      return reader_.fail(block.bad_value(i, "another kind of edit than its policy's"));
    }
  }
}

void BlockReader::read_edits(const Block& block) {
  const bool values = block.kind != RowChange::Kind::remove;
  for (std::size_t cell = 0; values && cell < block.columns.size() && reader_.ok(); ++cell) {
    switch (edit_of(block.column(cell).policy)) {
      case counter_edit:
        read_amounts(block, cell);
        break;
      case set_edit:
        read_set_edits(block, cell);
        break;
      default:
        read_values(block, cell);
        break;
    }
  }
  read_cell_observed(block);
  if (!reader_.ok() || std::ranges::is_sorted(block.columns)) return;
  // A writer may name them in any order.
  for (RowChange& change : block.changes) std::ranges::sort(change.cells, {}, &CellChange::column);
}

void BlockReader::read_values(const Block& block, std::size_t cell) {
  std::vector<Value> values = read_column(reader_, block.changes.size(), budget_);
  if (!reader_.ok()) return;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!is_stored_as_read(block.column(cell), values[row])) {
      const Result<Value> stored = normalise(block.column(cell), std::move(values[row]));
      return reader_.fail(block.bad_value(
          cell, stored ? "not in the form in which it is stored" : stored.error().detail));
    }
    block.changes[row].cells[cell].edit = std::move(values[row]);
  }
}

void BlockReader::read_amounts(const Block& block, std::size_t cell) {
  const std::vector<Value> amounts = read_column(reader_, block.changes.size(), budget_);
  if (!reader_.ok()) return;
  for (std::size_t row = 0; row < amounts.size(); ++row) {
    if (amounts[row].kind() != Value::Kind::integer) {
      return reader_.fail(block.bad_value(cell, "an amount that is not an integer"));
    }
    block.changes[row].cells[cell].edit = CounterDelta{amounts[row].as_integer()};
  }
}

void BlockReader::read_set_edits(const Block& block, std::size_t cell) {
  reader_.array_of(block.changes.size());
  for (RowChange& change : block.changes) {
    reader_.array_of(2);
    SetEdit edit;
    edit.adds = read_elements();
    edit.removes = read_elements();
    if (!reader_.ok()) return;
    if (!is_set_edit(edit))
      return reader_.fail(block.bad_value(cell, "an edit that is not in order"));
    change.cells[cell].edit = std::move(edit);
  }
}

SetElements BlockReader::read_elements() {
  SetElements out;
  for (std::size_t left = reader_.array(); left > 0 && reader_.ok(); --left) {
    out.emplace_back(reader_.text(limits::value_bytes_max));
  }
  return out;
}

void BlockReader::read_cell_observed(const Block& block) {
  if (reader_.take_null()) return;
  reader_.array_of(block.columns.size());
  for (std::size_t cell = 0; cell < block.columns.size() && reader_.ok(); ++cell) {
    const std::vector<std::optional<Position>> observed = read_observed(block.changes.size());
    for (std::size_t row = 0; row < observed.size(); ++row) {
      block.changes[row].cells[cell].observed = observed[row];
    }
  }
}

std::vector<std::optional<Position>> BlockReader::read_observed(std::size_t count) {
  std::vector<std::optional<Position>> out(count);
  if (reader_.take_null()) return out;
  const std::vector<Value> values = read_column(reader_, count, budget_);
  for (std::size_t row = 0; row < values.size() && reader_.ok(); ++row) {
    if (values[row].is_null()) continue;
    if (values[row].kind() != Value::Kind::integer || values[row].as_integer() < 0) {
      reader_.fail_malformed("an observed position that is none");
    } else {
      out[row] = Position{static_cast<std::uint64_t>(values[row].as_integer())};
    }
  }
  return out;
}

}  // namespace doorstep
