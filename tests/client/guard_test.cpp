// What keeps a replica's tables from being changed unseen, and what an app's SQL may not do.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "client-sdk/src/second_sqlite.hpp"
#include "client-sdk/src/sqlite_device_store.hpp"
#include "client-sdk/src/sync_lock.hpp"
#include "client-sdk/src/system_ports.hpp"
#include "engine/core/limits.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

const char* const new_household = "INSERT INTO household (id, head) VALUES (:id, 'Wang')";

}  // namespace

TEST_CASE("a write by another SQLite tool fails with the name of the SDK, and reading works") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  for (const char* sql : {"INSERT INTO household (id) VALUES (x'00')",
                          "UPDATE household SET head = 'x'", "DELETE FROM household"}) {
    CAPTURE(sql);
    CHECK(phone.outside(sql).find("write_through_the_doorstep_sdk") != std::string::npos);
  }
  CHECK(phone.outside("SELECT * FROM household").empty());
}

TEST_CASE(
    "the SDK begins and ends transactions itself and keeps the file: other words are refused with "
    "a reason") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  const std::pair<const char*, const char*> cases[] = {
      {"BEGIN", "BEGIN: the SDK begins"},
      {"COMMIT", "COMMIT: the SDK begins"},
      {"ROLLBACK", "ROLLBACK: the SDK begins"},
      {"VACUUM", "VACUUM"},
      {"-- clean up\n /* now */ vacuum", "VACUUM"},
      {"ATTACH 'x.db' AS x", "ATTACH"},
      {"CREATE TABLE mine (a)", "tables come with the schema"},
      {"CREATE TEMP TABLE mine (a)", "tables come with the schema"},
      {"DROP TABLE household", "tables come with the schema"},
      {"ALTER TABLE household ADD COLUMN x TEXT", "tables come with the schema"},
      {"CREATE INDEX i ON household (head)", "tables come with the schema"},
      {"DROP TRIGGER ds_guard_household_insert", "tables come with the schema"},
      {"PRAGMA journal_mode = DELETE", "PRAGMA journal_mode"},
      {"PRAGMA user_version = 6", "PRAGMA user_version"},
      {"DELETE FROM ds_outbox", "not a table of the schema"},
      {"UPDATE ds_state SET cursor = 9", "not a table of the schema"},
  };
  for (const auto& one : cases) {
    const auto& sql = one.first;
    const auto& reason = one.second;
    CAPTURE(sql);
    const Error error = phone.refused(sql);
    CHECK(error.code == ErrorCode::sql_refused);
    CHECK(error.detail.find(reason) != std::string::npos);
  }
  CHECK(phone.read("PRAGMA user_version") == "5");
  CHECK_FALSE(phone.replica().query("DELETE FROM household").ok());
  CHECK(phone.replica().query("INSERT INTO household (id) VALUES (x'00')").error().code ==
        ErrorCode::sql_refused);
  CHECK(phone.replica().query("BEGIN").error().code == ErrorCode::sql_refused);
}

TEST_CASE("json_each and json_tree are there in queries and in writes") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  phone.run("UPDATE household SET labels = '[\"elder\",\"left_behind\"]'");
  const char* const labels =
      "SELECT label.value FROM household, json_each(household.labels) AS label ORDER BY 1";
  CHECK(print(phone.replica().query(labels).value()) == "elder\nleft_behind");
  phone.run("UPDATE household SET remarks = (SELECT count(*) FROM json_tree(household.labels))");
  CHECK(phone.read("SELECT remarks FROM household") == "3");
}

TEST_CASE(
    "what can be checked on the phone is refused there, with the catalogue's code, and writes "
    "nothing") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO visit (id, note) VALUES (:id, 'fever')", {id_binding(9)});
  phone.run(new_household, {id_binding(1)});
  const std::pair<const char*, ErrorCode> cases[] = {
      {"UPDATE visit SET note = 'x'", ErrorCode::append_only},
      {"DELETE FROM visit", ErrorCode::append_only},
      {"UPDATE household SET verdict = 'good'", ErrorCode::hub_column},
      {"INSERT INTO household (id, verdict) VALUES (uuid7(), 'good')", ErrorCode::hub_column},
      {"INSERT INTO household (id) VALUES (x'0102')", ErrorCode::bad_key},
      {"UPDATE household SET id = uuid7()", ErrorCode::bad_key},
      {"INSERT INTO supply (code) VALUES ('a code of more than thirty-one bytes')",
       ErrorCode::bad_key},
      {"UPDATE household SET visited = 'yesterday'", ErrorCode::bad_value},
      {"UPDATE household SET checked = 2", ErrorCode::bad_value},
      {"UPDATE household SET labels = 'no set'", ErrorCode::bad_value},
      {"UPDATE household SET head = cast(x'ff' AS TEXT)", ErrorCode::bad_value},
      {"UPDATE household SET head = 'a' || char(0) || 'b'", ErrorCode::bad_value},
      {"UPDATE household SET members = 'three'", ErrorCode::sql_error},
      {"INSERT INTO household (head) VALUES ('nobody')", ErrorCode::sql_error},
  };
  for (const auto& one : cases) {
    const auto& sql = one.first;
    const auto& code = one.second;
    CAPTURE(sql);
    CHECK(phone.refused(sql).code == code);
  }
  CHECK(phone.sent().size() == 2);
  CHECK(phone.read("SELECT count(*) FROM household") == "1");
}

