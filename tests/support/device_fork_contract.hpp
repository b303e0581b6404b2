// What every DeviceStore promises to a phone that turned out to be a copy of another (SEMANTICS
// C5). The fixture is that of device_store_contract.hpp.
#pragma once

#include "tests/support/device_store_contract.hpp"

namespace doorstep::test {

[[nodiscard]] inline Successor new_self(std::uint8_t number) {
  Successor successor;
  successor.device.bytes[0] = number;
  successor.keys = key_pair_of(Nonce{{number}});
  return successor;
}

[[nodiscard]] inline Outcome set_aside() {
  Outcome outcome;
  outcome.kind = Outcome::Kind::quarantined;
  outcome.reason = error(ErrorCode::device_forked);
  return outcome;
}

/// A household with one own edit (phone 200) that the hub has set aside, and a successor.
template <class Fixture>
void load_copy(Fixture& fixture) {
  load_one_household(fixture, Position::of(1, 5));
  edit_household(fixture, {{"phone", Value::text("200")}});
  REQUIRE(fixture.store().remember_successor(new_self(21)).ok());
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{1}, {}, {{Sequence{1}, set_aside()}}, {}}).ok());
}

/// A checkpoint that counts nine transactions of the other copy.
template <class Fixture>
[[nodiscard]] Result<Applied> apply_others_checkpoint(Fixture& fixture) {
  Changes changes = contract_batch(Position::of(1, 5));
  changes.rows.push_back(household_block(numbered(1), false, {"phone"}, {Value::text("300")}));
  changes.checkpoint = contract_checkpoint(Position::of(1, 9), Sequence{9});
  return fixture.store().apply(changes);
}

template <class Fixture>
void check_successor_is_kept() {
  Fixture fixture;
  CHECK_FALSE(fixture.store().state().value().successor);
  CHECK(fixture.store().become_successor().error().code == ErrorCode::not_found);
  REQUIRE(fixture.store().remember_successor(new_self(21)).ok());
  REQUIRE(fixture.store().remember_successor(new_self(22)).ok());
  const auto kept = fixture.store().state().value().successor;
  REQUIRE(kept);
  CHECK(kept->device == new_self(21).device);
  CHECK(kept->keys.public_key == new_self(21).keys.public_key);
  CHECK(fixture.store().state().value().device == contract_identity().device);
}

template <class Fixture>
void check_copy_goes_on() {
  Fixture fixture;
  load_copy(fixture);
  CHECK(shown_field(fixture, "phone") == Value::text("100"));
  CHECK(fixture.store().become_successor().value() == false);  // no checkpoint includes its work
  REQUIRE(apply_others_checkpoint(fixture).ok());
  CHECK(shown_field(fixture, "phone") == Value::text("300"));
  edit_household(fixture, {{"boxes", Value::integer(12)}});
  CHECK(fixture.store().become_successor().value() == false);  // nor what the app has just written
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{2}, {}, {{Sequence{2}, set_aside()}}, {}}).ok());
  Changes none = contract_batch(Position::of(1, 9));
  none.checkpoint = contract_checkpoint(Position::of(1, 10), Sequence{9});
  REQUIRE(fixture.store().apply(none).ok());
  CHECK(fixture.store().become_successor().value());

  DeviceState state = fixture.store().state().value();
  CHECK(state.device == new_self(21).device);
  CHECK(state.keys.public_key == new_self(21).keys.public_key);
  CHECK_FALSE(state.successor);
  CHECK(state.cursor == Position::of(1, 10));
  CHECK(state.last == Sequence{});
  CHECK(state.included == Sequence{});
  CHECK(fixture.store().outbox({}, 1).value().bodies.empty());
  CHECK(shown_field(fixture, "boxes") == Value::integer(10));
}

/// The new chain: from its first transaction to its place in a checkpoint, and to a rejection.
template <class Fixture>
void check_successor_writes() {
  Fixture fixture;
  load_copy(fixture);
  REQUIRE(apply_others_checkpoint(fixture).ok());
  REQUIRE(fixture.store().become_successor().value());
  for (int i = 1; i <= 3; ++i) edit_household(fixture, {{"boxes", Value::integer(10 + i)}});
  const Push push = fixture.store().outbox({}, 1 << 20).value();
  REQUIRE(push.bodies.size() == 3);
  CHECK(push.first == Sequence{1});
  Hash hash;
  for (std::uint64_t i = 0; i < 3; ++i) {
    hash = chain_hash(hash, new_self(21).device, Sequence{i + 1}, push.bodies[i]);
  }
  CHECK(push.head == hash);
  const Transaction first = decode_transaction(small_village(), push.bodies[0]).value();
  CHECK(first.observed == Position::of(1, 9));  // all that the two copies have in common
  CHECK(fixture.store().outbox(Sequence{1}, 1).value().first == Sequence{2});

  Outcome rejected;
  rejected.kind = Outcome::Kind::rejected;
  rejected.reason = error(ErrorCode::scope_denied);
  Outcome dependent;
  dependent.kind = Outcome::Kind::depends_on;
  dependent.depends_on = Sequence{2};
  const Ack ack{Sequence{3}, {}, {{Sequence{2}, rejected}, {Sequence{3}, dependent}}, {}};
  REQUIRE(fixture.store().acknowledge(ack).ok());
  CHECK(shown_field(fixture, "boxes") == Value::integer(11));
  CHECK(fixture.store().state().value().acknowledged == Sequence{3});
  Changes wrong = contract_batch(Position::of(1, 9));
  wrong.checkpoint = contract_checkpoint(Position::of(1, 11), Sequence{4});
  CHECK(fixture.store().apply(wrong).error().code == ErrorCode::device_forked);
  Changes own = contract_batch(Position::of(1, 9));
  own.rows.push_back(household_block(numbered(1), false, {"boxes"}, {Value::integer(11)}));
  own.checkpoint = contract_checkpoint(Position::of(1, 11), Sequence{3});
  REQUIRE(fixture.store().apply(own).ok());
  CHECK(shown_field(fixture, "boxes") == Value::integer(11));
  CHECK(fixture.store().state().value().included == Sequence{3});
}

template <class Fixture>
void check_forks() {
  SUBCASE("whom it goes on as is drawn once and survives") { check_successor_is_kept<Fixture>(); }
  SUBCASE("it goes on when all of its work is told") { check_copy_goes_on<Fixture>(); }
  SUBCASE("its chain begins anew") { check_successor_writes<Fixture>(); }
}

}  // namespace doorstep::test
