#include "client-sdk/src/sql_functions.hpp"

#include <sqlite3.h>

namespace doorstep {
namespace {

struct IdMaker {
  const Clock* clock;
  Random* random;
  UuidSource source;
};

void result_blob(sqlite3_context* context, ByteView bytes) {
  sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

void uuid7_function(sqlite3_context* context, int, sqlite3_value**) {
  auto& maker = *static_cast<IdMaker*>(sqlite3_user_data(context));
  std::array<std::uint8_t, 10> random{};
  maker.random->fill(random);
  const Uuid id = maker.source.next(Instant{maker.clock->read().wall_ms}, random);
  result_blob(context, id);
}

ByteView blob_argument(sqlite3_value* value) {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_value_blob(value));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  return data != nullptr ? ByteView(data, size) : ByteView();
}

void uuid_function(sqlite3_context* context, int, sqlite3_value** arguments) {
  const ByteView given = blob_argument(arguments[0]);
  if (sqlite3_value_type(arguments[0]) == SQLITE_BLOB && given.size() == 16) {
    return result_blob(context, given);
  }
  if (const auto id = parse_uuid(text_of(given))) return result_blob(context, *id);
  sqlite3_result_null(context);
}

void uuid_text_function(sqlite3_context* context, int, sqlite3_value** arguments) {
  const ByteView given = blob_argument(arguments[0]);
  if (given.size() != 16) return sqlite3_result_null(context);
  Uuid id{};
  std::copy(given.begin(), given.end(), id.begin());
  const std::string text = format_uuid(id);
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void guard_function(sqlite3_context* context, int, sqlite3_value**) {
  sqlite3_result_null(context);
}

using Function = void (*)(sqlite3_context*, int, sqlite3_value**);

Status define(sqlite::Database& db, const char* name, int arguments, int flags, Function function,
              std::unique_ptr<IdMaker> data = nullptr) {
  const int code = sqlite3_create_function_v2(
      db.handle(), name, arguments, SQLITE_UTF8 | flags, data.release(), function, nullptr, nullptr,
      [](void* made) { std::unique_ptr<IdMaker>(static_cast<IdMaker*>(made)).reset(); });
  if (code != SQLITE_OK) return db.last_error(code, name);
  return {};
}

}  // namespace

Status register_sql_functions(sqlite::Database& db, const Clock& clock, Random& random,
                              bool writes_captured) {
  auto maker = std::make_unique<IdMaker>(IdMaker{&clock, &random, {}});
  DS_TRY(define(db, "uuid7", 0, 0, uuid7_function, std::move(maker)));
  DS_TRY(define(db, "uuid", 1, SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, uuid_function));
  DS_TRY(define(db, "uuid_text", 1, SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, uuid_text_function));
  if (!writes_captured) return {};
  // Innocuous: it must work in triggers also where an app distrusts its schema.
  return define(db, "write_through_the_doorstep_sdk", 0, SQLITE_INNOCUOUS, guard_function);
}

}  // namespace doorstep
