#include "client-sdk/src/decisions.hpp"

#include <algorithm>

#include "client-sdk/src/without_triggers.hpp"
#include "engine/core/conflict.hpp"
#include "engine/core/group.hpp"
#include "engine/core/policy.hpp"
#include "engine/core/value_text.hpp"
#include "engine/sqlite/ddl.hpp"

namespace doorstep {
namespace {

using sqlite::quote_identifier;

const Value& side(const ConflictInfo& conflict, Keep keep) {
  return keep == Keep::winner ? conflict.winner : conflict.loser;
}

}  // namespace

Result<Decisions::Place> Decisions::place_of(const ConflictInfo& conflict) const {
  const auto table_id = schema_->find_table(conflict.table);
  if (!table_id) return error(ErrorCode::unknown_table, conflict.table);
  const Table& table = schema_->table(*table_id);
  Place place;
  DS_ASSIGN(const RowId row, key_of(table, conflict.row));
  place.key = {*table_id, row};
  if (conflict.column.empty()) return place;
  place.column = table.find_column(conflict.column);
  if (!place.column)
    return error(ErrorCode::unknown_column, conflict.table + "." + conflict.column);
  if (rules_of(table.column(*place.column).policy).shape != PolicyRules::Shape::assignments) {
    return error(ErrorCode::not_found, "nothing to decide in " + conflict.table + "." +
                                           conflict.column +
                                           ": its values add up, none stands alone");
  }
  return place;
}

bool Decisions::has(const ConflictInfo& conflict) const {
  const auto place = place_of(conflict);
  return place && std::any_of(notes_.begin(), notes_.end(), [&](const DecisionNote& note) {
           return note.key == place->key && note.column == place->column;
         });
}

// Columns of a group are decided together.
Status Decisions::write(const Place& place, const Value& value) {
  const Table& table = schema_->table(place.key.table);
  const std::vector<ColumnId> columns = cell_columns(table, *place.column);
  DS_ASSIGN(RowTable* const rows, tables_.of(place.key.table));
  DS_ASSIGN(const auto shown, rows->read(place.key.row));
  if (!shown) {
    return error(ErrorCode::not_found,
                 "the row of " + table.name + " is not on this device, or was deleted");
  }
  const auto values = values_of_cell(table, columns, value);
  if (!values) {
    return error(ErrorCode::bad_value, "the columns of a group are written as one JSON object");
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column& column = table.column(columns[i]);
    const Value& given = (*values)[i];
    const bool typed = columns.size() == 1 && given.kind() == Value::Kind::text;
    DS_ASSIGN(const Value stored,
              typed ? value_of_text(column, given.as_text()) : normalise(column, given));
    if (shown->values[columns[i].index] == stored) continue;
    DS_TRY(put_value(place.key, column, stored));
  }
  return {};
}

Status Decisions::put_value(const RowKey& key, const Column& column, const Value& value) {
  const Table& table = schema_->table(key.table);
  DS_ASSIGN(auto update, db_->prepare("UPDATE " + quote_identifier(table.name) + " SET " +
                                      quote_identifier(column.name) + " = ?1 WHERE " +
                                      quote_identifier(table.key) + " = ?2"));
  const Value id = value_of_key(table, key.row);
  update.bind(1, value);
  update.bind(2, id);
  return update.run();
}

Status Decisions::let_go(const RowKey& key) {
  const Table& table = schema_->table(key.table);
  DS_ASSIGN(auto remove, db_->prepare("DELETE FROM " + quote_identifier(table.name) + " WHERE " +
                                      quote_identifier(table.key) + " = ?1"));
  const Value value = value_of_key(table, key.row);
  remove.bind(1, value);
  return remove.run();
}

/// A row that was let go here and that the hub still has: it is shown again at once. One that is
/// gone at the hub too comes back with the next sync.
Status Decisions::bring_back(const RowKey& key) {
  DS_ASSIGN(RowTable* const rows, tables_.of(key.table));
  DS_ASSIGN(const auto shown, rows->read(key.row));
  if (shown) return {};
  DS_ASSIGN(const auto pending, pending_.find(key));
  if (!pending) return {};
  const auto& image = pending->base ? pending->base : pending->copy;
  if (!image) return {};
  const WithoutTriggers quiet(*db_);
  capture_->pause(true);
  Status put = rows->put(key.row, *image);
  capture_->pause(false);
  return put;
}

Status Decisions::decide(const ConflictInfo& conflict, const Choice& choice) {
  DS_ASSIGN(const Place place, place_of(conflict));
  const Keep* keep = std::get_if<Keep>(&choice);
  if (place.column) {
    DS_TRY(write(place, keep != nullptr ? side(conflict, *keep) : std::get<Value>(choice)));
    notes_.push_back({place.key, place.column, Decision::decide, false});
    return {};
  }
  if (keep == nullptr) {
    return error(ErrorCode::bad_value, "a delete met an edit: keep the winner or the loser");
  }
  const bool goes = *keep == Keep::loser;
  if (goes) DS_TRY(let_go(place.key));
  notes_.push_back({place.key, std::nullopt, Decision::decide, goes});
  return {};
}

Status Decisions::undo(const ConflictInfo& conflict) {
  if (conflict.state != name_of(ConflictState::decided)) {
    return error(ErrorCode::not_found,
                 "nothing to undo: conflict " + conflict.id.hex() + " is not decided");
  }
  DS_ASSIGN(const Place place, place_of(conflict));
  if (place.column) {
    DS_TRY(write(place, conflict.winner));
  } else {
    DS_TRY(bring_back(place.key));
  }
  notes_.push_back({place.key, place.column, Decision::reopen, false});
  return {};
}

}  // namespace doorstep
