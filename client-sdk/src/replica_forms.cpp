// Forms: one row for a person, read at once and saved with what had been read of it.
#include "client-sdk/src/form_reader.hpp"
#include "client-sdk/src/form_writer.hpp"
#include "client-sdk/src/sqlite_replica.hpp"
#include "client-sdk/src/system_ports.hpp"
#include "engine/core/uuid.hpp"

namespace doorstep {
namespace {

Result<RowKey> key_in(const Schema& schema, std::string_view table, const Value& id) {
  const auto found = schema.find_table(table);
  if (!found) return error(ErrorCode::unknown_table, std::string(table));
  DS_ASSIGN(const RowId row, key_of(schema.table(*found), id));
  return RowKey{*found, row};
}

struct Reread {
  FormNews news;
  std::optional<FormReading> reading;
};

Result<Reread> read_again(sqlite::Database& db, const Schema& schema, const Form::State& form) {
  const auto table = schema.find_table(form.read.table.name);
  if (!table) return error(ErrorCode::unknown_table, form.read.table.name);
  Reread out;
  DS_ASSIGN(out.reading, read_form(db, schema, {*table, form.row}));
  DS_ASSIGN(const OwnSince own, own_since(db, schema, form));
  if (form.is_new && !out.reading) return out;  // it is not there yet: nothing is new
  out.news = news_of(form, schema, out.reading ? &out.reading->image : nullptr, own);
  return out;
}

}  // namespace

Result<Form> SqliteReplica::open_form(std::string_view table, const Value& id) {
  return reading<Form>([&](auto& db) -> Result<Form> {
    const Schema& schema = reader_.file.schema;
    DS_ASSIGN(const RowKey key, key_in(schema, table, id));
    // Before the reading begins: what is written in between is noted, and also read.
    auto own = forms_.open(schema.table(key.table).name, key.row);
    DS_ASSIGN(auto read, read_form(db, schema, key));
    if (!read) return error(ErrorCode::not_found, "a row of " + std::string(table));
    return form_of(*std::move(read), key.row, false, std::move(own));
  });
}

Result<Form> SqliteReplica::new_form(std::string_view table, const Value& id) {
  return reading<Form>([&](auto& db) -> Result<Form> {
    const Schema& schema = reader_.file.schema;
    Value key = id;
    if (id.is_null()) {
      DS_ASSIGN(const auto made, db.one("SELECT uuid7()"));
      key = made.value_or(Value::null());
    }
    DS_ASSIGN(const RowKey row, key_in(schema, table, key));
    auto own = forms_.open(schema.table(row.table).name, row.row);
    DS_ASSIGN(FormReading blank, blank_form(db, schema, row.table));
    return form_of(std::move(blank), row.row, true, std::move(own));
  });
}

Status SqliteTransaction::save(const Form& form) {
  if (!begun_) return error(ErrorCode::sql_refused, "the transaction is over");
  Writer& writer = replica_->writer();
  auto written = write_form(writer, form.state());
  if (!written) {
    if (!writer.file.db.in_transaction()) end();
    return written.error();
  }
  if (*written) forms_.push_back(**std::move(written));
  return {};
}

Status SqliteReplica::save(Form& form) {
  DS_ASSIGN(const auto transaction, begin_own());
  DS_TRY(transaction->save(form));
  DS_TRY(transaction->commit());
  note_saved(form.state(), transaction->sequence());
  return {};
}

Result<FormNews> SqliteReplica::news(const Form& form) {
  return reading<FormNews>([&](auto& db) -> Result<FormNews> {
    DS_ASSIGN(Reread again, read_again(db, reader_.file.schema, form.state()));
    return std::move(again.news);
  });
}

Result<FormNews> SqliteReplica::refresh(Form& form) {
  return reading<FormNews>([&](auto& db) -> Result<FormNews> {
    DS_ASSIGN(Reread again, read_again(db, reader_.file.schema, form.state()));
    if (again.reading) take_reading(form.state(), *std::move(again.reading));
    return std::move(again.news);
  });
}

}  // namespace doorstep
