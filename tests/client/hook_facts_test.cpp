// What SQLite's preupdate hook says and does not say. Capture stands on each of these; a newer
// SQLite that changes one is noticed here (DESIGN section 6).
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <string>

#include "client-sdk/src/capture.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/sqlite/ddl.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

std::string shown(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
      return "-";
    case SQLITE_FLOAT:
      return "real " + std::to_string(sqlite3_value_int(value));
    case SQLITE_INTEGER:
      return "int " + std::to_string(sqlite3_value_int(value));
    default:
      return reinterpret_cast<const char*>(sqlite3_value_text(value));
  }
}

// A plain database whose hook writes down what it is told.
struct Watched {
  Watched() {
    sqlite::OpenOptions how;
    how.create = true;
    auto opened = sqlite::Database::open(":memory:", how);
    REQUIRE(opened.ok());
    db = *std::move(opened);
    sqlite3_preupdate_hook(db.handle(), note, this);
  }

  static void note(void* self, sqlite3* db, int operation, const char* database, const char* table,
                   sqlite3_int64, sqlite3_int64) {
    std::string& log = static_cast<Watched*>(self)->log;
    log += std::string(log.empty() ? "" : "; ") +
           (std::string(database) == "main" ? "" : database + std::string(".")) + table +
           (operation == SQLITE_INSERT   ? " ins"
            : operation == SQLITE_DELETE ? " del"
                                         : " upd");
    if (sqlite3_preupdate_blobwrite(db) >= 0) log += " blob";
    sqlite3_value* value = nullptr;
    for (int i = 0; i < sqlite3_preupdate_count(db); ++i) {
      if (operation != SQLITE_INSERT && sqlite3_preupdate_old(db, i, &value) == SQLITE_OK)
        log += " <" + shown(value);
      if (operation != SQLITE_DELETE && sqlite3_preupdate_new(db, i, &value) == SQLITE_OK)
        log += " >" + shown(value);
    }
  }

  std::string told(const char* sql) {
    log.clear();
    const auto done = db.run(sql);
    failed = !done;
    return log;
  }

  sqlite::Database db;
  std::string log;
  bool failed = false;
};

}  // namespace

TEST_CASE(
    "hook: REPLACE is a delete and an insert, and rows removed by another UNIQUE are deletes too") {
  Watched w;
  CHECK(w.db.run("CREATE TABLE t (a INTEGER UNIQUE, b INTEGER UNIQUE); INSERT INTO t VALUES (1, "
                 "1), (2, 2)")
            .ok());
  const std::string told = w.told("REPLACE INTO t VALUES (1, 2)");
  CHECK(told.find("t del <int 1 <int 1") != std::string::npos);
  CHECK(told.find("t del <int 2 <int 2") != std::string::npos);
  CHECK(told.ends_with("; t ins >int 1 >int 2"));
}

TEST_CASE("hook: a whole number in a REAL column is told as the integer of its record") {
  Watched w;
  CHECK(w.db.run("CREATE TABLE t (a REAL) STRICT").ok());
  const std::string told = w.told("INSERT INTO t VALUES (3)");
  CHECK((told == "t ins >int 3" || told == "t ins >real 3"));
  CHECK(w.db.one("SELECT typeof(a) FROM t")->value() == Value::text("real"));
}

TEST_CASE("hook: the old value of a column added with a DEFAULT is told as NULL") {
  Watched w;
  CHECK(
      w.db.run("CREATE TABLE t (a); INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN b DEFAULT 7")
          .ok());
  CHECK(w.told("UPDATE t SET a = 2").find("t upd <int 1") == 0);
  CHECK(w.db.one("SELECT b FROM t")->value() == Value::integer(7));
  CHECK(w.log.find("<int 7") == std::string::npos);
}

TEST_CASE("hook: a blob written in place is told as a delete that names its column") {
  Watched w;
  CHECK(w.db.run("CREATE TABLE t (a); INSERT INTO t VALUES (x'0000')").ok());
  w.log.clear();
  sqlite3_blob* blob = nullptr;
  REQUIRE(sqlite3_blob_open(w.db.handle(), "main", "t", "a", 1, 1, &blob) == SQLITE_OK);
  CHECK(sqlite3_blob_write(blob, "x", 1, 0) == SQLITE_OK);
  CHECK(sqlite3_blob_close(blob) == SQLITE_OK);
  CHECK(w.log.starts_with("t del blob"));
}

TEST_CASE(
    "hook: an update that changes nothing is told, temp and attached tables are told with their "
    "database") {
  Watched w;
  CHECK(w.db.run("CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE TEMP TABLE u (a); ATTACH "
                 "':memory:' AS x;"
                 "CREATE TABLE x.v (a)")
            .ok());
  CHECK(w.told("UPDATE t SET a = a") == "t upd <int 1 >int 1");
  CHECK(w.told("INSERT INTO u VALUES (1)") == "temp.u ins >int 1");
  CHECK(w.told("INSERT INTO x.v VALUES (1)") == "x.v ins >int 1");
}

