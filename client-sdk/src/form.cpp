#include <algorithm>

#include "client-sdk/src/form_state.hpp"
#include "engine/core/group.hpp"
#include "engine/core/policy.hpp"

namespace doorstep {
namespace {

Result<ColumnId> column_of(const Form::State& form, std::string_view name) {
  const auto column = form.read.table.find_column(name);
  if (!column) {
    return error(ErrorCode::unknown_column, form.read.table.name + "." + std::string(name));
  }
  return *column;
}

const Value& held(const Form::State& form, ColumnId column) {
  const auto& typed = form.typed[column.index];
  return typed ? *typed : form.read.image.values[column.index];
}

SetElements elements_of(const Value& value) { return parse_set(value).value_or(SetElements{}); }

/// `now` changed as `shown` became `typed`.
Value moved(const Column& column, const Value& shown, const Value& typed, const Value& now) {
  switch (rules_of(column.policy).shape) {
    case PolicyRules::Shape::sum: {
      const auto difference = subtract_counters(counter_of(typed), counter_of(shown));
      return Value::integer(add_counters(counter_of(now), difference));
    }
    case PolicyRules::Shape::elements:
      return format_set(
          apply_edit(elements_of(now), diff_sets(elements_of(shown), elements_of(typed))));
    case PolicyRules::Shape::assignments:
      break;
  }
  return typed;
}

/// A cell as a save would write it, for what was observed of it.
CellChange cell_of(const Form::State& form, ColumnId id) {
  const Column& column = form.read.table.column(id);
  const Value& shown = form.read.image.values[id.index];
  const Value& typed = held(form, id);
  switch (rules_of(column.policy).shape) {
    case PolicyRules::Shape::sum:
      return {id, CounterDelta{subtract_counters(counter_of(typed), counter_of(shown))}, {}};
    case PolicyRules::Shape::elements:
      return {id, diff_sets(elements_of(shown), elements_of(typed)), {}};
    case PolicyRules::Shape::assignments:
      break;
  }
  return {id, typed, {}};
}

}  // namespace

Form::Form(std::unique_ptr<State> state) : state_(std::move(state)) {}
Form::~Form() = default;
Form::Form(Form&& other) noexcept = default;
Form& Form::operator=(Form&& other) noexcept = default;

const std::string& Form::table() const { return state_->read.table.name; }
const Value& Form::id() const { return state_->id; }
bool Form::is_new() const { return state_->is_new; }

Result<Value> Form::shown(std::string_view column) const {
  DS_ASSIGN(const ColumnId id, column_of(*state_, column));
  return state_->read.image.values[id.index];
}

Result<Value> Form::value(std::string_view column) const {
  DS_ASSIGN(const ColumnId id, column_of(*state_, column));
  return held(*state_, id);
}

Status Form::set(std::string_view column, Value value) {
  DS_ASSIGN(const ColumnId id, column_of(*state_, column));
  DS_ASSIGN(Value stored, normalise(state_->read.table.column(id), std::move(value)));
  state_->typed[id.index] = std::move(stored);
  return {};
}

Status Form::reset(std::string_view column) {
  DS_ASSIGN(const ColumnId id, column_of(*state_, column));
  state_->typed[id.index].reset();
  return {};
}

std::vector<std::string> Form::changed() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < state_->typed.size(); ++i) {
    const ColumnId id{static_cast<std::uint16_t>(i)};
    if (is_changed(*state_, id)) names.push_back(state_->read.table.column(id).name);
  }
  return names;
}

Form form_of(FormReading read, const RowId& row, bool is_new, std::shared_ptr<OwnWrites> own) {
  auto state = std::make_unique<Form::State>();
  state->row = row;
  state->id = value_of_key(read.table, row);
  state->is_new = is_new;
  state->typed.resize(read.table.columns.size());
  state->own_through.assign(read.table.columns.size(), read.own_through);
  state->own = std::move(own);
  state->read = std::move(read);
  return Form(std::move(state));
}

bool is_changed(const Form::State& form, ColumnId column) {
  const auto& typed = form.typed[column.index];
  return typed && *typed != form.read.image.values[column.index];
}

Value typed_cell(const Form::State& form, const std::vector<ColumnId>& columns) {
  RowImage image = form.read.image;
  for (const ColumnId column : columns) image.values[column.index] = held(form, column);
  return cell_value(form.read.table, columns, image);
}

Value shown_cell(const Form::State& form, const std::vector<ColumnId>& columns) {
  return cell_value(form.read.table, columns, form.read.image);
}

std::vector<ColumnId> written_columns(const Form::State& form) {
  std::set<ColumnId> columns;
  for (std::size_t i = 0; i < form.typed.size(); ++i) {
    const ColumnId id{static_cast<std::uint16_t>(i)};
    if (!is_changed(form, id)) continue;
    // A group is one cell: it is written as the form shows it, not mixed with what came in since.
    for (const ColumnId one : cell_columns(form.read.table, id)) columns.insert(one);
  }
  return {columns.begin(), columns.end()};
}

Value saved_value(const Form::State& form, ColumnId column, const Value& now) {
  return moved(form.read.table.column(column), form.read.image.values[column.index],
               held(form, column), now);
}

AsOf as_of(const Form::State& form) {
  RowChange change;
  change.kind = form.is_new ? RowChange::Kind::insert : RowChange::Kind::update;
  for (const ColumnId column : written_columns(form)) {
    change.cells.push_back(cell_of(form, column));
  }
  const FormReading& read = form.read;
  apply_carry(read.table, read.carry, read.seen, change);
  mark_unseen(read.table, read.unseen, change);
  AsOf out;
  out.row = read.seen;
  const Position row = change.observed.value_or(read.seen);
  for (const CellChange& cell : change.cells) {
    out.cells.emplace(cell.column, cell.observed.value_or(row));
  }
  return out;
}

void note_saved(Form::State& form, Sequence sequence) {
  for (const ColumnId column : written_columns(form)) {
    form.read.image.values[column.index] = held(form, column);
    if (sequence.value != 0) form.own_through[column.index] = sequence;
  }
  form.typed.assign(form.typed.size(), std::nullopt);
  form.is_new = false;
}

void take_reading(Form::State& form, FormReading read) {
  std::vector<std::optional<Value>> typed(read.table.columns.size());
  for (std::size_t i = 0; i < form.typed.size(); ++i) {
    const ColumnId id{static_cast<std::uint16_t>(i)};
    if (!is_changed(form, id)) continue;
    const Column& column = form.read.table.column(id);
    const auto place = read.table.find_column(column.name);
    if (!place) continue;
    const Value& now = read.image.values[place->index];
    typed[place->index] = moved(column, form.read.image.values[i], *form.typed[i], now);
  }
  form.typed = std::move(typed);
  form.own_through.assign(read.table.columns.size(), read.own_through);
  form.read = std::move(read);
}

}  // namespace doorstep
