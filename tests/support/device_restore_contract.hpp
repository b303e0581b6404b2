// What every DeviceStore promises when its hub was restored or begun anew (SEMANTICS G1-G3). The
// fixture is that of device_store_contract.hpp.
#pragma once

#include "engine/wire/salvage_rows.hpp"
#include "tests/support/device_store_contract.hpp"

namespace doorstep::test {

[[nodiscard]] inline Restored back_to(Position at, Sequence merged, const Hash& head = {}) {
  Restored restored;
  restored.epoch = 2;
  restored.at = at;
  restored.token.bytes[0] = 1;
  restored.merged = merged;
  restored.head = head;
  return restored;
}

/// Household 1 with `edits` own edits of its boxes (11, 12, ...), each in the commit 5 + its
/// number, all in one checkpoint. The chain's hash after each.
template <class Fixture>
std::vector<Hash> load_included(Fixture& fixture, std::uint64_t edits, Position backed_up = {}) {
  load_one_household(fixture, Position::of(1, 5));
  std::vector<Hash> heads;
  for (std::uint64_t i = 1; i <= edits; ++i) {
    edit_household(fixture, {{"boxes", Value::integer(10 + static_cast<std::int64_t>(i))}});
    heads.push_back(fixture.store().outbox(Sequence{i - 1}, 1).value().head);
    REQUIRE(fixture.store().acknowledge(Ack{Sequence{i}, {}, {}, Position::of(1, 5 + i)}).ok());
  }
  Changes changes = contract_batch(Position::of(1, 5));
  changes.rows.push_back(household_block(numbered(1), false, {"boxes"},
                                         {Value::integer(10 + static_cast<std::int64_t>(edits))}));
  changes.checkpoint = contract_checkpoint(Position::of(1, 5 + edits), Sequence{edits});
  changes.checkpoint->backed_up = backed_up;
  REQUIRE(fixture.store().apply(changes).ok());
  return heads;
}

/// A reconcile of all households after which the hub has this one, with so many boxes.
template <class Fixture>
[[nodiscard]] Result<Applied> reconcile_to(Fixture& fixture, Position position, Sequence included,
                                           std::int64_t boxes) {
  Changes changes = contract_batch(fixture.store().state().value().cursor);
  changes.refill = Refill{true, {{"household", 0, {0}}}};
  changes.rows.push_back(
      household_block(numbered(1), true, {"village_code", "phone", "boxes"},
                      {Value::text("X"), Value::text("100"), Value::integer(boxes)}));
  changes.checkpoint = contract_checkpoint(position, included);
  return fixture.store().apply(changes);
}

template <class Fixture>
void check_kept_is_offered() {
  Fixture fixture;
  const std::vector<Hash> heads = load_included(fixture, 3);
  edit_household(fixture, {{"phone", Value::text("200")}});
  REQUIRE(fixture.store().note_restored(back_to(Position::of(1, 5), Sequence{1}, heads[0])).ok());
  DeviceState state = fixture.store().state().value();
  CHECK(state.cursor == Position::of(1, 5));
  CHECK(state.acknowledged == Sequence{1});
  CHECK(state.included == Sequence{1});
  CHECK(state.pending == 3);
  CHECK(state.differs);
  CHECK(state.restoring);
  CHECK(shown_field(fixture, "boxes") == Value::integer(13));  // as it stood, and once
  const Push push = fixture.store().outbox(Sequence{1}, 1 << 20).value();
  REQUIRE(push.bodies.size() == 3);
  CHECK(push.first == Sequence{2});
  CHECK(push.was == std::vector<Position>{Position::of(1, 7), Position::of(1, 8), Position{}});
  CHECK_FALSE(push.missing);

  // The hub takes the first two again, and the reconcile includes one of them.
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{3}, {}, {}, Position::of(2, 9)}).ok());
  const auto applied = reconcile_to(fixture, Position::of(2, 9), Sequence{2}, 12);
  REQUIRE(applied.ok());
  CHECK(shown_field(fixture, "boxes") == Value::integer(13));
  CHECK(shown_field(fixture, "phone") == Value::text("200"));
  state = fixture.store().state().value();
  CHECK_FALSE(state.restoring);
  CHECK(state.included == Sequence{2});
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{4}, {}, {}, Position::of(2, 10)}).ok());
  Changes last = contract_batch(Position::of(2, 9));
  last.rows.push_back(household_block(numbered(1), false, {"phone", "boxes"},
                                      {Value::text("200"), Value::integer(13)}));
  last.checkpoint = contract_checkpoint(Position::of(2, 10), Sequence{4});
  REQUIRE(fixture.store().apply(last).ok());
  CHECK(shown_field(fixture, "boxes") == Value::integer(13));
  // And once more, from the positions of the new history.
  REQUIRE(fixture.store().note_restored(back_to(Position::of(2, 9), Sequence{3}, heads[2])).ok());
  const Push again = fixture.store().outbox(Sequence{3}, 1 << 20).value();
  CHECK(again.first == Sequence{4});
  CHECK(again.was == std::vector<Position>{Position::of(2, 10)});
}

