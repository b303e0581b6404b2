// What SQLite says when a file cannot be used, as the errors that people are told.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/sqlite/database.hpp"

using namespace doorstep;
using sqlite::Database;

namespace {

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("doorstep-sqlite-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path / name).string(); }
};

ErrorCode code_of(int sqlite_code) { return sqlite::error_of(nullptr, sqlite_code, "").code; }

}  // namespace

TEST_CASE("each way in which SQLite fails has its own code, whatever its fine print") {
  CHECK(code_of(SQLITE_FULL) == ErrorCode::disk_full);
  CHECK(code_of(SQLITE_READONLY_DIRECTORY) == ErrorCode::read_only);
  CHECK(code_of(SQLITE_BUSY_SNAPSHOT) == ErrorCode::busy);
  CHECK(code_of(SQLITE_LOCKED) == ErrorCode::busy);
  CHECK(code_of(SQLITE_CORRUPT_INDEX) == ErrorCode::corrupt);
  CHECK(code_of(SQLITE_NOTADB) == ErrorCode::corrupt);
  CHECK(code_of(SQLITE_IOERR_FSYNC) == ErrorCode::io_error);
  CHECK(code_of(SQLITE_CANTOPEN) == ErrorCode::io_error);
  CHECK(code_of(SQLITE_NOMEM) == ErrorCode::io_error);
  CHECK(code_of(SQLITE_TOOBIG) == ErrorCode::bad_value);
  CHECK(code_of(SQLITE_ERROR) == ErrorCode::sql_error);
  CHECK(sqlite::error_of(nullptr, SQLITE_FULL, "wang.db").detail.starts_with("wang.db: "));
}

TEST_CASE("a file that is missing, is none, is held by another or may not be written") {
  const Folder folder;
  CHECK(Database::open(folder.file("missing.db"), {}).error().code == ErrorCode::io_error);
  std::ofstream(folder.file("letter.db")) << std::string(4096, 'x');
  auto letter = Database::open(folder.file("letter.db"), {});
  CHECK((letter.ok() ? letter->run("select * from sqlite_master").error() : letter.error()).code ==
        ErrorCode::corrupt);

  sqlite::OpenOptions options;
  options.create = true;
  options.busy_timeout_ms = 0;
  Database wang = Database::open(folder.file("wang.db"), options).value();
  REQUIRE(wang.run("create table visit (id)").ok());
  Database li = Database::open(folder.file("wang.db"), options).value();
  {
    auto writing = sqlite::WriteTransaction::begin(wang);
    REQUIRE(writing.ok());
    CHECK(wang.in_transaction());
    CHECK(sqlite::WriteTransaction::begin(li).error().code == ErrorCode::busy);
    REQUIRE(wang.run("insert into visit values (1)").ok());
    CHECK(wang.changes() == 1);
  }  // not committed: undone
  CHECK(wang.one("select count(*) from visit").value() == Value::integer(0));
  CHECK_FALSE(wang.in_transaction());
  options.read_only = true;
  options.create = false;
  Database reader = Database::open(folder.file("wang.db"), options).value();
  CHECK(reader.run("insert into visit values (1)").error().code == ErrorCode::read_only);
  CHECK(reader.prepare("select no such thing").error().code == ErrorCode::sql_error);
  CHECK(reader.last_error(SQLITE_ERROR, "rule").detail.starts_with("rule"));
}

TEST_CASE("a kept statement has forgotten what its last user bound, and has one user at a time") {
  const Folder folder;
  sqlite::OpenOptions options;
  options.create = true;
  Database wang = Database::open(folder.file("wang.db"), options).value();
  constexpr std::string_view sql = "SELECT ?1 UNION ALL SELECT 2";
  {
    auto first = wang.kept(sql);
    REQUIRE(first.ok());
    (*first)->bind(1, std::int64_t{7});
    REQUIRE((*first)->step().value());
    CHECK((*first)->integer(0) == 7);
    CHECK(wang.kept(sql).error().code == ErrorCode::internal);
  }
  auto second = wang.kept(sql);
  REQUIRE(second.ok());
  REQUIRE((*second)->step().value());
  CHECK((*second)->is_null(0));
}
