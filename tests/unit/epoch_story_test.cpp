// The township's hub is set back to an older backup, or begun anew: what the phones that had synced
// since do, and what everyone sees then (SEMANTICS G).
#include <doctest/doctest.h>

#include "engine/wire/codec.hpp"
#include "tests/support/lost_hub.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

const RowId wang = numbered(1);
const RowId li = numbered(2);
const RowId zhao = numbered(3);

struct Village {
  SyncWorld world;
  Phone& mei = world.add_phone("Mei", {"X"});
  Phone& jun = world.add_phone("Jun", {"X"});
  Phone& hua = world.add_phone("Hua", {"X"});

  Village() {
    household(mei, wang, "12", 10);
    settle_through(world);
  }
  void household(Phone& phone, const RowId& id, const char* number, std::int64_t boxes) {
    world.insert(phone, "household", id,
                 {{"village_code", Value::text("X")},
                  {"address", Value::text(number)},
                  {"boxes", Value::integer(boxes)}});
  }
  void boxes(Phone& phone, const RowId& id, std::int64_t count) {
    world.edit(phone, "household", id, {{"boxes", Value::integer(count)}});
  }
  void visit(Phone& phone, std::uint64_t number) {
    world.insert(phone, "visit", numbered(number),
                 {{"household_id", key_value(wang)}, {"findings", Value::text("well")}});
  }
  Value at_hub(const RowId& id, const char* column) {
    const auto row = world.hub_row("household", id);
    return row && row->live ? field(world.schema, "household", row->image, column) : Value::null();
  }
  std::size_t conflicts() {
    ConflictQuery all;
    all.count_max = 1000;
    return world.hub->snapshot().value()->conflicts(all).value().size();
  }
  void check_all_equal() {
    for (const auto& phone : world.phones) {
      CAPTURE(phone->name);
      CHECK(world.difference(*phone) == "");
    }
  }
  std::uint64_t epoch() { return world.head().epoch(); }
};

}  // namespace

TEST_CASE("the hub is set back to the morning: three phones offer the day's work again, once") {
  Village v;
  const auto morning = backup_of(v.world);
  v.boxes(v.mei, wang, 15);
  v.visit(v.jun, 20);
  v.household(v.hua, li, "14", 7);
  settle_through(v.world);
  v.boxes(v.jun, wang, 12);
  v.boxes(v.hua, li, 9);
  settle_through(v.world);
  REQUIRE(v.at_hub(wang, "boxes") == Value::integer(12));

  put_back(v.world, *morning);
  REQUIRE(v.at_hub(wang, "boxes") == Value::integer(10));
  const std::uint64_t before = v.epoch();
  v.visit(v.mei, 21);  // not yet sent
  TestLink first(v.world, v.mei);
  first.run();
  REQUIRE(first.hub_restored);
  CHECK_FALSE(first.hub_restored->reset);
  CHECK(first.hub_restored->offered == 2);  // five boxes more, and what was not sent
  CHECK(first.come_again);
  CHECK_FALSE(first.device_error);
  CHECK(v.epoch() == before + 1);
  CHECK(v.world.shown(v.mei, "household", wang, "boxes") == Value::integer(12));  // as it was
  settle_through(v.world);

  CHECK(v.at_hub(wang, "boxes") == Value::integer(12));
  CHECK(v.at_hub(li, "boxes") == Value::integer(9));
  CHECK(v.world.shown(v.mei, "visit", numbered(20), "findings") == Value::text("well"));
  CHECK(v.world.shows(v.jun, "visit", numbered(21)));
  CHECK(v.conflicts() == 0);
  CHECK(v.epoch() == before + 1);
  v.check_all_equal();
}