TEST_CASE("hook: a three-row insert that fails on its third row was told of two") {
  Watched w;
  CHECK(w.db.run("CREATE TABLE t (a CHECK (a < 3))").ok());
  CHECK(w.told("INSERT INTO t VALUES (1), (2), (3)") == "t ins >int 1; t ins >int 2");
  CHECK(w.failed);
  CHECK(w.db.one("SELECT count(*) FROM t")->value() == Value::integer(0));
}

TEST_CASE(
    "capture refuses a commit on the raw handle that holds changes nobody took, and a blob written "
    "in place") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO household (id, head) VALUES (:id, 'Wang')", {id_binding(1)});
  auto opened = sqlite::Database::open(phone.path(), {});
  REQUIRE(opened.ok());
  sqlite::Database db = *std::move(opened);
  REQUIRE(sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr) == SQLITE_OK);
  auto capture = Capture::install(db, small_schema());
  REQUIRE(capture.ok());
  CHECK_FALSE(db.run("UPDATE household SET head = 'Li'").ok());
  CHECK((*capture)->refused_commit());

  REQUIRE(db.run("BEGIN").ok());
  REQUIRE((*capture)->join().ok());
  sqlite3_blob* blob = nullptr;
  REQUIRE(sqlite3_blob_open(db.handle(), "main", "household", "head", 1, 1, &blob) == SQLITE_OK);
  CHECK(sqlite3_blob_write(blob, "x", 1, 0) == SQLITE_OK);
  CHECK(sqlite3_blob_close(blob) == SQLITE_OK);
  (*capture)->mark_written();
  CHECK_FALSE(db.run("COMMIT").ok());
  CHECK((*capture)->refused_commit());
  CHECK(phone.read("SELECT head FROM household") == "Wang");
}

TEST_CASE(
    "rows that triggers and cascades of the app write are captured with the statement that caused "
    "them") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.close();
  CHECK(phone
            .outside("CREATE TRIGGER count_boxes AFTER INSERT ON household BEGIN"
                     " INSERT INTO supply (code, boxes) VALUES ('gift', 1)"
                     " ON CONFLICT (code) DO UPDATE SET boxes = boxes + 1; END")
            .empty());
  phone.restart();
  phone.run("INSERT INTO household (id) VALUES (:a), (:b)",
            {id_binding(1, "a"), id_binding(2, "b")});
  const Transaction sent = phone.sent().back();
  REQUIRE(sent.changes.size() == 3);
  CHECK(sent.changes[1].row == *RowId::from("gift"));
  CHECK(std::get<CounterDelta>(sent.changes[1].cells.front().edit).amount == 2);
}

TEST_CASE("what a FOREIGN KEY of the app removes in cascade is captured with what caused it") {
  sqlite::OpenOptions how;
  how.create = true;
  auto db = sqlite::Database::open(":memory:", how).value();
  // The tables of the schema with a foreign key of the app's own.
  CHECK(db.run("PRAGMA foreign_keys = ON;" +
               sqlite::device_table_ddl(
                   small_schema().table(*small_schema().find_table("household"))) +
               "; CREATE TABLE visit (id BLOB NOT NULL UNIQUE, household_id BLOB"
               " REFERENCES household (id) ON DELETE CASCADE, note TEXT, happened INTEGER,"
               " corrects BLOB) STRICT;"
               "INSERT INTO household (id, head) VALUES (zeroblob(16), 'Wang');"
               "INSERT INTO visit (id, household_id) VALUES (randomblob(16), zeroblob(16)),"
               " (randomblob(16), zeroblob(16)), (randomblob(16), NULL)")
            .ok());
  const auto capture = Capture::install(db, small_schema()).value();
  REQUIRE(db.run("BEGIN IMMEDIATE").ok());
  REQUIRE(capture->join().ok());
  REQUIRE(db.run("DELETE FROM household").ok());
  const auto rows = capture->net().value();
  REQUIRE(rows.size() == 3);
  CHECK(std::all_of(rows.begin(), rows.end(),
                    [](const NetRow& row) { return row.before && !row.after; }));
  capture->mark_written();
  CHECK(db.run("COMMIT").ok());
}

TEST_CASE("C3: a trigger of the app stays still when the township's rows are applied") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.close();
  CHECK(phone
            .outside("CREATE TRIGGER a_gift AFTER INSERT ON household BEGIN"
                     " INSERT INTO supply (code, boxes) VALUES (new.head, 1); END")
            .empty());
  phone.restart();
  SmallHub hub;
  hub.put("household", row_id(1), {{"village", Value::text("v1")}, {"head", Value::text("Wang")}});
  CHECK(apply(phone, hub.commit()).differing.empty());
  CHECK(phone.read("SELECT count(*) FROM household") == "1");
  CHECK(phone.read("SELECT count(*) FROM supply") == "0");
  CHECK(phone.sent().empty());
  phone.run("INSERT INTO household (id, head) VALUES (:id, 'Li')", {id_binding(2)});
  CHECK(phone.read("SELECT code FROM supply") == "Li");
}

}  // namespace doorstep::test
