// What every DeviceStore makes of a checkpoint that names only the digests that changed, over the
// fixture of device_store_contract.hpp.
#pragma once

#include "tests/support/device_store_contract.hpp"

namespace doorstep::test {

/// Village X with household 1, whose phone is this.
inline Checkpoint::ScopeDigest digest_with_phone(std::string_view phone) {
  const Schema schema = small_village();
  const Table& table = schema.table(table_id(schema, "household"));
  return {
      {"X"},
      digest_of_row(table, numbered(1),
                    image_of(schema, "household",
                             {{"village_code", Value::text("X")}, {"phone", Value::text(phone)}}))};
}

/// Household 1 gets another phone at the next position; `named` are the digests that are said.
inline Changes next_phone(std::uint64_t number, std::string_view phone,
                          std::vector<Checkpoint::ScopeDigest> named) {
  Changes changes = contract_batch(number == 5 ? Position{} : Position::of(1, number - 1));
  const bool whole = number == 5;
  if (whole) {
    changes.rows.push_back(household_block(numbered(1), true, {"village_code", "phone"},
                                           {Value::text("X"), Value::text(phone)}));
  } else {
    changes.rows.push_back(household_block(numbered(1), false, {"phone"}, {Value::text(phone)}));
  }
  changes.checkpoint = contract_checkpoint(Position::of(1, number), {});
  changes.checkpoint->digests = std::move(named);
  changes.checkpoint->others_stand = !whole;
  return changes;
}

template <class Fixture>
void check_digests_that_stand() {
  Fixture fixture;
  const Checkpoint::ScopeDigest empty_y{{"Y"}, {}};
  CHECK(fixture.store().digests_held().value() == Hash{});
  REQUIRE(fixture.store().apply(next_phone(5, "100", {digest_with_phone("100"), empty_y})).ok());
  CHECK(fixture.store().digests_held().value() ==
        digests_hash(std::array{digest_with_phone("100"), empty_y}));
  const auto heard = fixture.store().apply(next_phone(6, "200", {digest_with_phone("200")}));
  REQUIRE(heard.ok());
  CHECK(heard->differing.empty());
  CHECK(fixture.store().state()->held == std::vector<ScopeId>{{"X"}, {"Y"}});
  CHECK(fixture.store().digests_held().value() ==
        digests_hash(std::array{digest_with_phone("200"), empty_y}));
  // A scope that was not held cannot be one of few that changed.
  const Checkpoint::ScopeDigest unknown{{"Z"}, {}};
  CHECK(fixture.store().apply(next_phone(7, "300", {unknown})).error().code ==
        ErrorCode::unexpected_message);
  CHECK(shown_field(fixture, "phone") == Value::text("200"));
  // What is not named is compared like what is: the hub says that X is as it was, and it is not.
  const auto wrong = fixture.store().apply(next_phone(7, "300", {}));
  REQUIRE(wrong.ok());
  CHECK(wrong->differing == std::vector<ScopeId>{{"X"}});
  CHECK(fixture.store().state()->differs);
}

}  // namespace doorstep::test
