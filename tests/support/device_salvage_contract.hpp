// What every DeviceStore promises of the rows that its hub does not know (SEMANTICS D4); fixtures
// as in device_store_contract.hpp.
#pragma once

#include "engine/wire/salvage_rows.hpp"
#include "tests/support/device_store_contract.hpp"

namespace doorstep::test {

[[nodiscard]] inline Ack quarantining(Sequence through, std::vector<Sequence> which) {
  Ack ack{through, {}, {}, {}};
  for (const Sequence sequence : which) {
    Outcome outcome;
    outcome.kind = Outcome::Kind::quarantined;
    outcome.reason = error(ErrorCode::row_unknown, "table household");
    ack.items.push_back({sequence, outcome});
  }
  return ack;
}

/// Household 1 as the hub had it, residents 20 to 23 of it.
template <class Fixture>
void load_a_family(Fixture& fixture) {
  load_one_household(fixture, Position::of(1, 5));
  Changes changes = contract_batch(Position::of(1, 5));
  for (std::uint64_t i = 20; i < 24; ++i) {
    changes.rows.push_back(RowBlock{"resident",
                                    {"X"},
                                    true,
                                    {"household_id", "name", "pressure"},
                                    {numbered(i)},
                                    {key_value(numbered(1)), Value::text("resident"),
                                     Value::integer(static_cast<std::int64_t>(100 + i))}});
  }
  changes.checkpoint = contract_checkpoint(Position::of(1, 6), {});
  REQUIRE(fixture.store().apply(changes).ok());
}

template <class Fixture>
HeldRows held_here(Fixture& fixture, Sequence sequence) {
  const auto salvage = fixture.store().salvage();
  REQUIRE(salvage.ok());
  if (!*salvage || (*salvage)->sequence != sequence) return {};
  return rows_of(small_village(), {&**salvage, 1}).value();
}

/// The hub's values, not the shown ones; before and beside the update also what was deleted and
/// what they hang on; nothing of the rows that were only inserted.
template <class Fixture>
void check_salvage_kept() {
  Fixture fixture;
  const Schema schema = small_village();
  load_a_family(fixture);
  const RowKey house{table_id(schema, "household"), numbered(1)};
  const RowKey first{table_id(schema, "resident"), numbered(20)};
  const RowKey second{table_id(schema, "resident"), numbered(21)};
  edit_household(fixture, {{"phone", Value::text("200")}});  // 1: waits, not refused
  const auto resident = fixture.row("resident", numbered(20));
  fixture.write({{"resident", numbered(20),
                  with(schema, "resident", *resident, {{"name", Value::text("new")}})},
                 {"resident", numbered(21), std::nullopt},
                 {"visit", numbered(40),
                  image_of(schema, "visit", {{"household_id", key_value(numbered(1))}})}});
  CHECK_FALSE(fixture.store().salvage().value());
  REQUIRE(fixture.store().acknowledge(quarantining(Sequence{2}, {Sequence{2}})).ok());
  const HeldRows held = held_here(fixture, Sequence{2});
  REQUIRE(held.size() == 3);
  CHECK(field(schema, "household", held.at(house), "phone") == Value::text("100"));
  CHECK(field(schema, "resident", held.at(first), "name") == Value::text("resident"));
  CHECK(field(schema, "resident", held.at(first), "pressure") == Value::integer(120));
  CHECK(field(schema, "resident", held.at(second), "pressure") == Value::integer(121));
  // The rows shown are the hub's again, the other edit stays.
  CHECK(field(schema, "resident", *fixture.row("resident", numbered(20)), "name") ==
        Value::text("resident"));
  CHECK(shown_field(fixture, "phone") == Value::text("200"));
  // Another reason keeps nothing.
  Ack other = quarantining(Sequence{1}, {Sequence{1}});
  other.items[0].outcome.reason = error(ErrorCode::malformed, "");
  REQUIRE(fixture.store().acknowledge(other).ok());
  CHECK(fixture.store().salvage().value()->sequence == Sequence{2});
}

/// It stays what it was when the verdict is told again and when the row goes; it ends part by part.
template <class Fixture>
void check_salvage_confirmed() {
  Fixture fixture;
  load_a_family(fixture);
  edit_household(fixture, {{"phone", Value::text("200")}});
  edit_household(fixture, {{"phone", Value::text("300")}});
  const Ack ack = quarantining(Sequence{2}, {Sequence{1}, Sequence{2}});
  REQUIRE(fixture.store().acknowledge(ack).ok());
  const auto kept = fixture.store().salvage().value();
  REQUIRE(kept);
  CHECK(kept->parts == 1);
  Changes gone = contract_batch(Position::of(1, 6));
  gone.removals.push_back(RemovalBlock{"household", {"X"}, std::nullopt, {numbered(1)}});
  gone.checkpoint = contract_checkpoint(Position::of(1, 7), Sequence{2});
  REQUIRE(fixture.store().apply(gone).ok());
  REQUIRE(fixture.store().acknowledge(ack).ok());
  CHECK(fixture.store().salvage().value() == kept);
  REQUIRE(fixture.store().salvaged({Sequence{2}, 1}).ok());  // not its turn
  REQUIRE(fixture.store().salvaged({Sequence{1}, 2}).ok());  // no such part
  CHECK(fixture.store().salvage().value() == kept);
  REQUIRE(fixture.store().salvaged({Sequence{1}, 1}).ok());
  const HeldRows second = held_here(fixture, Sequence{2});
  const RowKey house{table_id(small_village(), "household"), numbered(1)};
  CHECK(field(small_village(), "household", second.at(house), "phone") == Value::text("100"));
  REQUIRE(fixture.store().salvaged({Sequence{2}, 1}).ok());
  CHECK_FALSE(fixture.store().salvage().value());
}

/// A row that a pull took away under the edit: its last copy is what is left of it.
template <class Fixture>
void check_salvage_of_copy() {
  Fixture fixture;
  load_a_family(fixture);
  edit_household(fixture, {{"phone", Value::text("200")}});
  Changes gone = contract_batch(Position::of(1, 6));
  gone.removals.push_back(RemovalBlock{"household", {"X"}, std::nullopt, {numbered(1)}});
  gone.checkpoint = contract_checkpoint(Position::of(1, 7), {});
  REQUIRE(fixture.store().apply(gone).ok());
  REQUIRE(fixture.store().acknowledge(quarantining(Sequence{1}, {Sequence{1}})).ok());
  const HeldRows held = held_here(fixture, Sequence{1});
  const RowKey house{table_id(small_village(), "household"), numbered(1)};
  REQUIRE(held.contains(house));
  CHECK(field(small_village(), "household", held.at(house), "phone") == Value::text("100"));
  CHECK(field(small_village(), "household", held.at(house), "boxes") == Value::integer(10));
}

template <class Fixture>
void check_salvage() {
  SUBCASE("rows stay as the hub's values stood here") { check_salvage_kept<Fixture>(); }
  SUBCASE("each part stays until it is confirmed") { check_salvage_confirmed<Fixture>(); }
  SUBCASE("of a row that is gone its last copy is kept") { check_salvage_of_copy<Fixture>(); }
}

}  // namespace doorstep::test
