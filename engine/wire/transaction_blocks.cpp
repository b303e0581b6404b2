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

bool is_set_in_order(const SetElements& elements) {
  return std::ranges::adjacent_find(elements, std::greater_equal<>{}) == elements.end();
}

bool is_set_edit(const SetEdit& edit) {
  SetElements both;
  std::ranges::set_intersection(edit.adds, edit.removes, std::back_inserter(both));
  return is_set_in_order(edit.adds) && is_set_in_order(edit.removes) && both.empty();
}

}  // namespace

void write_block_column(CborWriter& writer, const BlockColumn& column) {
  const bool decides = column.decision != Decision::none;
  const bool plain = column.edit == value_edit && !decides;
  if (!plain) writer.array(decides ? 3 : 2);
  writer.text(column.name);
  if (!plain) writer.number(column.edit);
  if (decides) writer.number(static_cast<std::uint64_t>(column.decision));
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
  std::vector<Decision> decisions;  // by place in columns
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
  const std::string_view name = reader_.text();
  if (!reader_.ok()) return;
  const std::optional<TableId> table = schema_.find_table(name);
  if (!table) return reader_.fail(error(ErrorCode::unknown_table, std::string(name)));
  block.id = *table;
  block.table = &schema_.table(*table);
  read_kind(block);
  read_columns(block);
  const bool values = block.kind != RowChange::Kind::remove;
  if (elements != 6 + (values ? block.columns.size() : 0)) {
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
  for (std::size_t left = reader_.array(limits::column_count_max); left > 0 && reader_.ok();
       --left) {
    const bool plain = reader_.peek() == CborItem::Kind::text;
    const std::size_t words = plain ? 1 : reader_.array(3);
    if (words == 0) reader_.fail_malformed("a column without a name");
    const std::string_view name = reader_.text();
    const std::uint64_t edit = words < 2 ? value_edit : reader_.number(set_edit);
    const Decision decision = words < 3 ? Decision::none : read_decision();
    if (words == 2 && edit == value_edit) reader_.fail_malformed("a plain column written long");
    if (words == 3 && (edit != value_edit || block.kind == RowChange::Kind::remove)) {
      reader_.fail_malformed("a decision where no value can lose");
    }
    if (!reader_.ok()) return;
    const std::optional<ColumnId> column = block.table->find_column(name);
    if (!column) {
      return reader_.fail(
          error(ErrorCode::unknown_column, block.table->name + "." + std::string(name)));
    }
    if (std::ranges::find(block.columns, *column) != block.columns.end()) {
      return reader_.fail_malformed("a column named twice");
    }
    block.columns.push_back(*column);
    block.decisions.push_back(decision);
    const std::size_t wanted = block.kind == RowChange::Kind::remove
                                   ? value_edit
                                   : edit_of(block.table->column(*column).policy);
    if (block.sparse && edit != value_edit) reader_.fail_malformed("a sparse block of other edits");
    if (edit != wanted) {
      return reader_.fail(
          block.bad_value(block.columns.size() - 1, "another kind of edit than its policy's"));
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
  // The author's schema may hold the same columns in another order.
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
