// SEMANTICS C5: two phones that are one. Who calls second finds out that it is a copy and goes on
// as a device of its own; what only it had waits for a person, and nothing is lost or doubled.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/session/device_hello.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);
const RowId li = numbered(2);

DeviceId id_of(const Phone& phone) { return phone.store->state().value().device; }

/// A's phone has household Wang; its copy has gone out of the shop with the same data.
struct TwoOfOne {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone* copy = nullptr;
  DeviceId one;

  TwoOfOne() {
    world.insert(a, "household", wang, {{"village_code", Value::text("X")}});
    sync(world, a);
    copy = &world.clone_phone(a);
    one = id_of(a);
  }
  /// Both write offline: A one transaction, the copy two.
  void both_write() {
    world.edit(a, "household", wang, {{"phone", Value::text("1")}});
    world.edit(*copy, "household", wang, {{"phone", Value::text("2")}});
    world.insert(*copy, "household", li, {{"village_code", Value::text("X")}});
  }
  void revoke() {
    auto commit = world.hub->begin().value();
    DeviceRecord record = *commit->device(one).value();
    record.revoked = world.now;
    REQUIRE(commit->put_device(record).ok());
    REQUIRE(commit->commit(world.now, world.new_token()).ok());
  }
  [[nodiscard]] std::vector<DeviceRecord> devices() {
    auto all = world.hub->snapshot().value()->devices().value();
    std::erase_if(all, [](const DeviceRecord& device) { return device.name != "A"; });
    return all;
  }
  [[nodiscard]] std::vector<QuarantineRecord> quarantine() {
    auto kept = world.hub->snapshot().value()->quarantine({10}).value();
    std::sort(kept.begin(), kept.end(),
              [](const auto& x, const auto& y) { return x.id.sequence < y.id.sequence; });
    return kept;
  }
  [[nodiscard]] Value at_hub(const std::string& column) {
    return field(world.schema, "household", world.hub_row("household", wang)->image, column);
  }
  /// What must hold after the copy's two transactions were set aside, by whatever way.
  void check_set_aside() {
    const auto kept = quarantine();
    REQUIRE(kept.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(kept[i].id.device == one);
      CHECK(kept[i].id.sequence == Sequence{i + 2});
      CHECK(kept[i].reason.code == ErrorCode::device_forked);
      CHECK(decode_transaction(world.schema, kept[i].body).value() ==
            copy->store->transaction(Sequence{i + 2}));
    }
    REQUIRE(devices().size() == 2);
    CHECK(at_hub("phone") == Value::text("1"));
    CHECK_FALSE(world.hub_row("household", li));
    CHECK(world.shown(*copy, "household", wang, "phone") == Value::text("1"));
    CHECK(world.difference(a) == "");
    CHECK(world.difference(*copy) == "");
  }
};

Bytes plain_frame(const Message& message) { return FrameEncoder().encode(encode(message)); }

}  // namespace

TEST_CASE_FIXTURE(TwoOfOne,
                  "C5: a phone and its copy both write offline: the second to call goes on as a "
                  "device of its own, its work waits for a person, nothing is lost or doubled") {
  both_write();
  CHECK(sync(world, a).up_to_date);
  const TestLink first = sync(world, *copy);
  CHECK(first.come_again);
  CHECK(first.device_error->code == ErrorCode::device_forked);
  CHECK(id_of(*copy) == one);
  const TestLink second = sync(world, *copy);
  CHECK(second.come_again);
  CHECK_FALSE(second.device_error);
  CHECK_FALSE(second.up_to_date);
  CHECK(sync(world, *copy).up_to_date);

  check_set_aside();
  const DeviceId successor = id_of(*copy);
  CHECK(successor != one);
  const auto record = world.hub->snapshot().value()->device(successor).value();
  REQUIRE(record);
  CHECK(record->predecessor == one);
  CHECK(record->role == devices()[0].role);
  CHECK(record->scopes == std::vector<ScopeId>{{"X"}});
  CHECK(record->merged == Sequence{});
  CHECK(world.hub->snapshot().value()->device(one).value()->merged == Sequence{2});
  for (const Sequence sequence : {Sequence{2}, Sequence{3}}) {
    const Outcome& told = copy->store->outcomes().at(sequence);
    CHECK(told.kind == Outcome::Kind::quarantined);
    CHECK(told.reason->code == ErrorCode::device_forked);
  }

  // The volunteer sends it again, under the new id: each phone has it once.
  world.edit(*copy, "household", wang, {{"phone", Value::text("2")}});
  world.insert(*copy, "household", li, {{"village_code", Value::text("X")}});
  CHECK(sync(world, *copy).up_to_date);
  CHECK(sync(world, a).up_to_date);
  CHECK(at_hub("phone") == Value::text("2"));
  CHECK(world.shown(a, "household", wang, "phone") == Value::text("2"));
  CHECK(world.shows(a, "household", li));
  CHECK(a.store->conflicts().empty());
  CHECK(quarantine().size() == 2);
  CHECK(world.difference(a) == "");
  CHECK(world.difference(*copy) == "");
}