/// A copy of the phone called the restored hub first.
template <class Fixture>
void check_copy_is_noticed() {
  Fixture fixture;
  static_cast<void>(load_included(fixture, 3));
  REQUIRE(fixture.store().note_restored(back_to(Position::of(1, 5), Sequence{2}, Hash{{9}})).ok());
  const DeviceState state = fixture.store().state().value();
  CHECK(state.acknowledged == Sequence{});
  CHECK(state.included == Sequence{});
  CHECK(fixture.store().outbox({}, 1 << 20).value().bodies.size() == 3);
  // The same when the copy has sent more than was ever written here.
  Fixture another;
  static_cast<void>(load_included(another, 3));
  REQUIRE(another.store().note_restored(back_to(Position::of(1, 5), Sequence{5}, Hash{{9}})).ok());
  CHECK(another.store().outbox({}, 1 << 20).value().bodies.size() == 3);
}

template <class Fixture>
void check_backed_up_is_let_go() {
  Fixture fixture;
  static_cast<void>(load_included(fixture, 3, Position::of(1, 7)));
  CHECK(fixture.store().state().value().unheld == Sequence{2});
  REQUIRE(fixture.store().note_restored(back_to(Position::of(1, 5), Sequence{})).ok());
  DeviceState state = fixture.store().state().value();
  CHECK(state.acknowledged == Sequence{2});
  Push push = fixture.store().outbox(Sequence{2}, 1 << 20).value();
  CHECK(push.first == Sequence{3});
  REQUIRE(push.missing);
  Hash hash = *push.missing;
  hash = chain_hash(hash, contract_identity().device, Sequence{3}, push.bodies.at(0));
  CHECK(hash == push.head);
  // Once the hub has what follows, it knows.
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{3}, {}, {}, Position::of(2, 9)}).ok());
  edit_household(fixture, {{"phone", Value::text("200")}});
  CHECK_FALSE(fixture.store().outbox(Sequence{3}, 1 << 20).value().missing);
}

template <class Fixture>
void check_refused_stays_refused() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  edit_household(fixture, {{"boxes", Value::integer(11)}});
  Outcome rejected;
  rejected.kind = Outcome::Kind::rejected;
  rejected.reason = error(ErrorCode::scope_denied);
  const Ack ack{Sequence{1}, {}, {{Sequence{1}, rejected}}, Position::of(1, 6)};
  REQUIRE(fixture.store().acknowledge(ack).ok());
  edit_household(fixture, {{"phone", Value::text("200")}});
  REQUIRE(fixture.store().note_restored(back_to(Position::of(1, 5), Sequence{})).ok());
  const Push push = fixture.store().outbox({}, 1 << 20).value();
  CHECK(push.was == std::vector<Position>{refused_before, Position{}});
  REQUIRE(fixture.store().acknowledge(ack).ok());
  CHECK(shown_field(fixture, "boxes") == Value::integer(10));
  CHECK(fixture.store().state().value().acknowledged == Sequence{1});
}