TEST_CASE("what is offered again says where the lost hub had it, in the order of writing") {
  Village v;
  const auto morning = backup_of(v.world);
  v.boxes(v.mei, wang, 11);
  sync_through(v.world, v.mei);
  const Position had = v.mei.store->state().value().cursor;
  put_back(v.world, *morning);
  v.boxes(v.mei, wang, 12);
  TestLink lost(v.world, v.mei);
  lost.run();
  const Push push = v.mei.store->outbox(v.mei.store->state().value().acknowledged, 1000).value();
  REQUIRE(push.bodies.size() == 2);
  REQUIRE(push.was.size() == 2);
  CHECK(push.was[0] <= had);
  CHECK(push.was[0] > Position{});
  CHECK(push.was[1] == Position{});
  CHECK_FALSE(push.missing);
}

TEST_CASE("the hub is set back to between a push and its checkpoint: the phone sends it again") {
  Village v;
  const auto before = backup_of(v.world);
  v.boxes(v.mei, wang, 13);
  v.world.push_directly(v.mei);  // the ack came, no checkpoint did
  put_back(v.world, *before);
  const TestLink link = sync_through(v.world, v.mei);
  CHECK(link.up_to_date);
  CHECK(v.at_hub(wang, "boxes") == Value::integer(13));
  CHECK(handed_over(v.world, v.mei).empty());
  settle_through(v.world);
  v.check_all_equal();
}

TEST_CASE("a phone that never comes again: what only it and the lost hub had is handed over") {
  Village v;
  const auto morning = backup_of(v.world);
  v.household(v.hua, zhao, "99", 3);
  settle_through(v.world);
  put_back(v.world, *morning);
  v.world.phones.pop_back();  // Hua's phone fell into the river
  const TestLink link = sync_through(v.world, v.mei);
  CHECK(link.up_to_date);
  CHECK_FALSE(v.world.shows(v.mei, "household", zhao));
  const HeldRows held = handed_over(v.world, v.mei);
  REQUIRE(held.size() == 1);
  CHECK(held.begin()->first.row == zhao);
  CHECK(field(v.world.schema, "household", held.begin()->second, "address") == Value::text("99"));
  settle_through(v.world);
  CHECK(v.world.difference(v.mei) == "");
  CHECK(v.world.difference(v.jun) == "");
}

TEST_CASE("what a backup holds is kept by no phone; an older backup put back leaves a gap") {
  Village v;
  const auto morning = backup_of(v.world);
  v.boxes(v.mei, wang, 15);
  sync_through(v.world, v.mei);
  {
    auto commit = v.world.hub->begin().value();
    REQUIRE(commit->epochs().put_backed_up(v.world.head()).ok());
    REQUIRE(commit->commit(v.world.now, v.world.new_token()).ok());
  }
  sync_through(v.world, v.mei);
  const DeviceState held = v.mei.store->state().value();
  CHECK(held.unheld == Sequence{2});
  put_back(v.world, *morning);
  v.visit(v.mei, 22);
  const TestLink link = sync_through(v.world, v.mei);
  CHECK(link.up_to_date);
  const auto* push = std::get_if<Push>(&link.said_by_device.at(1));
  REQUIRE(push != nullptr);
  CHECK(push->first == Sequence{3});
  CHECK(push->missing.has_value());
  CHECK(v.at_hub(wang, "boxes") == Value::integer(10));  // five are lost, and were told
  auto commit = v.world.hub->begin().value();
  const auto gaps = commit->epochs().gaps(held.device).value();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].from == Sequence{2});
  CHECK(gaps[0].through == Sequence{2});
  commit.reset();
  settle_through(v.world);
  v.check_all_equal();
  v.visit(v.mei, 23);  // and the chain goes on
  settle_through(v.world);
  v.check_all_equal();
}

