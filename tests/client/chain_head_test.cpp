// The head of a phone's own chain: it stands in the outbox until ds_state follows, and is known for
// what it is wherever the phone was killed.
#include <doctest/doctest.h>

#include <filesystem>

#include "client-sdk/src/damage.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/client/phone.hpp"

namespace doorstep::test {
namespace {

void give_a_box(Phone& phone) { phone.run("UPDATE supply SET boxes = boxes + 1"); }

/// The phone's files as a kill leaves them, at another path.
std::string killed(const Phone& phone, const std::string& to) {
  for (const char* const suffix : {"", "-wal"}) {
    std::filesystem::copy_file(phone.path() + suffix, to + suffix);
  }
  return to;
}

std::string noted(Phone& phone) { return phone.read("SELECT last_sequence FROM ds_state"); }

}  // namespace

TEST_CASE("a phone gives out boxes and is killed: it goes on from the last one in the outbox") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO supply (code, boxes) VALUES ('oil', 0)");
  for (int i = 0; i < 9; ++i) give_a_box(phone);
  CHECK(noted(phone) == "0");
  Phone other(killed(phone, folder.file("b.db")));
  give_a_box(other);
  CHECK(other.sent().size() == 11);
  CHECK(other.read("SELECT max(sequence) FROM ds_outbox") == "11");
  CHECK(other.replica().verify()->problems.empty());
  phone.restart();
  CHECK(noted(phone) == "10");
}

TEST_CASE("what vanishes from the end of the outbox is missed: the numbers follow after a while") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO supply (code, boxes) VALUES ('oil', 0)");
  for (int i = 1; i < 70; ++i) give_a_box(phone);
  CHECK(noted(phone) == "64");
  for (int i = 0; i < 400; ++i) give_a_box(phone);
  // The log went into the file, and the numbers with it.
  CHECK(std::filesystem::file_size(phone.path() + "-wal") < std::uintmax_t{8} << 20U);
  phone.close();
  auto db = sqlite::Database::open(phone.path(), {}).value();
  CHECK(db.one("SELECT last_sequence FROM ds_state").value() == Value::integer(470));
  REQUIRE(db.run("DELETE FROM ds_outbox WHERE sequence > 460").ok());
  CHECK(find_damage(phone.path(), phone.seams()).value() == "ds_outbox: transactions are missing");
}

TEST_CASE(
    "a bit flips in the hash of the newest transaction before ds_state follows: it is known") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO supply (code, boxes) VALUES ('oil', 0)");
  give_a_box(phone);
  const std::string path = killed(phone, folder.file("b.db"));
  {
    auto db = sqlite::Database::open(path, {}).value();
    REQUIRE(db.run("UPDATE ds_outbox SET hash = CAST(substr(hash, 1, 31) || x'01' AS BLOB)"
                   " WHERE sequence = 2")
                .ok());
  }
  const auto opened = open_replica(path, {}, phone.seams());
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ErrorCode::replica_damaged);
}

}  // namespace doorstep::test
