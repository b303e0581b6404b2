// The contract of DeviceStore, second part: scopes that are held and held no more. For the fixtures
// of device_store_contract.hpp.
#pragma once

#include "tests/support/device_store_contract.hpp"

namespace doorstep::test {

/// Rows of a scope that is held no more leave, once own work on them is confirmed.
template <class Fixture>
void check_lost_scopes() {
  Fixture fixture;
  Welcome welcome;
  welcome.visible = std::vector<ScopeId>{{"X"}};
  REQUIRE(fixture.store().note_welcome(welcome, ClockProbe{}).ok());
  CHECK(fixture.store().state().value().expected == *welcome.visible);
  CHECK(fixture.store().state().value().held.empty());
  Changes first = contract_batch({});
  first.rows.push_back(household_block(numbered(1), true, {"village_code", "phone"},
                                       {Value::text("X"), Value::text("100")}));
  const Schema schema = small_village();
  const RowImage image = image_of(
      schema, "household", {{"village_code", Value::text("X")}, {"phone", Value::text("100")}});
  const Digest sum = digest_of_row(schema.table(table_id(schema, "household")), numbered(1), image);
  first.checkpoint = contract_checkpoint(Position::of(1, 5), {});
  first.checkpoint->digests = {{{"X"}, sum}};
  CHECK(fixture.store().apply(first).value().differing.empty());
  CHECK(fixture.store().state().value().held == *welcome.visible);
  edit_household(fixture, {{"phone", Value::text("200")}});

  Changes lost = contract_batch(Position::of(1, 5));
  lost.checkpoint = contract_checkpoint(Position::of(1, 6), {});
  lost.checkpoint->digests = {{{"Y"}, Digest{}}};
  const Applied applied = fixture.store().apply(lost).value();
  CHECK(applied.rows_removed == 1);
  CHECK(applied.differing.empty());
  CHECK(fixture.store().state().value().held == std::vector<ScopeId>{{"Y"}});
  CHECK(fixture.store().state().value().expected == std::vector<ScopeId>{{"Y"}});
  CHECK(shown_field(fixture, "phone") == Value::text("200"));
  CHECK(fixture.store().state().value().pending == 1);
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{1}, {}, {}, {}}).ok());
  Changes confirmed = contract_batch(Position::of(1, 6));
  confirmed.checkpoint = contract_checkpoint(Position::of(1, 7), Sequence{1});
  confirmed.checkpoint->digests = lost.checkpoint->digests;
  REQUIRE(fixture.store().apply(confirmed).ok());
  CHECK_FALSE(fixture.row("household", numbered(1)));
}

/// A family of two lives in Y. The daughter dies there, the family moves to X, and Y is lost, all
/// in one checkpoint: nothing tells of the death any more, and she leaves all the same.
template <class Fixture>
void check_unheard_death() {
  Fixture fixture;
  const Schema schema = small_village();
  const auto resident = [&](std::uint64_t n, const char* name, const char* scope) {
    return RowBlock{"resident",    {scope},
                    true,          {"household_id", "name"},
                    {numbered(n)}, {key_value(numbered(1)), Value::text(name)}};
  };
  Changes first = contract_batch({});
  first.rows.push_back(household_block(numbered(1), true, {"village_code"}, {Value::text("Y")}));
  first.rows.back().scope = {"Y"};
  first.rows.push_back(resident(11, "Zhang San", "Y"));
  first.rows.push_back(resident(12, "Zhang Mei", "Y"));
  first.checkpoint = contract_checkpoint(Position::of(1, 5), {});
  first.checkpoint->digests = {{{"X"}, {}}, {{"Y"}, {}}};
  REQUIRE(fixture.store().apply(first).ok());

  Changes moved = contract_batch(Position::of(1, 5));
  moved.rows.push_back(household_block(numbered(1), true, {"village_code"}, {Value::text("X")}));
  moved.rows.push_back(resident(11, "Zhang San", "X"));
  moved.checkpoint = contract_checkpoint(Position::of(1, 7), {});
  const auto sum = [&](const char* table, const RowId& id) {
    return digest_of_row(schema.table(table_id(schema, table)), id, *fixture.row(table, id));
  };
  const RowImage house = image_of(schema, "household", {{"village_code", Value::text("X")}});
  Digest rest = digest_of_row(schema.table(table_id(schema, "household")), numbered(1), house);
  rest += sum("resident", numbered(11));
  moved.checkpoint->digests = {{{"X"}, rest}};
  const Applied applied = fixture.store().apply(moved).value();
  CHECK(applied.differing.empty());
  CHECK(applied.rows_removed == 1);
  CHECK(fixture.row("household", numbered(1)) == house);
  CHECK(fixture.row("resident", numbered(11)));
  CHECK_FALSE(fixture.row("resident", numbered(12)));
}

}  // namespace doorstep::test
