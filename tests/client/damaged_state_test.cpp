// Single bits of a phone's bookkeeping that SQLite finds nothing wrong with: each is known for
// what it is, before anything is made of it.
#include <doctest/doctest.h>

#include "engine/sqlite/database.hpp"
#include "tests/client/damaged_phone.hpp"

namespace doorstep::test {
namespace {

/// Behind the SDK's back, in the closed file.
void run_on(DamagedPhone& phone, const std::string& sql) {
  phone.replica.close();
  auto db = sqlite::Database::open(phone.path(), {});
  REQUIRE(db.ok());
  REQUIRE(db->run(sql).ok());
}

ErrorCode error_of_open(DamagedPhone& phone) {
  const auto opened = open_replica(phone.path(), {}, phone.replica.seams());
  return opened ? ErrorCode{} : opened.error().code;
}

void check_rescued(DamagedPhone& phone) {
  phone.colleague_writes();
  const auto report = phone.rescue();
  REQUIRE_MESSAGE(report.ok(), (report.ok() ? "" : report.error().text()));
  CHECK_FALSE(report->damage.empty());
  CHECK(report->unsent == DamagedPhone::unsent_visits);
  CHECK(report->left + report->unreadable == 0);
  phone.replica.restart();
  phone.sync_to_the_end();
  CHECK(phone.difference() == "");
  CHECK(phone.visits_at_hub() == DamagedPhone::unsent_visits);
  CHECK(phone.boxes_at_hub() == static_cast<std::int64_t>(DamagedPhone::unsent_visits));
  CHECK(phone.world.hub->snapshot().value()->head().epoch() == 1);
}

}  // namespace

TEST_CASE(
    "a bit flips in the cursor, its token or the numbers of a phone: that is damage of the phone "
    "and no restored hub, and nothing is lost") {
  for (const char* const flipped :
       {"cursor = cursor - 1", "cursor = cursor | 64",
        "token = CAST(x'00' || substr(token, 2) AS BLOB)",
        "head = CAST(substr(head, 1, length(head) - 1) || x'00' AS BLOB)",
        "included = included + 1", "last_sequence = last_sequence | 32",
        "hub_seen_ms = hub_seen_ms | (1 << 50)"}) {
    CAPTURE(std::string(flipped));
    DamagedPhone phone;
    run_on(phone, std::string("UPDATE ds_state SET ") + flipped);
    CHECK(error_of_open(phone) == ErrorCode::replica_damaged);
    check_rescued(phone);
  }
}

TEST_CASE("a bit flips in the number of a file's format: it is damaged, and of no other version") {
  DamagedPhone phone;
  run_on(phone, "PRAGMA user_version = 16389");
  CHECK(error_of_open(phone) == ErrorCode::replica_damaged);
  check_rescued(phone);
}

TEST_CASE(
    "a bit flips in a transaction that waits: the sync says that the file is damaged and sends "
    "nothing of it; the rescue counts what cannot be read") {
  DamagedPhone phone;
  run_on(phone,
         "UPDATE ds_outbox SET body = CAST(substr(body, 1, length(body) - 5) || x'3F' ||"
         " substr(body, length(body) - 3) AS BLOB) WHERE sequence = (SELECT max(sequence) FROM "
         "ds_outbox)");
  CHECK(error_of_open(phone) == ErrorCode{});
  phone.replica.restart();
  const std::string said = phone.sync();
  CHECK_MESSAGE(said.find("replica_damaged") != std::string::npos, said);
  CHECK(phone.visits_at_hub() == 0);
  phone.replica.close();
  const auto report = phone.rescue();
  REQUIRE(report.ok());
  CHECK(report->unsent == DamagedPhone::unsent_visits - 1);
  CHECK(report->left == 1);
  phone.replica.restart();
  phone.sync_to_the_end();
  CHECK(phone.difference() == "");
  CHECK(phone.visits_at_hub() == DamagedPhone::unsent_visits - 1);
  CHECK(phone.boxes_at_hub() == static_cast<std::int64_t>(DamagedPhone::unsent_visits - 1));
}

TEST_CASE(
    "a bit flips in the number of a transaction that waits, and the page is in order all the same: "
    "the rescue misses it, counts it and keeps what followed") {
  for (const char* const number : {"0", "min(sequence) + 1000"}) {
    CAPTURE(std::string(number));
    DamagedPhone phone;
    run_on(phone, std::string("UPDATE ds_outbox SET sequence = (SELECT ") + number +
                      " FROM ds_outbox) WHERE sequence = (SELECT min(sequence) FROM ds_outbox)");
    phone.replica.close();
    phone.colleague_writes();
    const auto report = phone.rescue();
    REQUIRE(report.ok());
    CHECK_FALSE(report->damage.empty());
    CHECK(report->unreadable == 1);
    CHECK(report->left == DamagedPhone::unsent_visits - 1);  // they followed the one that is lost
    phone.replica.restart();
    phone.sync_to_the_end();
    CHECK(phone.difference() == "");
    CHECK(phone.visits_at_hub() == 0);
  }
}

TEST_CASE(
    "a bit flips in the hash of a transaction that waits: what follows proves that it is as it was "
    "written, and nothing is lost") {
  for (const char* const which : {"max(sequence)", "min(sequence)", "min(sequence) + 4"}) {
    CAPTURE(std::string(which));
    DamagedPhone phone;
    run_on(
        phone,
        std::string("UPDATE ds_outbox SET hash = CAST(substr(hash, 1, length(hash) - 1) || x'01' AS"
                    " BLOB) WHERE sequence = (SELECT ") +
            which + " FROM ds_outbox)");
    phone.replica.restart();
    const std::string said = phone.sync();
    CHECK_MESSAGE(said.find("replica_damaged") != std::string::npos, said);
    phone.replica.close();
    check_rescued(phone);
  }
}

TEST_CASE(
    "a bit flips in what a pending row was seen at: the phone says that its file is damaged and "
    "claims nothing by it; the rescue loses nothing") {
  DamagedPhone phone;
  run_on(phone, "UPDATE ds_pending SET carry = CAST(x'07' || substr(carry, 2) AS BLOB)");
  phone.replica.restart();
  const std::string said = phone.sync();
  CHECK_MESSAGE(said.find("ds_pending: carry") != std::string::npos, said);
  phone.replica.close();
  check_rescued(phone);
}

}  // namespace doorstep::test
