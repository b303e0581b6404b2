#include "client-sdk/src/form_writer.hpp"

#include <algorithm>

#include "client-sdk/src/without_triggers.hpp"
#include "engine/core/group.hpp"
#include "engine/core/policy.hpp"
#include "engine/sqlite/ddl.hpp"

namespace doorstep {
namespace {

using sqlite::quote_identifier;

/// A column of the form in the schema as it is now.
struct FormPlace {
  ColumnId form;
  ColumnId now;
};

Result<std::vector<FormPlace>> form_places(const Form::State& form, const Table& table) {
  std::vector<FormPlace> places;
  for (const ColumnId column : written_columns(form)) {
    const std::string& name = form.read.table.column(column).name;
    const auto now = table.find_column(name);
    if (!now) return error(ErrorCode::unknown_column, table.name + "." + name);
    places.push_back({column, *now});
  }
  return places;
}

AsOf as_of_now(const Form::State& form, const std::vector<FormPlace>& places) {
  const AsOf read = as_of(form);
  AsOf out;
  out.row = read.row;
  for (const FormPlace& place : places) out.cells.emplace(place.now, read.cells.at(place.form));
  return out;
}

Status insert_row(Writer& writer, const Form::State& form, const Table& table,
                  const std::vector<FormPlace>& places) {
  std::string columns = quote_identifier(table.key);
  std::string marks = "?1";
  for (std::size_t i = 0; i < places.size(); ++i) {
    columns += ", " + quote_identifier(table.column(places[i].now).name);
    marks += ", ?" + std::to_string(i + 2);
  }
  DS_ASSIGN(auto insert, writer.file.db.prepare("INSERT INTO " + quote_identifier(table.name) +
                                                " (" + columns + ") VALUES (" + marks + ")"));
  insert.bind(1, form.id);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Value value = saved_value(form, places[i].form, Value::null());
    insert.bind_copy(static_cast<int>(i) + 2, value);
  }
  return insert.run();
}

Status update_row(Writer& writer, const Form::State& form, const Table& table,
                  const std::vector<FormPlace>& places, const RowImage& now) {
  std::string columns;
  for (std::size_t i = 0; i < places.size(); ++i) {
    columns += (i == 0 ? "" : ", ") + quote_identifier(table.column(places[i].now).name) + " = ?" +
               std::to_string(i + 2);
  }
  DS_ASSIGN(auto update,
            writer.file.db.prepare("UPDATE " + quote_identifier(table.name) + " SET " + columns +
                                   " WHERE " + quote_identifier(table.key) + " = ?1"));
  update.bind(1, form.id);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Value value = saved_value(form, places[i].form, now.values[places[i].now.index]);
    update.bind_copy(static_cast<int>(i) + 2, value);
  }
  return update.run();
}

/// Own writes of the row that are captured in the running transaction count as well.
Status add_captured(Writer& writer, const Form::State& form, const RowKey& key, OwnSince& own) {
  if (writer.capture->event_count() == 0) return {};
  DS_ASSIGN(const auto rows, writer.capture->net());
  own.last = own.last.next();
  own.known.insert(own.last);
  const Schema& schema = writer.file.schema;
  for (const NetRow& row : rows) {
    if (row.key != key) continue;
    const auto change =
        net_change(schema.table(key.table), key.table, key.row, row.before, row.after);
    if (!change) continue;
    own.touches.emplace(own.last, touch_of(schema, form.read.table.name, form.row, {&*change, 1}));
  }
  return {};
}

/// Refused: what an own write changed since the form was read, unless to what was typed.
Status check_own(const Form::State& form, const FormNews& news) {
  const Table& table = form.read.table;
  std::string names;
  for (const ColumnId column : written_columns(form)) {
    const auto change =
        std::find_if(news.changes.begin(), news.changes.end(),
                     [&](const FormChange& c) { return c.column == table.column(column).name; });
    if (change == news.changes.end() || !change->own) continue;
    if (change->now == saved_value(form, column, change->now)) continue;
    names += (names.empty() ? "" : ", ") + change->column;
  }
  if (names.empty()) return {};
  return error(ErrorCode::form_outdated, "table " + table.name + ", " + names);
}

