// What every DeviceStore promises of a reconcile (SEMANTICS E3); fixtures as in
// device_store_contract.hpp.
#pragma once

#include "engine/core/digest.hpp"
#include "tests/support/device_store_contract.hpp"

namespace doorstep::test {

/// Household 1 has other values at the hub, 2 is gone there, 3 is only there; 1 and 2 have own
/// work.
template <class Fixture>
void check_refill() {
  Fixture fixture;
  const Schema schema = small_village();
  load_one_household(fixture, Position::of(1, 5));
  fixture.write({{"household", numbered(9),
                  image_of(schema, "household", {{"village_code", Value::text("X")}})}});
  edit_household(fixture, {{"address", Value::text("mine")}});
  const auto sums = fixture.store().bucket_sums();
  REQUIRE(sums.ok());
  REQUIRE(sums->size() == schema.tables().size());
  BucketSums wanted{"household", 0, {0}};
  add_to_bucket(schema.table(table_id(schema, "household")), numbered(1),
                image_of(schema, "household",
                         {{"village_code", Value::text("X")},
                          {"phone", Value::text("100")},
                          {"boxes", Value::integer(10)}}),
                wanted);
  CHECK((*sums)[1] == wanted);  // the hub's values, without own work

  Changes first = contract_batch(Position::of(1, 5));
  first.refill = Refill{true, {{"household", 0, {0}}, {"table of a newer hub", 0, {0}}}};
  first.rows.push_back(household_block(numbered(3), true, {"village_code", "phone"},
                                       {Value::text("X"), Value::text("300")}));
  first.next = ScanPoint{Position::of(1, 8), "~refill", 1, Position::of(1, 8), {}};
  REQUIRE(fixture.store().stage(first).ok());
  CHECK(fixture.store().state()->refill == first.refill);
  CHECK_FALSE(fixture.row("household", numbered(3)));
  Changes last = contract_batch(Position::of(1, 5));
  last.checkpoint = contract_checkpoint(Position::of(1, 8), {});
  const auto applied = fixture.store().apply(last);
  REQUIRE(applied.ok());
  CHECK(applied->reconciled);
  using Kind = RowDifference::Kind;
  const std::vector<RowDifference> rows{{numbered(1), Kind::surplus}, {numbered(3), Kind::missing}};
  CHECK(applied->healed == std::vector<TableDifference>{{"household", 1, 1, 0, rows}});
  CHECK(applied->rows_removed == 1);
  CHECK(fixture.row("household", numbered(3)));
  CHECK(fixture.row("household", numbered(9)));                   // own insert, unconfirmed
  CHECK(shown_field(fixture, "address") == Value::text("mine"));  // from its last copy
  CHECK_FALSE(fixture.store().state()->refill);
  CHECK(fixture.store().state()->pending == 2);

  // The hub is told of it until it has noted it.
  const auto healed = fixture.store().heal_report().value();
  REQUIRE(healed);
  CHECK(*healed == Healed{2, applied->healed});
  REQUIRE(fixture.store().heal_noted({1}).ok());
  CHECK(fixture.store().heal_report().value() == healed);
  REQUIRE(fixture.store().heal_noted({2}).ok());
  CHECK_FALSE(fixture.store().heal_report().value());
}

/// Household 1 has own work, 2 was inserted here; the hub has another 1, and a 4.
template <class Fixture>
void check_comparison() {
  Fixture fixture;
  const Schema schema = small_village();
  load_one_household(fixture, Position::of(1, 5));
  edit_household(fixture, {{"address", Value::text("mine")}});
  fixture.write({{"household", numbered(2),
                  image_of(schema, "household", {{"village_code", Value::text("X")}})}});
  const auto sums = fixture.store().compare({7, Compare::Step::sums});
  REQUIRE(sums.ok());
  CHECK(sums->number == 7);
  CHECK(sums->cursor == Position::of(1, 5));
  CHECK(sums->pending == 2);
  CHECK(sums->sums == fixture.store().bucket_sums().value());
  const RowImage base = image_of(schema, "household",
                                 {{"village_code", Value::text("X")},
                                  {"phone", Value::text("100")},
                                  {"boxes", Value::integer(10)}});
  const Table& table = schema.table(table_id(schema, "household"));
  BucketRows hub{{"household", 0, {0}}, {numbered(1), numbered(4)}, {}};
  hub.sums = {digest_of_row(table, numbered(1), base).low + 1, 4};
  const auto said = fixture.store().compare({7, Compare::Step::rows, {hub}});
  REQUIRE(said.ok());
  REQUIRE(said->rows.size() == 2);
  CHECK(said->rows[0].rows == std::vector<RowId>{numbered(1)});
  CHECK(said->rows[0].cells == base.values);  // the hub's, without own work
  CHECK(said->rows[1].rows == std::vector<RowId>{numbered(4)});
  CHECK_FALSE(said->rows[1].whole);
  REQUIRE(said->shown.size() == 1);
  CHECK(said->shown[0].rows == std::vector<RowId>{numbered(1), numbered(2)});
  CHECK(said->left_out == 0);
  // One that the hub has just so is not sent.
  hub.sums.front() -= 1;
  const auto agreed = fixture.store().compare({8, Compare::Step::rows, {hub}});
  REQUIRE(agreed->rows.size() == 1);
  CHECK(agreed->rows[0].rows == std::vector<RowId>{numbered(4)});
}

}  // namespace doorstep::test
