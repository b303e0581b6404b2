// What every DeviceStore promises, as checks over a fixture. A fixture has:
//   Fixture();
//   DeviceStore& store();
//   void write(const std::vector<SyncWorld::Write>&)   one local transaction
//   std::optional<RowImage> row(table, id)             as shown
// and belongs to the device and hub that contract_identity() gives, with the schema
// small_village().
#pragma once

#include <doctest/doctest.h>

#include "engine/ports/device_store.hpp"
#include "engine/ports/memory_device_store.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/sync_world.hpp"

namespace doorstep::test {

[[nodiscard]] inline MemoryDeviceStore::Identity contract_identity() {
  MemoryDeviceStore::Identity identity;
  identity.device.bytes[0] = 7;
  identity.hub.bytes[0] = 9;
  identity.keys = key_pair_of(Nonce{});
  return identity;
}

[[nodiscard]] inline Changes contract_batch(Position from) {
  Changes changes;
  changes.from = from;
  return changes;
}

[[nodiscard]] inline RowBlock household_block(const RowId& id, bool whole,
                                              std::vector<std::string> columns,
                                              std::vector<Value> cells) {
  return RowBlock{"household", {"X"}, whole, std::move(columns), {id}, std::move(cells)};
}

[[nodiscard]] inline Checkpoint contract_checkpoint(Position position, Sequence included) {
  Checkpoint checkpoint;
  checkpoint.position = position;
  checkpoint.token.bytes[0] = 1;
  checkpoint.included = included;
  return checkpoint;
}

/// The hub's first checkpoint: household 1 at `position` with phone 100 and 10 boxes.
template <class Fixture>
void load_one_household(Fixture& fixture, Position position) {
  Changes changes = contract_batch({});
  changes.rows.push_back(
      household_block(numbered(1), true, {"village_code", "phone", "boxes"},
                      {Value::text("X"), Value::text("100"), Value::integer(10)}));
  changes.checkpoint = contract_checkpoint(position, {});
  REQUIRE(fixture.store().apply(changes).ok());
}

template <class Fixture>
Value shown_field(Fixture& fixture, std::string_view column) {
  const Schema schema = small_village();
  const auto image = fixture.row("household", numbered(1));
  return image ? field(schema, "household", *image, column) : Value::null();
}

template <class Fixture>
void edit_household(Fixture& fixture, Fields fields) {
  const Schema schema = small_village();
  const auto image = fixture.row("household", numbered(1));
  REQUIRE(image);
  fixture.write({{"household", numbered(1), with(schema, "household", *image, fields)}});
}

template <class Fixture>
void check_outbox() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  for (int i = 1; i <= 3; ++i) edit_household(fixture, {{"boxes", Value::integer(10 + i)}});
  const DeviceState state = fixture.store().state().value();
  CHECK(state.last == Sequence{3});
  CHECK(state.pending == 3);
  const Push all = fixture.store().outbox({}, 1 << 20).value();
  REQUIRE(all.bodies.size() == 3);
  CHECK(all.first == Sequence{1});
  Hash hash;
  for (std::uint64_t i = 0; i < 3; ++i) {
    hash = chain_hash(hash, contract_identity().device, Sequence{i + 1}, all.bodies[i]);
  }
  CHECK(all.head == hash);
  const Push one = fixture.store().outbox(Sequence{1}, 1).value();
  CHECK(one.first == Sequence{2});
  CHECK(one.bodies == std::vector<Bytes>{all.bodies[1]});
  CHECK(fixture.store().outbox(Sequence{3}, 1).value().bodies.empty());
}

template <class Fixture>
void check_overlay() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  edit_household(fixture, {{"boxes", Value::integer(5)}, {"phone", Value::text("200")}});
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{1}, {}, {}, {}}).ok());
  CHECK(fixture.store().state().value().pending == 0);
  // Durable, not included: another's phone lies under the own one, boxes count on from the hub's.
  Changes others = contract_batch(Position::of(1, 5));
  others.rows.push_back(household_block(numbered(1), false, {"phone", "boxes"},
                                        {Value::text("300"), Value::integer(100)}));
  others.checkpoint = contract_checkpoint(Position::of(1, 6), {});
  REQUIRE(fixture.store().apply(others).ok());
  CHECK(shown_field(fixture, "phone") == Value::text("200"));
  CHECK(shown_field(fixture, "boxes") == Value::integer(95));
  Changes own = contract_batch(Position::of(1, 6));
  own.rows.push_back(household_block(numbered(1), false, {"boxes"}, {Value::integer(95)}));
  own.checkpoint = contract_checkpoint(Position::of(1, 7), Sequence{1});
  REQUIRE(fixture.store().apply(own).ok());
  CHECK(shown_field(fixture, "phone") == Value::text("300"));
  CHECK(shown_field(fixture, "boxes") == Value::integer(95));
  CHECK(fixture.store().state().value().included == Sequence{1});
}

