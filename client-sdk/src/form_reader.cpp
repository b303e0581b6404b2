#include "client-sdk/src/form_reader.hpp"

#include <algorithm>

#include "client-sdk/src/held_scopes.hpp"
#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/row_table.hpp"
#include "engine/core/group.hpp"
#include "engine/core/policy.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {
namespace {

/// Own transactions that wait in the outbox say what they did; what was refused did nothing.
Status add_stored(sqlite::Database& db, const Schema& schema, const Form::State& form,
                  Sequence after, OwnSince& out) {
  DS_ASSIGN(auto waiting, db.prepare("SELECT sequence, body FROM ds_outbox WHERE sequence > ?1"));
  waiting.bind_unsigned(1, after.value);
  for (;;) {
    DS_ASSIGN(const bool more, waiting.step());
    if (!more) break;
    const Sequence sequence{waiting.unsigned_integer(0)};
    if (!out.known.insert(sequence).second) continue;
    DS_ASSIGN(const Transaction content, transaction_in(schema, waiting.blob(1)));
    out.touches.emplace(sequence,
                        touch_of(schema, form.read.table.name, form.row, content.changes));
  }
  DS_ASSIGN(auto refused, db.prepare("SELECT sequence FROM ds_rejected WHERE sequence > ?1"));
  refused.bind_unsigned(1, after.value);
  for (;;) {
    DS_ASSIGN(const bool more, refused.step());
    if (!more) return {};
    const Sequence sequence{refused.unsigned_integer(0)};
    out.known.insert(sequence);
    out.touches.erase(sequence);
  }
}

/// The cell of the form's own column in the row as it is now.
Value cell_now(const Form::State& form, const Table& table, const std::vector<ColumnId>& columns,
               const RowImage& now) {
  RowImage image = form.read.image;
  for (const ColumnId column : columns) {
    const auto place = table.find_column(form.read.table.column(column).name);
    if (place) image.values[column.index] = now.values[place->index];
  }
  return cell_value(form.read.table, columns, image);
}

}  // namespace

Result<std::optional<FormReading>> read_form(sqlite::Database& db, const Schema& schema,
                                             const RowKey& key) {
  const Table& table = schema.table(key.table);
  DS_ASSIGN(RowTable rows, RowTable::prepare(db, table, RowAccess::read));
  DS_ASSIGN(auto shown, rows.read(key.row));
  if (!shown) return std::optional<FormReading>();
  DS_ASSIGN(FormReading made, blank_form(db, schema, key.table));
  made.image = *std::move(shown);
  DS_ASSIGN(const auto pending, PendingRows(db, schema).find(key));
  if (pending) {
    made.carry = pending->carry;
    if (pending->copy) made.seen = pending->copy_cursor;
  }
  return std::optional(std::move(made));
}

Result<FormReading> blank_form(sqlite::Database& db, const Schema& schema, TableId id) {
  const Table& table = schema.table(id);
  DS_ASSIGN(const ReplicaState state, load_state(db));
  FormReading made;
  made.table = table;
  made.image.values.resize(table.columns.size());
  made.seen = state.cursor;
  made.own_through = state.last;
  if (state.view) {
    DS_ASSIGN(made.unseen, new_columns(db));
  }
  return made;
}

bool OwnSince::removed() const {
  return std::any_of(touches.begin(), touches.end(),
                     [](const auto& one) { return one.second.removed; });
}

bool OwnSince::knows_all_after(Sequence sequence) const {
  const auto from = known.upper_bound(sequence);
  return static_cast<std::uint64_t>(std::distance(from, known.end())) ==
         last.value - std::min(last, sequence).value;
}

bool OwnSince::may_have_written(const Table& table, const std::vector<ColumnId>& columns,
                                Sequence sequence) const {
  if (!knows_all_after(sequence)) return true;
  return std::any_of(touches.upper_bound(sequence), touches.end(), [&](const auto& one) {
    const OwnTouch& touch = one.second;
    return touch.removed || std::any_of(columns.begin(), columns.end(), [&](ColumnId column) {
             return touch.columns.contains(table.column(column).name);
           });
  });
}

Result<OwnSince> own_since(sqlite::Database& db, const Schema& schema, const Form::State& form) {
  DS_ASSIGN(const ReplicaState state, load_state(db));
  OwnSince out;
  out.last = state.last;
  const Sequence after = *std::min_element(form.own_through.begin(), form.own_through.end());
  out.touches = form.own->after(after);
  for (const auto& [sequence, touch] : out.touches) out.known.insert(sequence);
  DS_TRY(add_stored(db, schema, form, after, out));
  return out;
}

FormNews news_of(const Form::State& form, const Schema& schema, const RowImage* now,
                 const OwnSince& own) {
  FormNews news;
  news.row_gone = now == nullptr;
  const auto id = schema.find_table(form.read.table.name);
  if (now == nullptr || !id) return news;
  const Table& table = form.read.table;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnId column{static_cast<std::uint16_t>(i)};
    const auto place = schema.table(*id).find_column(table.columns[i].name);
    if (!place) continue;
    const Value& is = now->values[place->index];
    const Value& was = form.read.image.values[i];
    const std::vector<ColumnId> cell = cell_columns(table, column);
    if (shown_cell(form, cell) == cell_now(form, schema.table(*id), cell, *now)) continue;
    FormChange change{table.columns[i].name, was, is, {}, false};
    if (is_changed(form, column)) change.typed = form.typed[i];
    // A counter or a set takes the form's difference whatever it has become.
    const bool adds = rules_of(table.columns[i].policy).shape != PolicyRules::Shape::assignments;
    change.own = !adds && own.may_have_written(table, cell, form.own_through[i]);
    if (was != is || change.typed) news.changes.push_back(std::move(change));
  }
  return news;
}

}  // namespace doorstep
