// Much work in one transaction, which the outbox keeps packed; and a large replica, of which an
// opening reads only the ends of what waits.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "client-sdk/src/damage.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/wire/codec.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

constexpr const char* survey =
    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
    " INSERT INTO household (id, village, head) SELECT uuid7(), 'v1', 'Li ' || i FROM n";

sqlite::Database file_of(const Phone& phone) {
  return sqlite::Database::open(phone.path(), {}).value();
}

/// A page of ds_outbox between its ends, behind the first rows.
std::int64_t middle_page(sqlite::Database& db) {
  const auto page = db.one(
      "SELECT pageno FROM dbstat WHERE name = 'ds_outbox' AND pagetype = 'leaf' ORDER BY path"
      " LIMIT 1 OFFSET (SELECT count(*) * 3 / 4 FROM dbstat WHERE name = 'ds_outbox' AND"
      " pagetype = 'leaf')");
  return page.value().value().as_integer();
}

}  // namespace

TEST_CASE("a survey of two hundred families is kept packed, sent as written, and explained") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(survey);
  const auto sent = phone.sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent.front().changes.size() == 200);
  const std::size_t written = encode_transaction(small_schema(), sent.front()).size();
  CHECK(std::stoul(phone.read("SELECT length(body) FROM ds_outbox")) < written * 2 / 3);
  phone.restart();
  const Value id = Value::blob(sent.front().changes[100].row.view());
  CHECK(phone.replica().receipt("household", id)->transaction == Sequence{1});
  CHECK(phone.replica().explain("household", id, "head")->pending == 1);
  CHECK(phone.replica().verify()->problems.empty());
  acknowledge(phone, rejecting(1, 1, ErrorCode::rule_broken));
  CHECK(phone.replica().rejected_detail(Sequence{1})->rows.size() == 200);
  CHECK(phone.read("SELECT count(*) FROM household") == "0");
}

TEST_CASE("a bit flips in work that is kept packed: that is damage, and nothing of it is sent") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(survey);
  phone.close();
  REQUIRE(file_of(phone)
              .run("UPDATE ds_outbox SET body = CAST(substr(body, 1, 900) || x'55AA55' ||"
                   " substr(body, 904) AS BLOB)")
              .ok());
  CHECK_FALSE(find_damage(phone.path(), phone.seams())->empty());
  auto store = open_device_store(phone.path(), {}, phone.seams());
  REQUIRE(store.ok());
  CHECK_FALSE((*store)->outbox({}, 1'000'000).ok());
}

TEST_CASE(
    "a large phone with much unsent work opens without reading all of it; damage in the middle of "
    "it is met by the sync before anything is sent") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  for (int i = 0; i < 12; ++i) {
    phone.run(
        "INSERT INTO household (id, village, head) VALUES (uuid7(), 'v1', "
        "hex(randomblob(500000)))");
  }
  for (int i = 0; i < 300; ++i) {
    phone.run("INSERT INTO household (id, village, head) VALUES (uuid7(), 'v1', 'Li')");
  }
  phone.close();
  REQUIRE(std::filesystem::file_size(phone.path()) > std::uintmax_t{16} << 20U);
  std::int64_t page = 0;
  {
    auto db = file_of(phone);
    page = middle_page(db);
  }
  {
    std::fstream file(phone.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((page - 1) * 4096);
    file << std::string(4096, '\x5A');
  }
  {
    const auto opened = open_replica(phone.path(), {}, phone.seams());
    REQUIRE(opened.ok());
    CHECK((*opened)->execute("INSERT INTO supply (code, boxes) VALUES ('oil', 1)", {}).ok());
  }
  const auto store = open_device_store(phone.path(), {}, phone.seams());
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().code == ErrorCode::replica_damaged);
  CHECK_FALSE(find_damage(phone.path(), phone.seams())->empty());
}

}  // namespace doorstep::test
