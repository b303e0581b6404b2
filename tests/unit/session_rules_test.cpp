// Stories that end badly without one of the rules of positions, checkpoints, outcomes and echo
// (SEMANTICS A1 to A6, D5). docs/testing.md says for each what was taken out and what then failed.
#include <doctest/doctest.h>

#include "engine/core/hash.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/grown_village.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);
const RowId menu = numbered(2);

LinkOptions one_row_at_a_time(bool live = false) {
  LinkOptions options;
  options.rows_max = 1;
  options.live = live;
  return options;
}

/// `check` after each frame and each piece of the hub's work.
template <class Check>
void run_watching(TestLink& link, Check check) {
  while (link.deliver_up() || link.work() || link.deliver_down()) check();
}

std::vector<PushRequest> whole_outbox(SyncWorld& world, Phone& phone) {
  return {{phone.store->state().value().device,
           phone.store->outbox(Sequence{}, ~std::size_t{0}).value(), world.clocks(phone),
           world.now}};
}

std::size_t count_households(const SyncWorld& world, const Phone& phone) {
  const TableId household = table_id(world.schema, "household");
  std::size_t count = 0;
  for (const auto& [key, image] : phone.store->rows()) count += key.table == household ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("A1: an order of the village is never on a phone before the township's menu it names") {
  for (const bool live : {false, true}) {
    CAPTURE(live);
    SyncWorld world;
    Phone& office = world.add_phone("office", {"T"});
    Phone& a = world.add_phone("A", {"X"});
    Phone& b = world.add_phone("B", {"X"});
    settle(world);
    TestLink link(world, b, one_row_at_a_time(live));
    if (live) link.run();
    world.insert(office, "supply", menu, {{"village_code", Value::text("T")}});
    world.push_directly(office);
    world.insert(a, "household", wang,
                 {{"village_code", Value::text("X")}, {"note", Value::text("orders the menu")}});
    world.push_directly(a);
    if (live) link.committed();
    run_watching(link, [&] {
      CHECK((!world.shows(b, "household", wang) || world.shows(b, "supply", menu)));
    });
    CHECK(world.shows(b, "household", wang));
  }
}

TEST_CASE("A2: half of a hub commit is never on the screen") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});
  std::vector<SyncWorld::Write> rows;
  for (std::uint64_t i = 1; i <= 12; ++i) {
    rows.push_back({"household", numbered(i),
                    image_of(world.schema, "household", {{"village_code", Value::text("X")}})});
  }
  world.write(a, rows);
  world.push_directly(a);
  TestLink link(world, b, one_row_at_a_time());
  run_watching(link, [&] {
    const std::size_t shown = count_households(world, b);
    CHECK((shown == 0 || shown == 12));
  });
  CHECK(count_households(world, b) == 12);
}

TEST_CASE("A3: a phone of both villages keeps the family, though the departure comes later") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"T"});
  Phone& both = world.add_phone("both", {"X", "Y"});
  world.insert(a, "household", wang,
               {{"village_code", Value::text("X")}, {"address", Value::text("lane 1")}});
  world.insert(a, "resident", menu, {{"household_id", key_value(wang)}});
  settle(world);
  world.edit(a, "household", wang, {{"village_code", Value::text("Y")}});
  sync(world, a);
  const TestLink link = sync(world, both, one_row_at_a_time());
  CHECK(link.up_to_date);
  CHECK(world.shown(both, "household", wang, "address") == Value::text("lane 1"));
  CHECK(world.shows(both, "resident", menu));
  CHECK(world.difference(both) == "");
}

TEST_CASE("A5: a refused registration pushed again is refused with the recorded reason") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  world.insert(a, "household", wang, {{"phone", Value::text("1")}});  // in no village
  const auto first = merge_pushes(*world.hub, world.log, whole_outbox(world, a), world.now,
                                  world.new_token());  // and the ack is lost
  const Position head = world.head();
  const auto again =
      merge_pushes(*world.hub, world.log, whole_outbox(world, a), world.now, world.new_token());
  REQUIRE(again.at(0).ok());
  REQUIRE(again.at(0)->ack.items.size() == 1);
  CHECK(again.at(0)->ack.items[0].outcome.kind == Outcome::Kind::rejected);
  CHECK(again.at(0)->ack == first.at(0)->ack);
  CHECK(world.head() == head);
  CHECK(sync(world, a).up_to_date);
  CHECK(a.store->outcomes().size() == 1);
  CHECK_FALSE(world.shows(a, "household", wang));
}

