// The contract of HubStore: devices, codes, quarantine. Runs on every implementation.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

#define HUB_STORES MemoryHub, SqliteHub

namespace {

DeviceRecord record_of(std::uint8_t number) {
  DeviceRecord device;
  device.id = phone(number);
  device.key.bytes.fill(static_cast<std::uint8_t>(number + 100));
  device.name = "Wang Fang, 溆浦";
  device.role = "volunteer";
  device.scopes = {dushi, ScopeId{"a,b:c"}, longtan};
  device.enrolled = Position::of(2, 3);
  device.granted_since = Position::of(2, 5);
  device.merged = Sequence{41};
  device.head.bytes.fill(9);
  device.last_stamp = {1000, 2000};
  device.last_contact = Instant{1'700'000'000'000};
  device.cursor = Position::of(2, 40);
  device.pending = 14;
  device.clock_offset_ms = -94'608'000'000;
  device.software = "doorstep 0.1";
  device.healed = 3;
  device.healed_at = Instant{1'700'000'000'500};
  return device;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "hub store: a phone's record comes back as it was put, and again after its revocation", Hub,
    HUB_STORES) {
  Hub hub;
  DeviceRecord second = record_of(2);
  DeviceRecord first = record_of(1);
  first.scopes.clear();
  commit(hub.store(), [&](HubCommit& open, Position at) {
    // phone 3 wrote a row that came by another way: an author, but no device of this hub
    put(hub.store(), open, {household_row(1, dushi, at, "No. 1", phone(3))});
    CHECK(open.put_device(second).ok());
    CHECK(open.put_device(first).ok());
    CHECK(open.device(phone(2)).value() == second);
    CHECK(open.device(phone(3)).value() == std::nullopt);
  });
  second.revoked = Instant{1'700'000'100'000};
  second.lost = true;
  second.predecessor = phone(1);
  second.free_bytes = 9'663'676'416;
  commit(hub.store(), [&](HubCommit& open, Position) { CHECK(open.put_device(second).ok()); });
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->device(phone(1)).value() == first);
  CHECK(snapshot->device(phone(2)).value() == second);
  CHECK(snapshot->device(phone(3)).value() == std::nullopt);
  CHECK(snapshot->devices().value() == std::vector{first, second});
}

TEST_CASE_TEMPLATE("hub store: what a phone was granted before stays on record", Hub, HUB_STORES) {
  Hub hub;
  const PastGrant first{{dushi}, Position::of(2, 3), Position::of(2, 9)};
  const PastGrant second{{dushi, longtan}, Position::of(2, 9), Position::of(2, 12)};
  commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.put_device(record_of(1)).ok());
    CHECK(open.put_past_grant(phone(1), first).ok());
    CHECK(open.put_past_grant(phone(1), second).ok());
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.past_grants(phone(1)).value() == std::vector{first, second});
    CHECK(open.past_grants(phone(2)).value().empty());
  });
}

TEST_CASE_TEMPLATE("hub store: an enrolment code works once, and not after its hour", Hub,
                   HUB_STORES) {
  Hub hub;
  const CodeRecord code{Hash{{1, 2, 3}}, "Li", "volunteer", {dushi, longtan}, Instant{5000}};
  const CodeRecord late{Hash{{4}}, "Xu", "secretary", {qiaojiang}, Instant{6000}};
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.put_code(code).ok());
    CHECK(open.put_code(late).ok());
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.take_code(Hash{{9}}, Instant{4999}).value() == std::nullopt);
    CHECK(open.take_code(code.secret_hash, Instant{4999}).value() == code);
    CHECK(open.take_code(code.secret_hash, Instant{4999}).value() == std::nullopt);
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.take_code(code.secret_hash, Instant{4999}).value() == std::nullopt);
    CHECK(open.take_code(late.secret_hash, Instant{6000}).value() == std::nullopt);
    CHECK(open.take_code(late.secret_hash, Instant{0}).value() == std::nullopt);
  });
}

TEST_CASE_TEMPLATE("hub store: two phones that redeem one code at once get one enrolment", Hub,
                   HUB_STORES) {
  Hub hub;
  const CodeRecord code{Hash{{1}}, "Li", "volunteer", {dushi}, Instant{5000}};
  commit(hub.store(), [&](HubCommit& open, Position) { CHECK(open.put_code(code).ok()); });
  {
    auto dropped = hub.store().begin().value();
    CHECK(dropped->take_code(code.secret_hash, Instant{1}).value() == code);
  }
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.take_code(code.secret_hash, Instant{1}).value() == code);
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.take_code(code.secret_hash, Instant{1}).value() == std::nullopt);
  });
}

TEST_CASE_TEMPLATE("hub store: quarantined work keeps its bytes and its reason, newest first", Hub,
                   HUB_STORES) {
  Hub hub;
  const QuarantineRecord first{{phone(1), Sequence{1}, Hash{{1}}},
                               Position::of(2, 1),
                               error(ErrorCode::row_unknown, "visit x"),
                               Bytes{1, 2, 3}};
  const QuarantineRecord second{{phone(1), Sequence{2}, Hash{{2}}},
                                Position::of(2, 1),
                                error(ErrorCode::malformed, ""),
                                Bytes{}};
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.put_quarantine(first).ok());
    CHECK(open.put_quarantine(second).ok());
  });
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->quarantine({10}).value() == std::vector{second, first});
  CHECK(snapshot->quarantine({1}).value() == std::vector{second});
  CHECK(snapshot->committed_at(snapshot->head()).value());
  CHECK_FALSE(snapshot->committed_at(Position::of(9, 9)).value());
}

