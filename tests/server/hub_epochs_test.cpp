// The contract of HubEpochs, and of what a hub keeps of devices that come from a lost history. Runs
// on every implementation.
#include <doctest/doctest.h>

#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

#define HUB_STORES MemoryHub, SqliteHub

namespace {

Salvage rows_in_part(Sequence sequence, std::uint32_t part, std::string_view table) {
  Salvage salvage;
  salvage.sequence = sequence;
  salvage.part = part;
  salvage.left_out = table.size();
  return salvage;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "hub epochs: positions of a new epoch are newer than all before, and numbers go on", Hub,
    HUB_STORES) {
  Hub hub;
  const Position first = commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.epochs().all().value() == std::vector<EpochRecord>{{2}});
  });
  CHECK(first == Position::of(2, 1));
  const EpochRecord restored{5, 2, first, Instant{77}, false};
  Position began;
  commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.epochs().begin(restored).ok());
    began = open.position();
  });
  CHECK(began == Position::of(5, 2));
  const auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->head() == began);
  CHECK(snapshot->epochs().value() == std::vector<EpochRecord>{{2}, restored});
  CHECK(commit(hub.store(), [](HubCommit&, Position) {}) == Position::of(5, 3));
}

TEST_CASE_TEMPLATE("hub epochs: what was offered again is found by author and commit", Hub,
                   HUB_STORES) {
  Hub hub;
  const Reoffered mine{Position::of(1, 70), Position::of(1, 60)};
  const Position at = commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.epochs().put_reoffered(phone(1), {Position{}, Position{}}).ok());
    REQUIRE(open.epochs().put_reoffered(phone(1), mine).ok());
  });
  commit(hub.store(), [&](HubCommit& open, Position now) {
    CHECK(open.epochs().reoffered(phone(1), at).value() == mine);
    CHECK(open.epochs().reoffered(phone(1), now).value() == std::nullopt);
    CHECK(open.epochs().reoffered(phone(2), at).value() == std::nullopt);
  });
}

TEST_CASE_TEMPLATE("hub epochs: gaps of a device, and the newest backup", Hub, HUB_STORES) {
  Hub hub;
  GapRecord gap{phone(1), Sequence{3}, Sequence{9}, Hash{}, Instant{5}};
  gap.head.bytes[0] = 9;
  GapRecord later = gap;
  later.from = Sequence{20};
  later.through = Sequence{20};
  commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.epochs().put_gap(gap).ok());
    REQUIRE(open.epochs().put_gap(later).ok());
    REQUIRE(open.epochs().put_backed_up(Position::of(2, 40)).ok());
    REQUIRE(open.epochs().put_backed_up(Position::of(2, 30)).ok());
    CHECK(open.epochs().gaps(phone(1)).value() == std::vector{gap, later});
  });
  const auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->gaps(phone(1)).value() == std::vector{gap, later});
  CHECK(snapshot->gaps(phone(2)).value().empty());
  CHECK(snapshot->backed_up().value() == Position::of(2, 40));
}

TEST_CASE_TEMPLATE("hub epochs: whose word a commit of the hub is stays with that commit", Hub,
                   HUB_STORES) {
  Hub hub;
  const Position signed_at = commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.epochs().put_signed_by("李秀").ok());
    REQUIRE(open.epochs().put_signed_by("李秀英").ok());
  });
  const Position unsigned_at = commit(hub.store(), [](HubCommit&, Position) {});
  const auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->signed_by(signed_at).value() == "李秀英");
  CHECK(snapshot->signed_by(unsigned_at).value() == std::nullopt);
}

TEST_CASE_TEMPLATE(
    "hub epochs: rows that a lost hub had are kept for each epoch apart, those of a transaction "
    "once",
    Hub, HUB_STORES) {
  Hub hub;
  const Salvage lost = rows_in_part(Sequence{}, 1, "a");
  const Salvage lost_later = rows_in_part(Sequence{}, 1, "ab");
  const Salvage held = rows_in_part(Sequence{4}, 1, "abc");
  commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.put_salvage(phone(1), lost).ok());
    REQUIRE(open.put_salvage(phone(1), held).ok());
  });
  commit(hub.store(), [&](HubCommit& open, Position at) {
    REQUIRE(open.epochs().begin({3, 2, at, Instant{}, true}).ok());
    REQUIRE(open.put_salvage(phone(1), lost_later).ok());
    REQUIRE(open.put_salvage(phone(1), held).ok());
    CHECK(open.salvage(phone(1), Sequence{}).value() == std::vector{lost, lost_later});
    CHECK(open.salvage(phone(1), Sequence{4}).value() == std::vector{held});
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.remove_salvage(phone(1), Sequence{}).ok());
    CHECK(open.salvage(phone(1), Sequence{}).value().empty());
    CHECK(open.salvage(phone(1), Sequence{4}).value() == std::vector{held});
  });
}

TEST_CASE_TEMPLATE("hub epochs: a device's record says what it had in common with a lost history",
                   Hub, HUB_STORES) {
  Hub hub;
  DeviceRecord device;
  device.id = phone(1);
  device.key.bytes[0] = 1;
  device.cut_epoch = 3;
  device.cut = Position::of(2, 17);
  device.cut_through = Sequence{44};
  commit(hub.store(), [&](HubCommit& open, Position) { REQUIRE(open.put_device(device).ok()); });
  CHECK(hub.store().snapshot().value()->device(phone(1)).value() == device);
}

}  // namespace doorstep::test