TEST_CASE("C5: a copy that is cut off anywhere on its way goes on from there, once") {
  std::size_t cuts = 0;
  for (std::size_t after = 1;; ++after) {
    CAPTURE(after);
    TwoOfOne two;
    two.both_write();
    sync(two.world, two.a);
    std::size_t left = after;
    bool was_cut = false;
    for (;;) {  // its connections in turn; one of them is cut
      LinkOptions options;
      options.cut_after = left;
      const TestLink link = sync(two.world, *two.copy, options);
      was_cut = link.was_cut;
      if (was_cut || !link.come_again) break;
      left -= link.delivered;
    }
    CHECK(sync_as_copy(two.world, *two.copy).up_to_date);
    two.check_set_aside();
    if (!was_cut) break;
    ++cuts;
  }
  CHECK(cuts > 15);
}

TEST_CASE_FIXTURE(TwoOfOne, "C5: the answer that made the successor is lost: it stays one device") {
  both_write();
  sync(world, a);
  sync(world, *copy);
  const auto drawn = copy->store->state().value().successor;
  REQUIRE(drawn);
  TestLink link(world, *copy);
  while (link.deliver_up() || link.work()) {
  }
  link.deliver_down();  // the challenge
  while (link.deliver_up() || link.work()) {
  }
  link.cut();
  CHECK(devices().size() == 2);
  CHECK(id_of(*copy) == one);
  CHECK(sync_as_copy(world, *copy).up_to_date);
  CHECK(id_of(*copy) == drawn->device);
  check_set_aside();
}

TEST_CASE_FIXTURE(TwoOfOne,
                  "C5: a phone restored from its backup calls before it writes: it goes on as a "
                  "device of its own, and nothing waits for a person") {
  // In the backup one visit to Wang was unsent; the phone sent it later, and more.
  world.edit(*copy, "household", wang, {{"phone", Value::text("1")}});
  a.store = std::make_unique<MemoryDeviceStore>(*copy->store);
  world.edit(a, "household", wang, {{"address", Value::text("by the well")}});
  sync(world, a);
  const TestLink last = sync_as_copy(world, *copy);
  CHECK(last.up_to_date);
  CHECK(quarantine().empty());
  CHECK(copy->store->outcomes().empty());
  CHECK(id_of(*copy) != one);
  CHECK(world.shown(*copy, "household", wang, "address") == Value::text("by the well"));
  CHECK(world.difference(*copy) == "");
  world.edit(*copy, "household", wang, {{"phone", Value::text("3")}});
  CHECK(sync(world, *copy).up_to_date);
  CHECK(at_hub("phone") == Value::text("3"));
}

TEST_CASE_FIXTURE(TwoOfOne,
                  "C5: a copy counts as the same author up to what the two have in common, and no "
                  "further") {
  world.edit(a, "household", wang, {{"note", Value::text("a ladder")}});
  sync(world, a);
  for (int call = 0; call < 2; ++call) CHECK(sync(world, *copy).come_again);
  CHECK(id_of(*copy) != one);
  // Of what was in common, whoever wrote it, the copy's write takes the place without a conflict.
  world.edit(*copy, "household", wang, {{"note", Value::text("two ladders")}});
  sync(world, *copy);
  CHECK(at_hub("note") == Value::text("two ladders"));
  CHECK(world.hub->snapshot().value()->conflicts({{}, {}, 10}).value().empty());
  // From here on they are two: what one has not seen of the other stays beside its own.
  sync(world, a);
  world.edit(a, "household", wang, {{"note", Value::text("A")}, {"phone", Value::text("1")}});
  world.pass(1000);
  world.edit(*copy, "household", wang, {{"note", Value::text("B")}, {"phone", Value::text("2")}});
  sync(world, a);
  CHECK(sync(world, *copy).up_to_date);
  const std::string notes(at_hub("note").as_text());
  CHECK(notes.find('A') != std::string::npos);
  CHECK(notes.find('B') != std::string::npos);
  CHECK(at_hub("phone") == Value::text("2"));
  const auto met = world.hub->snapshot().value()->conflicts({{}, {}, 10}).value();
  REQUIRE(met.size() == 1);
  CHECK(met[0].loser.version.author == one);
}