TEST_CASE("A5: a refusal whose ack was lost is told before later work is acknowledged") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  world.insert(a, "household", wang, {{"phone", Value::text("1")}});  // in no village
  const auto lost =
      merge_pushes(*world.hub, world.log, whole_outbox(world, a), world.now, world.new_token());
  REQUIRE(lost.at(0).ok());
  world.edit(a, "household", wang, {{"phone", Value::text("2")}});
  LinkOptions after_the_break;
  after_the_break.sent_before = Sequence{1};  // so nothing is pushed before Welcome
  const TestLink link = sync(world, a, after_the_break);
  CHECK(link.up_to_date);
  REQUIRE(link.acks.size() == 2);
  REQUIRE(link.acks[0].items.size() == 1);
  CHECK(link.acks[0].through == Sequence{1});
  CHECK(link.acks[0].items[0].outcome.reason->code == ErrorCode::scope_denied);
  REQUIRE(link.acks[1].items.size() == 1);
  CHECK(link.acks[1].items[0].outcome.kind == Outcome::Kind::depends_on);
  CHECK(a.store->outcomes().size() == 2);
  CHECK_FALSE(world.shows(a, "household", wang));
}

TEST_CASE("A6: a visit added to a family that had moved away leaves the phone again") {
  SyncWorld world;
  Phone& office = world.add_phone("office", {"T"});
  Phone& b = world.add_phone("B", {"X"});
  world.insert(office, "household", wang, {{"village_code", Value::text("X")}});
  settle(world);
  world.edit(office, "household", wang, {{"village_code", Value::text("Y")}});
  sync(world, office);
  world.insert(b, "visit", menu,
               {{"household_id", key_value(wang)}, {"findings", Value::text("fever")}});
  sync(world, b);
  sync(world, b);
  CHECK_FALSE(world.shows(b, "visit", menu));
  CHECK_FALSE(world.shows(b, "household", wang));
  CHECK(world.difference(b) == "");
  sync(world, office);
  CHECK(world.shown(office, "visit", menu, "findings") == Value::text("fever"));
}

TEST_CASE("D5: work on a table that the hub does not know is not acked and waits with its reason") {
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  world.insert(a, "household", wang, {{"village_code", Value::text("X")}});
  world.insert(a, "supply", menu, {{"village_code", Value::text("X")}});
  auto requests = whole_outbox(world, a);
  Push& push = requests[0].push;
  const Schema form = grown_village();
  Transaction newer = decode_transaction(world.schema, push.bodies.at(1)).value();
  newer.changes.at(0).table = table_id(form, "pair");
  push.bodies[1] = encode_transaction(form, newer);
  push.head = {};
  for (std::size_t i = 0; i < push.bodies.size(); ++i) {
    push.head = chain_hash(push.head, requests[0].device, Sequence{i + 1}, push.bodies[i]);
  }
  const auto results = merge_pushes(*world.hub, world.log, requests, world.now, world.new_token());
  REQUIRE(results.at(0).ok());
  const Ack& ack = results.at(0)->ack;
  CHECK(ack.through == Sequence{1});
  REQUIRE(ack.items.size() == 1);
  CHECK(ack.items[0].sequence == Sequence{2});
  CHECK(ack.items[0].outcome.kind == Outcome::Kind::not_yet);
  CHECK(ack.items[0].outcome.reason->code == ErrorCode::hub_too_old);
  REQUIRE(a.store->acknowledge(ack).ok());
  CHECK(a.store->state().value().pending == 1);
  CHECK(world.shows(a, "supply", menu));
  CHECK(world.hub_row("household", wang).has_value());
}