template <class Fixture>
void check_rejection() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  edit_household(fixture, {{"phone", Value::text("200")}});
  edit_household(fixture, {{"boxes", Value::integer(13)}});
  Outcome rejected;
  rejected.kind = Outcome::Kind::rejected;
  rejected.reason = error(ErrorCode::rule_broken, "no");
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{1}, {}, {{Sequence{1}, rejected}}, {}}).ok());
  CHECK(shown_field(fixture, "phone") == Value::text("100"));
  CHECK(shown_field(fixture, "boxes") == Value::integer(13));
}

template <class Fixture>
void check_removal_under_pending_writes() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  edit_household(fixture, {{"phone", Value::text("200")}});
  Changes gone = contract_batch(Position::of(1, 5));
  gone.removals.push_back(RemovalBlock{"household", {"X"}, std::nullopt, {numbered(1)}});
  gone.checkpoint = contract_checkpoint(Position::of(1, 6), {});
  REQUIRE(fixture.store().apply(gone).ok());
  CHECK(shown_field(fixture, "phone") == Value::text("200"));
  Changes confirmed = contract_batch(Position::of(1, 6));
  confirmed.checkpoint = contract_checkpoint(Position::of(1, 7), Sequence{1});
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{1}, {}, {}, {}}).ok());
  REQUIRE(fixture.store().apply(confirmed).ok());
  CHECK_FALSE(fixture.row("household", numbered(1)));
}

template <class Fixture>
void check_staging() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  Changes first = contract_batch(Position::of(1, 5));
  first.rows.push_back(household_block(numbered(1), false, {"phone"}, {Value::text("200")}));
  first.next = ScanPoint{Position::of(1, 6), "household", 3, {}};
  REQUIRE(fixture.store().stage(first).ok());
  CHECK(shown_field(fixture, "phone") == Value::text("100"));
  CHECK(fixture.store().state().value().cursor == Position::of(1, 5));
  CHECK(fixture.store().state().value().staged == first.next);
  SUBCASE("the checkpoint applies all of it") {
    Changes last = contract_batch(Position::of(1, 5));
    last.rows.push_back(household_block(numbered(1), false, {"boxes"}, {Value::integer(11)}));
    last.checkpoint = contract_checkpoint(Position::of(1, 9), {});
    REQUIRE(fixture.store().apply(last).ok());
    CHECK(shown_field(fixture, "phone") == Value::text("200"));
    CHECK(shown_field(fixture, "boxes") == Value::integer(11));
    CHECK(fixture.store().state().value().cursor == Position::of(1, 9));
    CHECK_FALSE(fixture.store().state().value().staged);
  }
  SUBCASE("dropped, it never was") {
    REQUIRE(fixture.store().drop_staged().ok());
    CHECK_FALSE(fixture.store().state().value().staged);
  }
  SUBCASE("a second batch goes on where the first ended") {
    Changes second = contract_batch(Position::of(1, 5));
    second.rows.push_back(household_block(numbered(1), false, {"phone"}, {Value::text("300")}));
    second.next = ScanPoint{Position::of(1, 6), "household", 4, {}};
    REQUIRE(fixture.store().stage(second).ok());
    CHECK(fixture.store().state().value().staged == second.next);
    Changes last = contract_batch(Position::of(1, 5));
    last.checkpoint = contract_checkpoint(Position::of(1, 9), {});
    REQUIRE(fixture.store().apply(last).ok());
    CHECK(shown_field(fixture, "phone") == Value::text("300"));
  }
  SUBCASE("what does not continue the cursor changes nothing") {
    Changes wrong = contract_batch(Position::of(1, 4));
    wrong.checkpoint = contract_checkpoint(Position::of(1, 9), {});
    CHECK(fixture.store().apply(wrong).error().code == ErrorCode::unexpected_message);
    CHECK(fixture.store().state().value().cursor == Position::of(1, 5));
    CHECK(fixture.store().state().value().staged == first.next);
  }
  SUBCASE("a batch that does not continue what is staged is refused") {
    Changes wrong = first;
    SUBCASE("the same batch again") {}
    SUBCASE("one from before") { wrong.next->ordinal = 2; }
    SUBCASE("one of another pull") { wrong.next = {Position::of(1, 7), "visit", 1, {1}}; }
    SUBCASE("one from another cursor") {
      wrong = contract_batch(Position::of(1, 4));
      wrong.next = ScanPoint{Position::of(1, 7), "visit", 1, {}};
    }
    SUBCASE("one with a checkpoint") {
      wrong.next.reset();
      wrong.checkpoint = contract_checkpoint(Position::of(1, 9), {});
    }
    CHECK(fixture.store().stage(wrong).error().code == ErrorCode::unexpected_message);
    CHECK(fixture.store().state().value().staged == first.next);
  }
  SUBCASE("nothing is staged from before the cursor") {
    REQUIRE(fixture.store().drop_staged().ok());
    first.next = ScanPoint{Position::of(1, 5), "household", 3, {}};
    CHECK(fixture.store().stage(first).error().code == ErrorCode::unexpected_message);
  }
}