TEST_CASE_FIXTURE(TwoOfOne,
                  "C5: a copy still hears where its work of before lost, and not where the other "
                  "phone's later work did") {
  Phone& b = world.add_phone("B", {"X"});
  CHECK(sync(world, b).up_to_date);
  world.edit(a, "household", wang, {{"phone", Value::text("1")}});
  sync(world, a);
  CHECK(sync_as_copy(world, *copy).up_to_date);
  world.edit(a, "household", wang, {{"address", Value::text("by the well")}});
  sync(world, a);
  world.pass(1000);
  world.edit(b, "household", wang,
             {{"phone", Value::text("B")}, {"address", Value::text("by the mill")}});
  CHECK(sync(world, b).up_to_date);
  for (Phone* phone : {&a, copy}) CHECK(sync(world, *phone).up_to_date);
  CHECK(a.store->conflicts().size() == 2);
  REQUIRE(copy->store->conflicts().size() == 1);
  CHECK(copy->store->conflicts().begin()->second.column == "phone");
}

TEST_CASE_FIXTURE(TwoOfOne, "C5: a copy of the copy is told from both") {
  both_write();
  sync(world, a);
  CHECK(sync_as_copy(world, *copy).up_to_date);
  Phone& third = world.clone_phone(*copy);
  world.edit(*copy, "household", wang, {{"phone", Value::text("4")}});
  world.edit(third, "household", wang, {{"phone", Value::text("5")}});
  CHECK(sync(world, *copy).up_to_date);
  CHECK(sync_as_copy(world, third).up_to_date);
  REQUIRE(devices().size() == 3);
  CHECK(world.hub->snapshot().value()->device(id_of(third)).value()->predecessor == id_of(*copy));
  const auto kept = quarantine();
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].id.device == id_of(*copy));
  CHECK(kept[0].id.sequence == Sequence{1});
  CHECK(third.store->outcomes().at(Sequence{4}).kind == Outcome::Kind::quarantined);
  world.edit(third, "household", wang, {{"phone", Value::text("6")}});
  CHECK(sync(world, third).up_to_date);
  for (Phone* phone : {&a, copy, &third}) {
    sync(world, *phone);
    CHECK(world.shown(*phone, "household", wang, "phone") == Value::text("6"));
    CHECK(world.difference(*phone) == "");
  }
}

TEST_CASE_FIXTURE(TwoOfOne,
                  "C5: two copies are connected at once: the outcomes of one are never taken for "
                  "the other's") {
  LinkOptions live;
  live.live = true;
  TestLink a_link(world, a, live);
  TestLink copy_link(world, *copy, live);
  a_link.run();
  copy_link.run();
  REQUIRE(copy_link.up_to_date);
  world.edit(a, "household", wang, {{"phone", Value::text("1")}});
  a_link.local_commit();
  a_link.run();
  world.edit(*copy, "household", wang, {{"phone", Value::text("2")}});
  SUBCASE("the hub has something for the copy before that one speaks") {
    copy_link.committed();
    copy_link.run();
    CHECK(copy_link.device_error->code == ErrorCode::hub_busy);
  }
  SUBCASE("the copy speaks first") {
    copy_link.local_commit();
    copy_link.run();
    CHECK(copy_link.device_error->code == ErrorCode::device_forked);
    CHECK(copy_link.come_again);
  }
  CHECK(world.shown(*copy, "household", wang, "phone") == Value::text("2"));
  CHECK(sync_as_copy(world, *copy).up_to_date);
  REQUIRE(quarantine().size() == 1);
  CHECK(at_hub("phone") == Value::text("1"));
  CHECK(world.difference(*copy) == "");
}

