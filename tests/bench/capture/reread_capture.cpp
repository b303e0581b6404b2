// Before sqlite3.h: its preupdate interface is declared only on request.
#define SQLITE_ENABLE_PREUPDATE_HOOK 1  // NOLINT(readability-identifier-naming)
#include "tests/bench/capture/reread_capture.hpp"

#include <sqlite3.h>

namespace doorstep::bench {
namespace {

Value value_of(sqlite3_value* value) {
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return Value::integer(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return Value::real(sqlite3_value_double(value));
    case SQLITE_TEXT:
      return Value::text(
          std::string_view(reinterpret_cast<const char*>(sqlite3_value_text(value)), size));
    case SQLITE_BLOB:
      return Value::blob(
          ByteView(static_cast<const std::uint8_t*>(sqlite3_value_blob(value)), size));
    default:
      return Value::null();
  }
}

void on_change(void* self, sqlite3*, int operation, const char*, const char*, sqlite3_int64,
               sqlite3_int64);

}  // namespace

RereadCapture::RereadCapture(sqlite::Database& db, const Schema& schema)
    : db_(&db), schema_(&schema), tables_(db, schema) {
  sqlite3_preupdate_hook(db.handle(), on_change, this);
}

RereadCapture::~RereadCapture() { sqlite3_preupdate_hook(db_->handle(), nullptr, nullptr); }

void RereadCapture::touch(TableId table, int operation) {
  const auto read = operation == SQLITE_INSERT ? sqlite3_preupdate_new : sqlite3_preupdate_old;
  sqlite3_value* value = nullptr;
  if (read(db_->handle(), 0, &value) != SQLITE_OK) return;
  First first{table, value_of(value), {}};
  if (operation != SQLITE_INSERT) {
    first.before.emplace();
    for (std::size_t i = 0; i < schema_->table(table).columns.size(); ++i) {
      const bool found =
          sqlite3_preupdate_old(db_->handle(), static_cast<int>(i) + 1, &value) == SQLITE_OK;
      first.before->values.push_back(found ? value_of(value) : Value::null());
    }
  }
  touched_.push_back(std::move(first));
}

namespace {

// One table is written here; its name is the schema's.
void on_change(void* self, sqlite3*, int operation, const char*, const char*, sqlite3_int64,
               sqlite3_int64) {
  static_cast<RereadCapture*>(self)->touch(TableId{0}, operation);
}

}  // namespace

Result<std::vector<NetRow>> RereadCapture::net() {
  std::vector<NetRow> rows;
  places_.clear();
  for (First& first : touched_) {
    const Table& table = schema_->table(first.table);
    DS_ASSIGN(const RowId id, key_of(table, first.key));
    const RowKey key{first.table, id};
    if (!places_.try_emplace(key, rows.size()).second) continue;
    NetRow row{key, std::move(first.before), {}, false};
    DS_ASSIGN(RowTable* const stored, tables_.of(first.table));
    DS_ASSIGN(row.after, stored->read(id));
    for (auto* image : {&row.before, &row.after}) {
      if (!*image) continue;
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        DS_ASSIGN((*image)->values[i], normalise(table.columns[i], std::move((*image)->values[i])));
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace doorstep::bench