template <class Fixture>
void check_kept_work() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  edit_household(fixture, {{"boxes", Value::integer(11)}});
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{1}, {}, {}, {}}).ok());
  Changes own = contract_batch(Position::of(1, 5));
  own.rows.push_back(household_block(numbered(1), false, {"boxes"}, {Value::integer(11)}));
  own.checkpoint = contract_checkpoint(Position::of(1, 6), Sequence{1});
  REQUIRE(fixture.store().apply(own).ok());
  edit_household(fixture, {{"boxes", Value::integer(12)}});
  const Push fresh = fixture.store().outbox(Sequence{1}, 1 << 20).value();
  CHECK(fresh.first == Sequence{2});
  CHECK(fresh.bodies.size() == 1);
  // Whether the first is still kept is the store's choice; asking for it is no error.
  const Push all = fixture.store().outbox({}, 1 << 20).value();
  CHECK(all.first.value + all.bodies.size() == 3);
  CHECK(all.head == fresh.head);
}

template <class Fixture>
void check_newer_hub() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  Changes newer = contract_batch(Position::of(1, 5));
  newer.removals.push_back(RemovalBlock{"pond", {"X"}, std::nullopt, {numbered(9)}});
  RowBlock pond = household_block(numbered(9), true, {"depth"}, {Value::integer(3)});
  pond.table = "pond";
  newer.rows.push_back(pond);
  newer.rows.push_back(household_block(numbered(1), false, {"solar", "phone"},
                                       {Value::text("yes"), Value::text("200")}));
  newer.checkpoint = contract_checkpoint(Position::of(1, 6), {});
  const auto applied = fixture.store().apply(newer);
  REQUIRE(applied.ok());
  CHECK(applied->rows_written == 1);
  CHECK(applied->rows_removed == 0);
  CHECK(shown_field(fixture, "phone") == Value::text("200"));
}

template <class Fixture>
void check_wrong_checkpoints() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  edit_household(fixture, {{"phone", Value::text("200")}});
  Changes wrong = contract_batch(Position::of(1, 5));
  wrong.rows.push_back(household_block(numbered(1), false, {"phone"}, {Value::text("300")}));
  wrong.checkpoint = contract_checkpoint(Position::of(1, 6), {});
  SUBCASE("it includes what was never written here") {
    wrong.checkpoint->included = Sequence{2};
    CHECK(fixture.store().apply(wrong).error().code == ErrorCode::device_forked);
  }
  SUBCASE("its cells do not fill their block") {
    wrong.rows[0].cells.pop_back();
    CHECK(fixture.store().apply(wrong).error().code == ErrorCode::malformed);
  }
  SUBCASE("there is none") {
    wrong.checkpoint.reset();
    CHECK(fixture.store().apply(wrong).error().code == ErrorCode::unexpected_message);
  }
  SUBCASE("an ack of what was never written here") {
    CHECK(fixture.store().acknowledge(Ack{Sequence{2}, {}, {}, {}}).error().code ==
          ErrorCode::unexpected_message);
  }
  const DeviceState state = fixture.store().state().value();
  CHECK(state.cursor == Position::of(1, 5));
  CHECK(state.pending == 1);
  CHECK(shown_field(fixture, "phone") == Value::text("200"));
}

template <class Fixture>
void check_columns_of_a_missing_row() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  Changes partial = contract_batch(Position::of(1, 5));
  partial.rows.push_back(household_block(numbered(2), false, {"phone"}, {Value::text("300")}));
  partial.checkpoint = contract_checkpoint(Position::of(1, 6), {});
  partial.checkpoint->digests = {{{"X"}, Digest{1, 2}}};
  const auto applied = fixture.store().apply(partial);
  REQUIRE(applied.ok());
  CHECK(applied->rows_written == 0);
  CHECK(applied->differing == std::vector<ScopeId>{{"X"}});
  CHECK_FALSE(fixture.row("household", numbered(2)));
}