TEST_CASE_FIXTURE(TwoOfOne, "C5: what the app writes while the phone becomes another is not lost") {
  both_write();
  sync(world, a);
  sync(world, *copy);
  TestLink link(world, *copy);
  std::size_t checkpoints = 0;
  while (link.deliver_up() || link.work() || link.deliver_down()) {
    if (checkpoints == 0 && !link.acks.empty()) {
      ++checkpoints;
      world.edit(*copy, "household", wang, {{"address", Value::text("by the well")}});
    }
  }
  CHECK(link.come_again);
  CHECK(id_of(*copy) != one);
  CHECK(sync_as_copy(world, *copy).up_to_date);
  const auto kept = quarantine();
  REQUIRE(kept.size() == 3);
  CHECK(kept[2].id.sequence == Sequence{4});
  CHECK(world.difference(*copy) == "");
}

TEST_CASE_FIXTURE(TwoOfOne,
                  "C5: a copy of a revoked phone has no successor; its work is kept for a person") {
  both_write();
  sync(world, a);
  revoke();
  const TestLink link = sync_as_copy(world, *copy);
  REQUIRE(link.device_error);
  CHECK(link.device_error->code == ErrorCode::device_revoked);
  CHECK(devices().size() == 1);
  CHECK(copy->store->state().value().pending == 0);
  CHECK(quarantine().size() == 2);
  CHECK(at_hub("phone") == Value::text("1"));
}

TEST_CASE_FIXTURE(TwoOfOne, "C5: the app writes before the hub knows the successor: it waits") {
  both_write();
  sync(world, a);
  sync(world, *copy);
  TestLink link(world, *copy);
  link.deliver_down();  // the challenge; hello and fork are out
  link.local_commit();
  link.run();
  CHECK_FALSE(link.device_error);
  CHECK(link.come_again);
  CHECK(sync_as_copy(world, *copy).up_to_date);
  check_set_aside();
}

TEST_CASE_FIXTURE(TwoOfOne, "C5: the hub takes no successor without its key, or under a taken id") {
  Phone& b = world.add_phone("B", {"X"});
  const DeviceState own = a.store->state().value();
  const KeyPair fresh = key_pair_of(world.random.id<Nonce>());
  const auto answer = [&](const DeviceId& successor, const KeyPair& signer, bool after_pull) {
    TestLink link(world, a);
    const Challenge challenge = std::get<Challenge>(link.said_by_hub.at(0));
    DeviceSession::Options options;
    options.read_clocks = [&] { return world.clocks(a); };
    Hello hello = hello_of(own, world.schema.fingerprint(), options);
    hello.signature = sign(own.keys, proof_text(challenge, {}, own.device));
    link.to_hub(plain_frame(hello));
    if (after_pull) link.to_hub(plain_frame(next_pull(own)));
    const Bytes text = fork_text(challenge, {}, own.device, successor);
    link.to_hub(plain_frame(Fork{successor, fresh.public_key, sign(signer, text)}));
    while (link.deliver_up() || link.work()) {
    }
    return link.hub_error ? link.hub_error->code : ErrorCode::internal;
  };
  const DeviceId next = world.random.id<DeviceId>();
  CHECK(answer(next, own.keys, false) == ErrorCode::wrong_key);
  CHECK(answer(own.device, fresh, false) == ErrorCode::malformed);
  CHECK(answer(id_of(b), fresh, false) == ErrorCode::wrong_key);
  CHECK(answer(next, fresh, true) == ErrorCode::unexpected_message);
  CHECK(devices().size() == 1);
  const auto request = [&](const DeviceId& successor) {
    return register_successor(*world.hub, {own.device, {successor, fresh.public_key, {}}},
                              world.now, world.new_token());
  };
  REQUIRE(request(next).ok());
  CHECK(request(next)->id == next);
  CHECK(devices().size() == 2);
  // Revoked while its request was on its way to the store.
  revoke();
  CHECK(request(next).error().code == ErrorCode::device_revoked);
  CHECK(request(world.random.id<DeviceId>()).error().code == ErrorCode::device_revoked);
  CHECK(devices().size() == 2);
}