TEST_CASE(
    "what waited at a hub that is set back, and is not offered again, has no rows to hand over") {
  Village v;
  const auto morning = backup_of(v.world);
  v.household(v.hua, li, "14", 7);
  settle_through(v.world);
  put_back(v.world, *morning);
  v.boxes(v.mei, li, 9);  // Hua has not called yet: it waits for her household
  v.visit(v.mei, 20);
  REQUIRE(sync_through(v.world, v.mei).up_to_date);
  const DeviceId mei = v.mei.store->state()->device;
  const auto held = [&] { return v.world.hub->snapshot().value()->salvage(mei, Sequence{2}); };
  REQUIRE(held()->size() == 1);
  {
    auto commit = v.world.hub->begin().value();
    REQUIRE(commit->epochs().put_backed_up(v.world.head()).ok());
    REQUIRE(commit->commit(v.world.now, v.world.new_token()).ok());
  }
  sync_through(v.world, v.mei);
  REQUIRE(v.mei.store->state()->unheld == Sequence{3});
  put_back(v.world, *morning);
  const TestLink link = sync_through(v.world, v.mei);
  CHECK_FALSE(link.device_error);
  CHECK(link.up_to_date);
  CHECK(held()->empty());
  settle_through(v.world);
  v.check_all_equal();
}

