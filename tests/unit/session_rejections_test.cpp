// SEMANTICS D1 and D2 through the merge writer: rules refuse one transaction whole and no other,
// and what builds on a refused one shares its fate, also in later commits.
#include <doctest/doctest.h>

#include "engine/core/hash.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

using Kind = Outcome::Kind;

const RowId wang = numbered(1);
const RowId li = numbered(2);
const RowId boxes = numbered(3);

/// A township whose hub judges by rules, and a phone whose acks may be lost.
struct Rules {
  Rules() : world(1, ruled_village()) {
    static_cast<MemoryHubStore&>(*world.hub).set_rules(ruled_village_rules(world.schema));
    phone = &world.add_phone("A", {"X"});
  }

  /// The hub merges transactions first .. last of the phone; the ack is lost. The outcome of each.
  std::vector<Outcome> push(std::uint64_t first, std::uint64_t last) {
    const auto all = phone->store->outbox(Sequence{}, ~std::size_t{0}).value();
    Push push;
    push.first = Sequence{first};
    push.bodies.assign(all.bodies.begin() + static_cast<std::ptrdiff_t>(first - 1),
                       all.bodies.begin() + static_cast<std::ptrdiff_t>(last));
    const DeviceId device = phone->store->state().value().device;
    for (std::uint64_t i = 1; i <= last; ++i) {
      push.head = chain_hash(push.head, device, Sequence{i}, all.bodies[i - 1]);
    }
    const std::vector<PushRequest> requests{{device, push, world.clocks(*phone), world.now}};
    const auto results =
        merge_pushes(*world.hub, world.log, requests, world.now, world.new_token());
    REQUIRE_MESSAGE(results.front().ok(), results.front().error().text());
    std::vector<Outcome> outcomes(last - first + 1);
    for (const Ack::Item& item : results.front()->ack.items) {
      outcomes.at(item.sequence.value - first) = item.outcome;
    }
    return outcomes;
  }
  std::size_t fallen_rows() {
    return world.hub->begin().value()->fallen(phone->store->state().value().device).value().size();
  }
  void household(const RowId& id, std::string_view number) {
    world.insert(*phone, "household", id,
                 {{"village_code", Value::text("X")}, {"phone", Value::text(number)}});
  }
  void visit(std::uint64_t id, const RowId& of) {
    world.insert(*phone, "visit", numbered(id), {{"household_id", key_value(of)}});
  }
  Value given() {
    return field(world.schema, "supply", world.hub_row("supply", boxes)->image, "given");
  }

  SyncWorld world;
  Phone* phone = nullptr;
};

}  // namespace

TEST_CASE_FIXTURE(
    Rules,
    "D1: one transaction of many breaks a rule: it is refused whole with the rule, its "
    "message and values; all others of the same commit are in") {
  household(wang, "111");
  world.insert(*phone, "supply", boxes,
               {{"village_code", Value::text("X")}, {"given", Value::integer(5)}});
  world.write(*phone,
              {{"supply", boxes,
                image_of(world.schema, "supply",
                         {{"village_code", Value::text("X")}, {"given", Value::integer(-2)}})},
               {"household", wang,
                image_of(world.schema, "household",
                         {{"village_code", Value::text("X")}, {"phone", Value::text("9")}})}});
  world.edit(*phone, "supply", boxes, {{"given", Value::integer(1)}});
  const auto outcomes = push(1, 4);
  CHECK(outcomes[0].kind == Kind::accepted);
  CHECK(outcomes[1].kind == Kind::accepted);
  REQUIRE(outcomes[2].kind == Kind::rejected);
  CHECK(outcomes[2].reason->code == ErrorCode::rule_broken);
  CHECK(outcomes[2].reason->detail ==
        "table supply, rule not_below_zero: fewer than none were given");
  REQUIRE(outcomes[2].broken.has_value());
  CHECK(outcomes[2].broken->rule == "not_below_zero");
  CHECK(outcomes[2].broken->row == boxes);
  CHECK(outcomes[2].broken->values ==
        std::vector<std::pair<std::string, Value>>{{"given", Value::integer(-2)}});
  CHECK(outcomes[3].kind == Kind::accepted);
  // 5, then -7 refused, then +3.
  CHECK(given() == Value::integer(8));
  CHECK(field(world.schema, "household", world.hub_row("household", wang)->image, "phone") ==
        Value::text("111"));
}