template <class Fixture>
void check_counters_and_sets() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  const Schema schema = small_village();
  fixture.write({{"household", numbered(2),
                  image_of(schema, "household", {{"village_code", Value::text("X")}})}});
  const Push push = fixture.store().outbox({}, 1).value();
  const Transaction sent = decode_transaction(schema, push.bodies.at(0)).value();
  REQUIRE(sent.changes.size() == 1);
  CHECK(sent.changes[0].cells.size() == 1);  // neither the counter nor the set, for both are NULL
  edit_household(fixture, {{"boxes", Value::null()}});
  CHECK(shown_field(fixture, "boxes") == Value::integer(0));
  edit_household(fixture, {{"boxes", Value::null()}});
  CHECK(fixture.store().state().value().last == Sequence{2});
}

template <class Fixture>
void check_welcome() {
  Fixture fixture;
  Welcome welcome;
  welcome.scopes = {{"X"}, {"Y"}};
  REQUIRE(fixture.store().note_welcome(welcome, ClockProbe{}).ok());
  CHECK(fixture.store().state().value().scopes == welcome.scopes);
  welcome.scopes = {{"Y"}};
  REQUIRE(fixture.store().note_welcome(welcome, ClockProbe{}).ok());
  CHECK(fixture.store().state().value().scopes == welcome.scopes);
}

template <class Fixture>
void check_departures_and_digests() {
  Fixture fixture;
  load_one_household(fixture, Position::of(1, 5));
  const Schema schema = small_village();
  Changes moved = contract_batch(Position::of(1, 5));
  moved.removals.push_back(RemovalBlock{"household", {"X"}, ScopeId{"Y"}, {numbered(1)}});
  RowBlock block = household_block(numbered(1), true, {"village_code"}, {Value::text("Y")});
  block.scope = {"Y"};
  moved.rows.push_back(block);
  moved.checkpoint = contract_checkpoint(Position::of(1, 6), {});
  const RowImage image = image_of(schema, "household", {{"village_code", Value::text("Y")}});
  const Digest sum = digest_of_row(schema.table(table_id(schema, "household")), numbered(1), image);
  moved.checkpoint->digests = {{{"X"}, Digest{}}, {{"Y"}, sum}};
  const Applied applied = fixture.store().apply(moved).value();
  CHECK(applied.differing.empty());
  CHECK(shown_field(fixture, "village_code") == Value::text("Y"));
  Changes wrong = contract_batch(Position::of(1, 6));
  wrong.checkpoint = contract_checkpoint(Position::of(1, 7), {});
  wrong.checkpoint->digests = {{{"X"}, Digest{}}, {{"Y"}, Digest{1, 2}}};
  CHECK(fixture.store().apply(wrong).value().differing == std::vector<ScopeId>{{"Y"}});
}

/// All of it, one subcase a promise. Call from a test case of its own.
template <class Fixture>
void check_device_store_contract() {
  SUBCASE("the outbox is a chain, in order, cut by bytes") { check_outbox<Fixture>(); }
  SUBCASE("what a checkpoint includes may be gone from the outbox, what it does not is there") {
    check_kept_work<Fixture>();
  }
  SUBCASE("own work stays shown until a checkpoint includes it") { check_overlay<Fixture>(); }
  SUBCASE("a rejection takes back its own part only") { check_rejection<Fixture>(); }
  SUBCASE("a row removed under own writes stays until they are confirmed") {
    check_removal_under_pending_writes<Fixture>();
  }
  SUBCASE("staged batches are seen at their checkpoint only") { check_staging<Fixture>(); }
  SUBCASE("departures, arrivals and digests") { check_departures_and_digests<Fixture>(); }
  SUBCASE("what only a newer hub knows is left out") { check_newer_hub<Fixture>(); }
  SUBCASE("a message that cannot be right changes nothing") { check_wrong_checkpoints<Fixture>(); }
  SUBCASE("columns of a row that is not here are left to the digest") {
    check_columns_of_a_missing_row<Fixture>();
  }
  SUBCASE("a counter and a set that are NULL travel as nothing; a counter ends at zero") {
    check_counters_and_sets<Fixture>();
  }
  SUBCASE("a welcome says which scopes are granted") { check_welcome<Fixture>(); }
}

}  // namespace doorstep::test