TEST_CASE("more is offered again than is sent at once: the pull waits for all of it") {
  Village v;
  const auto morning = backup_of(v.world);
  for (std::uint64_t i = 0; i < 7; ++i) {
    v.household(v.mei, numbered(40 + i), std::string(900'000, 'a').c_str(), 1);
    sync_through(v.world, v.mei);
  }
  put_back(v.world, *morning);
  const TestLink link = sync_through(v.world, v.mei);
  CHECK(link.up_to_date);
  for (const Applied& applied : link.applied) CHECK(applied.rows_removed == 0);
  CHECK(handed_over(v.world, v.mei).empty());
  CHECK(v.at_hub(numbered(46), "boxes") == Value::integer(1));
}

TEST_CASE("a hub that was begun anew gets nothing old: unsent work waits for a person") {
  Village v;
  v.boxes(v.mei, wang, 15);
  settle_through(v.world);
  v.visit(v.mei, 24);  // not sent when the township begins anew
  begin_anew(v.world);
  const TestLink link = sync_through(v.world, v.mei);
  CHECK(link.up_to_date);
  CHECK(link.said_by_device.size() >= 2);
  CHECK(v.mei.store->rows().empty());
  REQUIRE(v.mei.store->outcomes().contains(Sequence{3}));
  CHECK(v.mei.store->outcomes().at(Sequence{3}).reason->code == ErrorCode::hub_reset);
  CHECK(handed_over(v.world, v.mei).empty());
  CHECK(v.world.hub_row("household", wang) == std::nullopt);
  v.household(v.mei, li, "14", 1);
  CHECK(sync_through(v.world, v.mei).up_to_date);
  CHECK(v.at_hub(li, "boxes") == Value::integer(1));
  settle_through(v.world);
  v.check_all_equal();
}

TEST_CASE(
    "she writes while the word of a hub that was begun anew is under way: her phone syncs on") {
  Village v;
  v.boxes(v.mei, wang, 15);
  begin_anew(v.world);
  TestLink link(v.world, v.mei);
  REQUIRE(link.deliver_down());  // the challenge: her phone says hello, and what is its newest
  v.boxes(v.mei, wang, 16);
  link.run();
  REQUIRE(link.hub_restored);
  CHECK(link.hub_restored->reset);
  sync_through(v.world, v.mei);
  v.household(v.mei, zhao, "99", 3);
  const TestLink next = sync_through(v.world, v.mei);
  CHECK_FALSE(next.device_error);
  CHECK(next.up_to_date);
  CHECK(v.at_hub(zhao, "boxes") == Value::integer(3));
  CHECK(v.at_hub(wang, "boxes") == Value::null());
  settle_through(v.world);
  v.check_all_equal();
}

TEST_CASE(
    "the ack of her first work at a hub that was begun anew is lost: it is told again, once") {
  Village v;
  v.boxes(v.mei, wang, 15);
  settle_through(v.world);
  begin_anew(v.world);
  CHECK(sync_through(v.world, v.mei).up_to_date);
  v.household(v.mei, zhao, "99", 3);
  TestLink first(v.world, v.mei);
  REQUIRE(first.deliver_down());
  while (first.deliver_up()) {
  }
  while (first.work()) {
  }
  first.cut();  // what the hub says is lost
  REQUIRE(v.at_hub(zhao, "boxes") == Value::integer(3));
  const TestLink second = sync_through(v.world, v.mei);
  CHECK_FALSE(second.device_error);
  CHECK(second.up_to_date);
  v.boxes(v.mei, zhao, 4);
  CHECK(sync_through(v.world, v.mei).up_to_date);
  CHECK(v.at_hub(zhao, "boxes") == Value::integer(4));
  settle_through(v.world);
  v.check_all_equal();
}

TEST_CASE("a hub is begun anew before a new phone hears that its first work arrived: it waits") {
  Village v;
  Phone& lan = v.world.add_phone("Lan", {"X"});
  v.household(lan, li, "14", 7);
  TestLink first(v.world, lan);
  REQUIRE(first.deliver_down());
  while (first.deliver_up()) {
  }
  while (first.work()) {
  }
  first.cut();  // what the hub says is lost
  const DeviceId device = lan.store->state()->device;
  const auto merged = [&] {
    return v.world.hub->snapshot().value()->device(device)->value().merged;
  };
  REQUIRE(merged() == Sequence{1});
  REQUIRE(lan.store->state()->acknowledged == Sequence{});
  begin_anew(v.world);
  TestLink second(v.world, lan);
  second.run();
  REQUIRE(second.hub_restored);
  CHECK(second.hub_restored->reset);
  const TestLink third = sync_through(v.world, lan);
  CHECK(third.up_to_date);
  CHECK(v.at_hub(li, "boxes") == Value::null());
  v.household(lan, zhao, "99", 3);
  CHECK(sync_through(v.world, lan).up_to_date);
  CHECK(v.at_hub(zhao, "boxes") == Value::integer(3));
  settle_through(v.world);
  v.check_all_equal();
}

TEST_CASE(
    "a phone whose unsent work waits since the hub was begun anew is copied: nothing is stuck") {
  Village v;
  v.visit(v.mei, 24);  // the new hub never gets it
  begin_anew(v.world);
  CHECK(sync_through(v.world, v.mei).up_to_date);
  Phone& copy = v.world.clone_phone(v.mei);
  v.household(v.mei, li, "14", 1);
  v.household(copy, zhao, "99", 3);
  CHECK(sync_through(v.world, v.mei).up_to_date);
  CHECK(sync_through(v.world, copy).up_to_date);
  CHECK(copy.store->state()->device != v.mei.store->state()->device);
  CHECK(v.at_hub(li, "boxes") == Value::integer(1));
  CHECK(v.at_hub(zhao, "boxes") == Value::null());
  const auto waits = v.world.hub->snapshot().value()->quarantine({10}).value();
  REQUIRE(waits.size() == 1);
  CHECK(waits[0].id.device == v.mei.store->state()->device);
  CHECK(waits[0].id.sequence == Sequence{3});
  CHECK(waits[0].reason.code == ErrorCode::device_forked);
  settle_through(v.world);
  v.check_all_equal();
}

TEST_CASE("wherever links break while a restored hub is caught up with, all end equal") {
  for (std::size_t cut = 1; cut <= 24; ++cut) {
    CAPTURE(cut);
    Village v;
    const auto morning = backup_of(v.world);
    v.boxes(v.mei, wang, 15);
    v.household(v.jun, li, "14", 7);
    settle_through(v.world);
    v.boxes(v.jun, wang, 25);
    v.visit(v.mei, 20);
    settle_through(v.world);
    put_back(v.world, *morning);
    v.boxes(v.mei, li, 8);
    LinkOptions options;
    options.cut_after = cut;
    options.rows_max = 1;
    for (Phone* phone : {&v.mei, &v.jun}) {
      for (int again = 0; again < 2; ++again) TestLink(v.world, *phone, options).run();
    }
    settle_through(v.world);
    CHECK(v.at_hub(wang, "boxes") == Value::integer(25));
    CHECK(v.at_hub(li, "boxes") == Value::integer(8));
    CHECK(v.world.shows(v.hua, "visit", numbered(20)));
    CHECK(v.conflicts() == 0);
    v.check_all_equal();
  }
}