TEST_CASE_FIXTURE(
    Rules, "D1: a rule sees what earlier transactions of the same commit made of other rows") {
  world.insert(*phone, "supply", boxes,
               {{"village_code", Value::text("X")}, {"given", Value::integer(2)}});
  for (int i = 0; i < 3; ++i) {
    world.edit(*phone, "supply", boxes, {{"given", Value::integer(1 - i)}});
  }
  const auto outcomes = push(1, 4);
  CHECK(outcomes[1].kind == Kind::accepted);
  CHECK(outcomes[2].kind == Kind::accepted);
  CHECK(outcomes[3].kind == Kind::rejected);
  CHECK(given() == Value::integer(0));
}

TEST_CASE_FIXTURE(
    Rules,
    "D1: a rule that reads another table sees what an earlier transaction of the commit wrote "
    "there") {
  const TableId resident = table_id(world.schema, "resident");
  const ColumnId home = *world.schema.table(resident).find_column("household_id");
  static_cast<MemoryHubStore&>(*world.hub)
      .set_rules([=](HubCommit& commit,
                     std::span<const RowKey> written) -> Result<std::optional<BrokenRule>> {
        DS_ASSIGN(const auto residents, commit.children({resident, home, wang}));
        if (written[0].row != boxes || !residents.empty()) return std::optional<BrokenRule>();
        return std::optional(BrokenRule{"supply", "somebody_lives_there", boxes, "for nobody", {}});
      });
  household(wang, "111");
  SUBCASE("somebody lives there") {
    world.insert(*phone, "resident", numbered(20), {{"household_id", key_value(wang)}});
    world.insert(*phone, "supply", boxes, {{"village_code", Value::text("X")}});
    CHECK(push(1, 3)[2].kind == Kind::accepted);
    CHECK(world.hub_row("supply", boxes).has_value());
  }
  SUBCASE("nobody lives there yet") {
    world.insert(*phone, "supply", boxes, {{"village_code", Value::text("X")}});
    world.insert(*phone, "resident", numbered(20), {{"household_id", key_value(wang)}});
    CHECK(push(1, 3)[1].kind == Kind::rejected);
    CHECK_FALSE(world.hub_row("supply", boxes).has_value());
  }
}

TEST_CASE_FIXTURE(
    Rules,
    "D1: what a rule was shown of a transaction that turns out to have no right is taken back") {
  Phone& other = world.add_phone("B", {"Y"});
  world.insert(*phone, "supply", boxes,
               {{"village_code", Value::text("X")}, {"given", Value::integer(5)}});
  settle(world);
  const Sequence taken = world.insert(
      other, "supply", boxes, {{"village_code", Value::text("Y")}, {"given", Value::integer(1)}});
  sync(world, other);
  REQUIRE(other.store->outcomes().contains(taken));
  CHECK(other.store->outcomes().at(taken).reason->code == ErrorCode::scope_denied);
  CHECK(given() == Value::integer(5));
  CHECK(world.hub_row("supply", boxes)->scope == ScopeId{"X"});
  settle(world);
  CHECK(world.difference(*phone) == "");
  CHECK(world.difference(other) == "");
}

TEST_CASE_FIXTURE(
    Rules,
    "D2: what builds on a refused registration is refused with it in later commits "
    "too, other work goes on, and a restart of the story with the right number is in") {
  household(wang, "wrong");
  visit(10, wang);
  household(li, "222");
  visit(11, wang);
  visit(12, li);
  world.edit(*phone, "household", wang, {{"address", Value::text("lane 1")}});
  CHECK(push(1, 1)[0].kind == Kind::rejected);
  CHECK(fallen_rows() == 1);
  const auto second = push(2, 3);
  CHECK(second[0].kind == Kind::depends_on);
  CHECK(second[0].depends_on == Sequence{1});
  CHECK(second[1].kind == Kind::accepted);
  const auto third = push(4, 6);
  CHECK(third[0].depends_on == Sequence{1});
  CHECK(third[1].kind == Kind::accepted);
  CHECK(third[2].kind == Kind::depends_on);
  CHECK_FALSE(world.hub_row("household", wang).has_value());
  // wang, and the visits 10 and 11 that would live only with him
  CHECK(fallen_rows() == 3);
  const auto again = push(1, 6);
  CHECK(again[0].kind == Kind::rejected);
  CHECK(again[1] == second[0]);
  CHECK(again[5] == third[2]);

  sync(world, *phone);
  CHECK_FALSE(world.shows(*phone, "household", wang));
  CHECK(world.shows(*phone, "visit", numbered(12)));
  household(wang, "111");
  visit(10, wang);
  sync(world, *phone);
  CHECK(world.hub_row("household", wang).has_value());
  CHECK(world.hub_row("visit", numbered(10)).has_value());
  // Only visit 11 never came back.
  CHECK(fallen_rows() == 1);
  CHECK(world.difference(*phone) == "");
}

