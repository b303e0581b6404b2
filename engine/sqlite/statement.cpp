#include "engine/sqlite/statement.hpp"

#include <sqlite3.h>

#include <string>

namespace doorstep::sqlite {

Error error_of(sqlite3* db, int code, std::string_view context) {
  std::string detail(context);
  if (!detail.empty()) detail += ": ";
  detail += db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return error(ErrorCode::disk_full, std::move(detail));
    case SQLITE_READONLY:
      return error(ErrorCode::read_only, std::move(detail));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return error(ErrorCode::busy, std::move(detail));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return error(ErrorCode::corrupt, std::move(detail));
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
      return error(ErrorCode::io_error, std::move(detail));
    case SQLITE_TOOBIG:
      return error(ErrorCode::bad_value, std::move(detail));
    default:
      return error(ErrorCode::sql_error, std::move(detail));
  }
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(int index, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      bind_null(index);
      break;
    case Value::Kind::integer:
      bind(index, value.as_integer());
      break;
    case Value::Kind::real:
      sqlite3_bind_double(handle(), index, value.as_real());
      break;
    case Value::Kind::text:
      bind(index, value.as_text());
      break;
    case Value::Kind::blob:
      bind(index, value.as_blob());
      break;
  }
}

void Statement::bind(int index, std::int64_t value) { sqlite3_bind_int64(handle(), index, value); }

void Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(handle(), index, text.data() != nullptr ? text.data() : "", text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int index, ByteView blob) {
  static constexpr char nothing = 0;
  sqlite3_bind_blob64(handle(), index,
                      blob.empty() ? static_cast<const void*>(&nothing) : blob.data(), blob.size(),
                      SQLITE_STATIC);
}

void Statement::bind_null(int index) { sqlite3_bind_null(handle(), index); }

void Statement::bind_copy(int index, const Value& value) {
  if (value.kind() == Value::Kind::text) {
    const auto text = value.as_text();
    sqlite3_bind_text64(handle(), index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else if (value.kind() == Value::Kind::blob && !value.as_blob().empty()) {
    sqlite3_bind_blob64(handle(), index, value.as_blob().data(), value.as_blob().size(),
                        SQLITE_TRANSIENT);
  } else {
    bind(index, value);
  }
}

int Statement::parameter_index(const char* name) const {
  return sqlite3_bind_parameter_index(handle(), name);
}
int Statement::parameter_count() const { return sqlite3_bind_parameter_count(handle()); }
std::string_view Statement::parameter_name(int index) const {
  const char* name = sqlite3_bind_parameter_name(handle(), index);
  return name != nullptr ? name : "";
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  Error failure = error_of(sqlite3_db_handle(handle()), code, "");
  reset();
  return failure;
}

Status Statement::run() {
  for (;;) {
    DS_ASSIGN(const bool row, step());
    if (!row) return {};
  }
}

void Statement::reset() { sqlite3_reset(handle()); }
void Statement::let_go_of_bound() { sqlite3_clear_bindings(handle()); }
bool Statement::is_running() const { return sqlite3_stmt_busy(handle()) != 0; }

int Statement::column_count() const { return sqlite3_column_count(handle()); }
std::string_view Statement::column_name(int column) const {
  const char* name = sqlite3_column_name(handle(), column);
  return name != nullptr ? name : "";
}

Value Statement::value(int column) const {
  switch (sqlite3_column_type(handle(), column)) {
    case SQLITE_INTEGER:
      return Value::integer(integer(column));
    case SQLITE_FLOAT:
      return Value::real(sqlite3_column_double(handle(), column));
    case SQLITE_TEXT:
      return Value::text(text(column));
    case SQLITE_BLOB:
      return Value::blob(blob(column));
    default:
      return Value::null();
  }
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle(), column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle(), column); }

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle(), column));
  return text != nullptr ? std::string_view(text, size) : std::string_view();
}

ByteView Statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle(), column));
  return data != nullptr ? ByteView(data, size) : ByteView();
}

bool Statement::is_read_only() const { return sqlite3_stmt_readonly(handle()) != 0; }

}  // namespace doorstep::sqlite
