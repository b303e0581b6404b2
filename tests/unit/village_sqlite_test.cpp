// The village schema and its sample on real SQLite: STRICT tables store exactly what normalise
// says.
#include <doctest/doctest.h>

#include "engine/sqlite/database.hpp"
#include "engine/sqlite/ddl.hpp"
#include "schema/loader.hpp"
#include "schema/sample/row_text.hpp"
#include "tests/support/paths.hpp"

using namespace doorstep;

namespace {

sqlite::Database village_database(const Schema& schema) {
  sqlite::OpenOptions options;
  options.create = true;
  auto db = sqlite::Database::open(":memory:", options);
  REQUIRE(db.ok());
  for (const Table& table : schema.tables()) {
    REQUIRE(db->run(sqlite::device_table_ddl(table)).ok());
  }
  return std::move(db).value();
}

std::int64_t count(sqlite::Database& db, std::string_view sql) {
  const auto value = db.one(sql);
  REQUIRE(value.ok());
  REQUIRE(value.value());
  return value.value()->as_integer();
}

}  // namespace

TEST_CASE(
    "the printed sample village loads into a replica's tables, and plain SQL finds its figures") {
  const Schema schema = load_schema_file(test::source_dir() / "schema/village.toml").value();
  sqlite::Database db = village_database(schema);
  std::string sql = "BEGIN;";
  for (const auto& row : sample::make_village_sample({})) sql += sample::sql_text(row);
  const Status loaded = db.run(sql + "COMMIT;");
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().detail);

  CHECK(count(db, "SELECT count(*) FROM household") == 339);
  CHECK(count(db, "SELECT count(DISTINCT villager_group) FROM household") == 7);
  CHECK(count(db, "SELECT count(*) FROM resident") == 1232);
  CHECK(count(db, "SELECT count(*) FROM resident, json_each(labels) WHERE value = 'empty_nest'") ==
        107);
  CHECK(count(db, "SELECT count(*) FROM resident, json_each(labels) WHERE value = 'left_behind'") ==
        75);
  CHECK(count(db,
              "SELECT count(*) FROM visit WHERE household_id NOT IN (SELECT id FROM household)") ==
        0);
  CHECK(count(db, "SELECT sum(amount_fen) >= 0 FROM fund_entry") == 1);
}

TEST_CASE("what normalise makes of a value is what a STRICT column stores") {
  const Schema schema = load_schema_file(test::source_dir() / "schema/village.toml").value();
  const Table& checks = schema.table(*schema.find_table("health_check"));
  sqlite::Database db = village_database(schema);
  REQUIRE(db.run("INSERT INTO health_check (id, resident_id, checked_on, half_year, "
                 "glucose_mmol_l, systolic_mmhg) "
                 "VALUES (zeroblob(16), zeroblob(16), '2024-05-01', '2024H1', 6, 131.0)")
              .ok());
  const auto stored = [&](std::string_view column) {
    return db.one("SELECT " + std::string(column) + " FROM health_check").value().value();
  };
  const auto normal = [&](std::string_view column, const Value& given) {
    return normalise(checks.column(*checks.find_column(column)), given).value();
  };
  CHECK(stored("glucose_mmol_l") == normal("glucose_mmol_l", Value::integer(6)));
  CHECK(stored("systolic_mmhg") == normal("systolic_mmhg", Value::real(131.0)));
  CHECK_FALSE(db.run("UPDATE health_check SET systolic_mmhg = 131.5").ok());
  CHECK_FALSE(
      normalise(checks.column(*checks.find_column("systolic_mmhg")), Value::real(131.5)).ok());
}