/// What the form showed, in the columns of now; those that it did not show are unseen.
FormNote::Copy copy_from(const Form::State& form, const Table& table) {
  const FormReading& read = form.read;
  FormNote::Copy copy;
  copy.cursor = read.seen;
  copy.carry.row = read.carry.row;
  copy.image.values.resize(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnId now{static_cast<std::uint16_t>(i)};
    const auto shown = read.table.find_column(table.columns[i].name);
    if (!shown) {
      copy.carry.cells.emplace(now, Position{});
      continue;
    }
    copy.image.values[i] = read.image.values[shown->index];
    const auto cell = read.carry.cells.find(*shown);
    if (cell != read.carry.cells.end()) copy.carry.cells.emplace(now, cell->second);
    const auto elements = read.carry.elements.find(*shown);
    if (elements != read.carry.elements.end()) {
      copy.carry.elements.emplace(now, elements->second);
    }
  }
  carry_unseen(table, read.unseen, copy.carry);
  return copy;
}

/// A row that a pull has taken away is edited all the same (SEMANTICS B6): it is shown again, as
/// the form showed it, until the hub has answered. One that was deleted here is not.
Result<FormNote::Copy> put_back(Writer& writer, const Form::State& form, const RowKey& key,
                                const OwnSince& own) {
  const Table& table = writer.file.schema.table(key.table);
  DS_ASSIGN(const auto pending, PendingRows(writer.file.db, writer.file.schema).find(key));
  const Sequence read_through = form.read.own_through;
  if (pending || own.removed() || !own.knows_all_after(read_through)) {
    return error(ErrorCode::form_outdated, "the row of " + table.name + " was deleted here");
  }
  for (const ColumnId column : written_columns(form)) {
    const Column& declared = form.read.table.column(column);
    const bool adds = rules_of(declared.policy).shape != PolicyRules::Shape::assignments;
    const auto cell = cell_columns(form.read.table, column);
    if (adds || !own.may_have_written(form.read.table, cell, form.own_through[column.index])) {
      continue;
    }
    return error(ErrorCode::form_outdated,
                 "table " + table.name + ", " + declared.name + ", of a row that is gone");
  }
  FormNote::Copy copy = copy_from(form, table);
  DS_ASSIGN(RowTable* const rows, writer.tables.of(key.table));
  const WithoutTriggers quiet(writer.file.db);
  writer.capture->pause(true);
  const Status put = rows->put(key.row, copy.image);
  writer.capture->pause(false);
  if (!put) return put.error();
  return copy;
}

Result<std::optional<FormNote>> write_columns(Writer& writer, const Form::State& form,
                                              const RowKey& key) {
  const Table& table = writer.file.schema.table(key.table);
  DS_ASSIGN(const std::vector<FormPlace> places, form_places(form, table));
  FormNote note{key, as_of_now(form, places), {}};
  if (form.is_new) {
    DS_TRY(insert_row(writer, form, table, places));
    return std::optional(std::move(note));
  }
  if (places.empty()) return std::optional<FormNote>();
  DS_ASSIGN(OwnSince own, own_since(writer.file.db, writer.file.schema, form));
  DS_TRY(add_captured(writer, form, key, own));
  DS_ASSIGN(RowTable* const rows, writer.tables.of(key.table));
  DS_ASSIGN(auto now, rows->read(key.row));
  if (now) {
    DS_TRY(check_own(form, news_of(form, writer.file.schema, &*now, own)));
  } else {
    DS_ASSIGN(note.copy, put_back(writer, form, key, own));
    now = note.copy->image;
  }
  DS_TRY(update_row(writer, form, table, places, *now));
  return std::optional(std::move(note));
}

}  // namespace

Result<std::optional<FormNote>> write_form(Writer& writer, const Form::State& form) {
  const auto table = writer.file.schema.find_table(form.read.table.name);
  if (!table) return error(ErrorCode::unknown_table, form.read.table.name);
  sqlite::Database& db = writer.file.db;
  DS_TRY(db.run("SAVEPOINT ds_form"));
  auto written = write_columns(writer, form, {*table, form.row});
  // A statement that failed with OR ROLLBACK has ended the transaction, and the savepoint with it.
  if (!written && db.in_transaction()) DS_TRY(db.run("ROLLBACK TO ds_form"));
  if (db.in_transaction()) DS_TRY(db.run("RELEASE ds_form"));
  return written;
}

}  // namespace doorstep