TEST_CASE_TEMPLATE("hub store: quarantined work that a person has settled stays, out of the list",
                   Hub, HUB_STORES) {
  Hub hub;
  QuarantineRecord first{{phone(1), Sequence{1}, Hash{{1}}},
                         Position::of(2, 1),
                         error(ErrorCode::row_unknown, "resident"),
                         Bytes{1}};
  QuarantineRecord second = first;
  second.id = {phone(2), Sequence{1}, Hash{{2}}};
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.put_quarantine(first).ok());
    CHECK(open.put_quarantine(second).ok());
  });
  commit(hub.store(), [&](HubCommit& open, Position position) {
    CHECK(open.quarantined(first.id).value() == first);
    CHECK_FALSE(open.quarantined({phone(1), Sequence{1}, Hash{{2}}}).value());
    first.state = QuarantineState::admitted;
    first.settled = position;
    first.settled_at = Instant{77};
    first.settled_by = "Secretary Li";
    CHECK(open.put_quarantine(first).ok());
    CHECK(open.quarantined(first.id).value() == first);
  });
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->quarantine({10, true}).value() == std::vector{second});
  CHECK(snapshot->quarantine({10, false}).value() == std::vector{second, first});
}

TEST_CASE_TEMPLATE("hub store: C5: what was written again is found by the one that it is for", Hub,
                   HUB_STORES) {
  Hub hub;
  const QuarantineRecord aside{{phone(1), Sequence{4}, Hash{{4}}},
                               Position::of(2, 1),
                               error(ErrorCode::device_forked, "written on a copy of the phone"),
                               Bytes{1}};
  const TransactionId by{phone(2), Sequence{1}, Hash{{9}}};
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.put_quarantine(aside).ok());
    CHECK_FALSE(open.resent(aside.id.hash).value());
    CHECK(open.put_resent(aside.id.hash, by).ok());
  });
  commit(hub.store(), [&](HubCommit& open, Position position) {
    CHECK(open.resent(aside.id.hash).value() == by);
    CHECK_FALSE(open.resent(by.hash).value());
    CHECK_FALSE(open.quarantined(by.hash).value());
    auto kept = open.quarantined(aside.id.hash).value();
    REQUIRE(kept == aside);
    kept->state = QuarantineState::resent;
    kept->settled = position;
    kept->settled_by = "Wang";
    CHECK(open.put_quarantine(*kept).ok());
    CHECK(open.quarantined(aside.id).value() == kept);
  });
  CHECK(hub.store().snapshot().value()->quarantine({10, true}).value().empty());
}

TEST_CASE_TEMPLATE("hub store: D4: rows that came after a quarantined transaction are kept by part",
                   Hub, HUB_STORES) {
  Hub hub;
  const auto part = [](std::uint64_t sequence, std::uint32_t number, const char* name) {
    Salvage salvage{Sequence{sequence}, number, 2, 0, {}};
    salvage.rows = {{"resident", {}, true, {"name"}, {row_id(7)}, {Value::text(name)}}};
    return salvage;
  };
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.put_salvage(phone(1), part(1, 2, "second")).ok());
    CHECK(open.put_salvage(phone(1), part(1, 1, "first, damaged")).ok());
    CHECK(open.put_salvage(phone(1), part(1, 1, "first")).ok());
    CHECK(open.put_salvage(phone(1), part(2, 1, "of another")).ok());
    CHECK(open.put_salvage(phone(2), part(1, 1, "of another phone")).ok());
    CHECK(open.salvage(phone(1), Sequence{2}).value() == std::vector{part(2, 1, "of another")});
  });
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->salvage(phone(1), Sequence{1}).value() ==
        std::vector{part(1, 1, "first"), part(1, 2, "second")});
  CHECK(snapshot->salvage(phone(3), Sequence{1}).value().empty());
  CHECK(snapshot->salvage(phone(1), Sequence{3}).value().empty());
}

TEST_CASE_TEMPLATE("hub store: a phone and its copy may both have work of one number in quarantine",
                   Hub, HUB_STORES) {
  Hub hub;
  const Error reason = error(ErrorCode::device_forked, "written on a copy of the phone");
  const auto kept = [&](std::uint8_t hash) {
    return QuarantineRecord{
        {phone(1), Sequence{51}, Hash{{hash}}}, Position::of(2, 1), reason, Bytes{hash}};
  };
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.put_quarantine(kept(1)).ok());
    CHECK(open.put_quarantine(kept(2)).ok());
    CHECK(open.put_quarantine(kept(1)).ok());  // once more: it is the same one
    CHECK(open.quarantined_hashes(phone(1), Sequence{51}).value().size() == 2);
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    auto hashes = open.quarantined_hashes(phone(1), Sequence{51}).value();
    std::sort(hashes.begin(), hashes.end());
    CHECK(hashes == std::vector{Hash{{1}}, Hash{{2}}});
    CHECK(open.quarantined_hashes(phone(1), Sequence{50}).value().empty());
    CHECK(open.quarantined_hashes(phone(2), Sequence{51}).value().empty());
  });
  CHECK(hub.store().snapshot().value()->quarantine({10}).value().size() == 2);
}

}  // namespace doorstep::test
