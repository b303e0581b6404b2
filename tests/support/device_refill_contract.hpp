// What every DeviceStore promises of a reconcile (SEMANTICS E3); fixtures as in
// device_store_contract.hpp.
#pragma once

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
}

}  // namespace doorstep::test