template <class Fixture>
void check_changed_rows_are_set_aside() {
  Fixture fixture;
  const std::vector<Hash> heads = load_included(fixture, 1);
  REQUIRE(fixture.store().note_restored(back_to(Position::of(1, 5), Sequence{1}, heads[0])).ok());
  REQUIRE(reconcile_to(fixture, Position::of(2, 8), Sequence{1}, 90).ok());
  const Schema schema = small_village();
  const auto boxes_held = [&](std::uint32_t part) {
    const auto salvage = fixture.store().salvage().value();
    REQUIRE(salvage);
    CHECK(salvage->sequence == Sequence{});
    CHECK(salvage->part == part);
    const HeldRows rows = rows_of(schema, {&*salvage, 1}).value();
    REQUIRE(rows.size() == 1);
    return field(schema, "household", rows.begin()->second, "boxes");
  };
  CHECK(boxes_held(1) == Value::integer(11));
  // Before the hub has that, it is restored once more.
  REQUIRE(fixture.store().note_restored(back_to(Position::of(1, 5), Sequence{1}, heads[0])).ok());
  REQUIRE(reconcile_to(fixture, Position::of(3, 9), Sequence{1}, 91).ok());
  CHECK(boxes_held(1) == Value::integer(11));
  REQUIRE(fixture.store().salvaged({Sequence{}, 2}).ok());  // not the one under way
  REQUIRE(fixture.store().salvaged({Sequence{}, 1}).ok());
  CHECK(boxes_held(2) == Value::integer(90));
  REQUIRE(fixture.store().salvaged({Sequence{}, 2}).ok());
  CHECK_FALSE(fixture.store().salvage().value());
}

template <class Fixture>
void check_new_beginning() {
  Fixture fixture;
  static_cast<void>(load_included(fixture, 2));
  edit_household(fixture, {{"phone", Value::text("200")}});
  Restored reset = back_to({}, Sequence{1});
  reset.reset = true;
  REQUIRE(fixture.store().note_restored(reset).ok());
  DeviceState state = fixture.store().state().value();
  CHECK(state.cursor == Position{});
  CHECK(state.acknowledged == Sequence{3});
  CHECK(state.pending == 0);
  CHECK(state.differs);
  CHECK(shown_field(fixture, "phone") == Value::text("100"));
  CHECK(fixture.store().outbox(Sequence{3}, 1 << 20).value().bodies.empty());
  Changes empty = contract_batch({});
  empty.refill = Refill{true, {{"household", 0, {0}}}};
  empty.checkpoint = contract_checkpoint(Position::of(2, 3), Sequence{1});
  REQUIRE(fixture.store().apply(empty).ok());
  CHECK_FALSE(fixture.row("household", numbered(1)));
  CHECK_FALSE(fixture.store().salvage().value());
  fixture.write({{"household", numbered(2),
                  image_of(small_village(), "household", {{"village_code", Value::text("X")}})}});
  const Push push = fixture.store().outbox(Sequence{3}, 1 << 20).value();
  CHECK(push.first == Sequence{4});
  CHECK(push.missing.has_value());
}

template <class Fixture>
void check_restores() {
  SUBCASE("what is kept is offered again") { check_kept_is_offered<Fixture>(); }
  SUBCASE("a copy of the phone came first: everything is offered, to be told apart") {
    check_copy_is_noticed<Fixture>();
  }
  SUBCASE("what a backup holds is let go, and missed") { check_backed_up_is_let_go<Fixture>(); }
  SUBCASE("what was refused stays so") { check_refused_stays_refused<Fixture>(); }
  SUBCASE("what goes is set aside") { check_changed_rows_are_set_aside<Fixture>(); }
  SUBCASE("a hub begun anew") { check_new_beginning<Fixture>(); }
}

}  // namespace doorstep::test
