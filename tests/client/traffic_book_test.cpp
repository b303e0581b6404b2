// What a replica remembers of the bytes that its syncs have carried.
#include <doctest/doctest.h>

#include "client-sdk/src/sqlite_device_store.hpp"
#include "tests/client/phone.hpp"
#include "tests/client/set_clock.hpp"

namespace doorstep::test {
namespace {

constexpr std::int64_t day_ms = 24 * 3'600'000;

TrafficNote note_of(std::uint64_t sent, std::uint64_t received) {
  TrafficNote note;
  note.traffic.of(TrafficReason::push).sent = sent;
  note.traffic.of(TrafficReason::rows).received = received;
  note.sent_through = Sequence{4};
  note.pushed = 4;
  note.pulled = 20;
  return note;
}

sqlite::Database opened(const std::string& path) {
  return sqlite::Database::open(path, {}).value();
}

}  // namespace

TEST_CASE(
    "bytes add up by reason, today's begin anew at midnight, and those of a copy are its own") {
  const Folder folder;
  const Phone phone(folder.file("village.db"));
  auto db = opened(folder.file("village.db"));
  const DeviceId device{{1}};
  const std::int64_t monday = 20'000 * day_ms + 5;
  REQUIRE(add_traffic(db, device, note_of(100, 1000), monday).ok());
  REQUIRE(add_traffic(db, device, note_of(10, 50), monday + 60'000).ok());
  TrafficRecord record = load_traffic(db).value();
  CHECK(record.on(monday).of(TrafficReason::push).sent == 110);
  CHECK(record.on(monday).total() == TrafficCount{110, 1050});
  CHECK(record.on(monday + day_ms).total() == TrafficCount{});
  CHECK(record.connections == 2);
  REQUIRE(add_traffic(db, device, note_of(1, 2), monday + day_ms).ok());
  record = load_traffic(db).value();
  CHECK(record.on(monday + day_ms).total() == TrafficCount{1, 2});
  CHECK(record.ever.total() == TrafficCount{111, 1052});
  CHECK(record.pulled == 60);
  // A copy that went on as another counts its transactions from 1.
  TrafficNote fresh = note_of(5, 5);
  fresh.sent_through = Sequence{1};
  REQUIRE(add_traffic(db, DeviceId{{2}}, fresh, monday + day_ms).ok());
  CHECK(load_traffic(db).value().newest.sent_through == Sequence{1});
}

TEST_CASE("a book that cannot be read begins anew and hurts nothing") {
  const Folder folder;
  const Phone phone(folder.file("village.db"));
  auto db = opened(folder.file("village.db"));
  REQUIRE(add_traffic(db, DeviceId{{1}}, note_of(100, 1000), 0).ok());
  REQUIRE(db.run("UPDATE ds_meta SET value = x'9f00' WHERE key = 'traffic'").ok());
  CHECK(load_traffic(db).value().ever.total() == TrafficCount{});
  REQUIRE(add_traffic(db, DeviceId{{1}}, note_of(7, 8), 0).ok());
  CHECK(load_traffic(db).value().ever.total() == TrafficCount{7, 8});
}

}  // namespace doorstep::test
