// What every DeviceStore does about own inserts that a hub leaves out of a checkpoint (SEMANTICS
// A6), over the fixture of device_store_contract.hpp.
#pragma once

#include "tests/support/device_store_contract.hpp"

namespace doorstep::test {

/// Household 1 is the hub's at position 5; 2 and 3 are written here, in two transactions.
template <class Fixture>
void write_two_households(Fixture& fixture) {
  load_one_household(fixture, Position::of(1, 5));
  const Schema schema = small_village();
  for (const std::uint64_t number : {std::uint64_t{2}, std::uint64_t{3}}) {
    fixture.write({{"household", numbered(number),
                    image_of(schema, "household", {{"village_code", Value::text("X")}})}});
  }
}

/// A checkpoint that includes both and leaves these out; its digest is that of all three.
inline Changes checkpoint_without(std::initializer_list<std::uint64_t> rows) {
  const Schema schema = small_village();
  const Table& table = schema.table(table_id(schema, "household"));
  Changes changes = contract_batch(Position::of(1, 5));
  changes.checkpoint = contract_checkpoint(Position::of(1, 6), Sequence{2});
  for (const std::uint64_t number : rows) changes.own_left_out.add(numbered(number));
  Digest sum = digest_of_row(table, numbered(1),
                             image_of(schema, "household",
                                      {{"village_code", Value::text("X")},
                                       {"phone", Value::text("100")},
                                       {"boxes", Value::integer(10)}}));
  for (const std::uint64_t number : {std::uint64_t{2}, std::uint64_t{3}}) {
    sum += digest_of_row(table, numbered(number),
                         image_of(schema, "household", {{"village_code", Value::text("X")}}));
  }
  changes.checkpoint->digests.push_back({{"X"}, sum});
  return changes;
}

template <class Fixture>
void check_own_inserts() {
  {
    Fixture fixture;
    write_two_households(fixture);
    REQUIRE(fixture.store().acknowledge(Ack{Sequence{2}, {}, {}, {}}).ok());
    const auto applied = fixture.store().apply(checkpoint_without({2, 3}));
    REQUIRE(applied.ok());
    CHECK_FALSE(applied->own_needed);
    CHECK(applied->differing.empty());
    CHECK(fixture.row("household", numbered(3)).has_value());
    CHECK(fixture.store().state().value().cursor == Position::of(1, 6));
  }
  Fixture fixture;
  write_two_households(fixture);
  REQUIRE(fixture.store().acknowledge(Ack{Sequence{2}, {}, {}, {}}).ok());
  // Others: the hub does not have what is here, or has more, or another one in its place.
  using Rows = std::initializer_list<std::uint64_t>;
  for (const Rows& rows : {Rows{2}, Rows{2, 3, 4}, Rows{2, 4}}) {
    const auto applied = fixture.store().apply(checkpoint_without(rows));
    REQUIRE(applied.ok());
    CHECK(applied->own_needed);
    CHECK(applied->differing.empty());
  }
  // They are the same rows and the digest is another.
  Changes other = checkpoint_without({2, 3});
  other.checkpoint->digests[0].digest = Digest{};
  const auto applied = fixture.store().apply(other);
  REQUIRE(applied.ok());
  CHECK(applied->own_needed);
  CHECK(applied->differing == std::vector<ScopeId>{{"X"}});
  // Nothing of it has happened.
  CHECK(fixture.store().state().value().cursor == Position::of(1, 5));
  CHECK(fixture.store().state().value().included == Sequence{});
  CHECK(fixture.row("household", numbered(2)).has_value());
  // Named, as a row or as gone, it is not one of those left out.
  Changes named = checkpoint_without({3});
  named.rows.push_back(household_block(numbered(2), true, {"village_code"}, {Value::text("X")}));
  const auto done = fixture.store().apply(named);
  REQUIRE(done.ok());
  CHECK_FALSE(done->own_needed);
  CHECK(done->differing.empty());
}

}  // namespace doorstep::test