TEST_CASE_FIXTURE(Rules,
                  "D2: an edit of a refused row builds on it, even one that would have mended it") {
  household(wang, "wrong");
  household(wang, "111");
  visit(10, wang);
  CHECK(push(1, 1)[0].kind == Kind::rejected);
  // To the phone the second is an edit of the same row: it builds on the first.
  CHECK(push(2, 2)[0].kind == Kind::depends_on);
  CHECK(push(3, 3)[0].kind == Kind::depends_on);
}

TEST_CASE_FIXTURE(Rules,
                  "D2: a transaction that claims to have seen the future is quarantined, and what "
                  "builds on it follows") {
  household(wang, "111");
  visit(10, wang);
  const auto all = phone->store->outbox(Sequence{}, ~std::size_t{0}).value();
  Transaction first = decode_transaction(world.schema, all.bodies[0]).value();
  first.observed = Position::of(1, 1000);
  Push push;
  push.first = Sequence{1};
  push.bodies = {encode_transaction(world.schema, first), all.bodies[1]};
  const DeviceId device = phone->store->state().value().device;
  for (std::uint64_t i = 1; i <= 2; ++i) {
    push.head = chain_hash(push.head, device, Sequence{i}, push.bodies[i - 1]);
  }
  const std::vector<PushRequest> requests{{device, push, world.clocks(*phone), world.now}};
  const auto result = merge_pushes(*world.hub, world.log, requests, world.now, world.new_token());
  REQUIRE(result.front().ok());
  REQUIRE(result.front()->ack.items.size() == 2);
  CHECK(result.front()->ack.items[0].outcome.kind == Kind::quarantined);
  CHECK(result.front()->ack.items[1].outcome.kind == Kind::depends_on);
  CHECK(result.front()->ack.items[1].outcome.depends_on == Sequence{1});
}

TEST_CASE_FIXTURE(Rules, "a rejection on a phone reverts the rows and the phone equals the hub") {
  household(wang, "111");
  world.insert(*phone, "supply", boxes,
               {{"village_code", Value::text("X")}, {"given", Value::integer(5)}});
  sync(world, *phone);
  world.edit(*phone, "supply", boxes, {{"given", Value::integer(-1)}});
  world.edit(*phone, "household", wang, {{"phone", Value::text("333")}});
  world.edit(*phone, "supply", boxes, {{"given", Value::integer(2)}});
  sync(world, *phone);
  CHECK(world.shown(*phone, "supply", boxes, "given") == Value::integer(8));
  CHECK(world.shown(*phone, "household", wang, "phone") == Value::text("333"));
  CHECK(world.difference(*phone) == "");
}

TEST_CASE_FIXTURE(
    Rules,
    "B2: a visit to a family that left under a pending edit was made to the copy that "
    "stayed, also when that edit is refused") {
  Phone& secretary = world.add_phone("Secretary Liu", {"T"});
  household(wang, "111");
  settle(world);
  world.edit(secretary, "household", wang, {{"village_code", Value::text("Y")}});
  sync(world, secretary);
  TestLink link(world, *phone, {});
  const auto step = [&] { return link.deliver_up() || link.work() || link.deliver_down(); };
  while (link.said_by_hub.size() < 2 && step()) {
  }
  // Written while the connection is open: the checkpoint that takes the family away is older.
  const Sequence edit = world.edit(*phone, "household", wang, {{"phone", Value::text("wrong")}});
  while (link.applied.empty() && step()) {
  }
  link.cut();
  REQUIRE(phone->store->state().value().included < edit);
  CHECK(world.shows(*phone, "household", wang));
  CHECK_FALSE(phone->store->base({table_id(world.schema, "household"), wang}).has_value());
  visit(10, wang);
  sync(world, *phone);
  CHECK(phone->store->outcomes().at(edit).reason->code == ErrorCode::rule_broken);
  CHECK(phone->store->outcomes().size() == 1);
  REQUIRE(world.hub_row("visit", numbered(10)).has_value());
  CHECK(world.hub_row("visit", numbered(10))->scope == ScopeId{"Y"});
  settle(world);
  CHECK_FALSE(world.shows(*phone, "household", wang));
  CHECK(world.difference(*phone) == "");
}