TEST_CASE("a table altered or a guard dropped outside the SDK is noticed at the next open") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.close();
  SUBCASE("a guard") { CHECK(phone.outside("DROP TRIGGER ds_guard_household_update").empty()); }
  SUBCASE("a column") { CHECK(phone.outside("ALTER TABLE household ADD COLUMN x TEXT").empty()); }
  SUBCASE("a VIRTUAL generated column, which would shift what the hook tells") {
    CHECK(phone
              .outside("ALTER TABLE household ADD COLUMN x TEXT"
                       " GENERATED ALWAYS AS (upper(head)) VIRTUAL")
              .empty());
  }
  SUBCASE("a table") { CHECK(phone.outside("DROP TABLE supply").empty()); }
  const auto opened = open_replica(phone.path(), {}, phone.seams());
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ErrorCode::guard_missing);
}

TEST_CASE("rows changed behind the SDK's back are found by verify") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  CHECK(phone.replica().verify()->ok());
  CHECK(phone
            .outside("DROP TRIGGER ds_guard_household_insert;"
                     "INSERT INTO household (id) VALUES (randomblob(16))")
            .empty());
  const auto report = phone.replica().verify();
  REQUIRE(report.ok());
  CHECK(report->problems.size() == 2);
}

TEST_CASE("E2: a row damaged behind the SDK's back is found by the day's check, or when asked") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  SmallHub hub;
  hub.put("household", row_id(1), {{"village", Value::text("v1")}, {"head", Value::text("Wang")}});
  CHECK(apply(phone, hub.commit()).differing.empty());
  phone.close();
  auto store = SqliteDeviceStore::open(phone.path(), {}, phone.seams()).value();
  Welcome welcome;
  welcome.now = Instant{1'700'000'000'000};
  welcome.scopes = {ScopeId{"v1"}};
  welcome.schema_known = true;
  REQUIRE(store->note_welcome(welcome, phone.clock.read()).ok());
  REQUIRE(store->check_rows(false).ok());
  CHECK_FALSE(store->state()->differs);
  CHECK(phone
            .outside("DROP TRIGGER ds_guard_household_update;"
                     "UPDATE household SET head = 'nobody'")
            .empty());
  REQUIRE(store->check_rows(false).ok());
  CHECK_FALSE(store->state()->differs);  // it was looked at a moment ago
  SUBCASE("asked for") { REQUIRE(store->check_rows(true).ok()); }
  SUBCASE("a day later") {
    phone.clock.now.boot_ms += limits::check_interval_ms;
    phone.clock.now.wall_ms += limits::check_interval_ms;
    REQUIRE(store->check_rows(false).ok());
  }
  CHECK(store->state()->differs);
}

TEST_CASE("open says what is wrong with a file that is no replica") {
  const Folder folder;
  const auto code_of = [&](const std::string& name) {
    const auto opened = Replica::open(folder.file(name));
    REQUIRE_FALSE(opened.ok());
    return opened.error().code;
  };
  CHECK(code_of("nothing.db") == ErrorCode::not_a_replica);
  std::ofstream(folder.file("text.db")) << std::string(5000, 'x');
  CHECK(code_of("text.db") == ErrorCode::not_a_replica);
  Phone phone(folder.file("a.db"));
  CHECK(create_replica(phone.path(), enrolment()).error().code == ErrorCode::already_exists);
  const std::string other = "PRAGMA user_version = 99;";
  CHECK(phone.outside(other + "UPDATE ds_meta SET value = 99 WHERE key = 'format'").empty());
  CHECK(code_of("a.db") == ErrorCode::replica_version);
}

TEST_CASE("a second SQLite library in the process is named by its path") {
  CHECK(sqlite_libraries(
            {"/usr/lib/libsqlite3.so.0", "/usr/lib/libc.so.6", "/usr/lib/libsqlite3.so.0"})
            .size() == 1);
  CHECK(sqlite_libraries({"/app/libsqlite3.so", "/usr/lib/libsqlite3.so.0"}).size() == 2);
  CHECK(second_sqlite_warning().empty());
}

TEST_CASE("the SQL functions make, read and write ids") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  CHECK(phone.read("SELECT length(uuid7()), typeof(uuid7()), uuid7() < uuid7()") == "16|blob|1");
  CHECK(phone.read("SELECT uuid_text(uuid('018F3A6E-0000-7000-8000-0000000000FF'))") ==
        "018f3a6e-0000-7000-8000-0000000000ff");
  CHECK(phone.read("SELECT uuid('nonsense'), uuid_text(x'01')") == "-|-");
}

TEST_CASE("parameters are bound by name and by place, and a misspelt name is an error") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(
      "INSERT INTO household (id, head, phone) VALUES (?, :head, ?)",
      {{"", Value::blob(row_id(1).view())}, {"head", Value::text("Wang")}, {"", Value::text("1")}});
  CHECK(phone.read("SELECT head, phone FROM household") == "Wang|1");
  CHECK(phone.refused("UPDATE household SET head = :hed", {{"head", Value::text("Li")}}).detail ==
        "no value for :hed");
  CHECK(phone.refused("UPDATE household SET head = 'Li'", {{"head", Value::text("Li")}}).detail ==
        "no parameter :head");
}

TEST_CASE("only one sync at a time works on a replica, and the next may begin when it ends") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  {
    const auto first = SyncLock::take(phone.path());
    REQUIRE(first.ok());
    CHECK(SyncLock::take(phone.path()).error().code == ErrorCode::already_syncing);
    phone.run(new_household, {id_binding(1)});
  }
  CHECK(SyncLock::take(phone.path()).ok());
}

}  // namespace doorstep::test
