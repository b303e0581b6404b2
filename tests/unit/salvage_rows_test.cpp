// Rows cut into salvage messages, and put together again.
#include <doctest/doctest.h>

#include <string>

#include "engine/core/limits.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/salvage_rows.hpp"
#include "tests/support/small_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

HeldRows households(std::size_t count, const std::string& address) {
  const Schema schema = small_village();
  HeldRows rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows[{table_id(schema, "household"), numbered(i + 1)}] =
        image_of(schema, "household", {{"address", Value::text(address)}});
  }
  return rows;
}

}  // namespace

TEST_CASE("a whole village of lost rows travels in parts that are each within the limits") {
  const Schema schema = small_village();
  HeldRows rows = households(limits::salvage_rows_max + 1, "group 3");
  rows[{table_id(schema, "org_unit"), code("X")}] =
      image_of(schema, "org_unit", {{"name", Value::text("village X")}});
  const auto parts = salvage_of(schema, Sequence{5}, rows);
  REQUIRE(parts.size() == 2);
  for (std::uint32_t i = 0; i < 2; ++i) {
    CHECK(parts[i].sequence == Sequence{5});
    CHECK(parts[i].part == i + 1);
    CHECK(parts[i].parts == 2);
    CHECK(parts[i].left_out == 0);
    CHECK(std::get<Salvage>(decode(encode(parts[i])).value()) == parts[i]);
  }
  CHECK(rows_of(schema, parts).value() == rows);
  CHECK(decode_parts(encode_parts(parts)).value() == parts);
  CHECK(salvage_of(schema, Sequence{5}, {}).empty());
}

TEST_CASE("rows that fit into no part are left out and counted") {
  const Schema schema = small_village();
  const auto parts = salvage_of(
      schema, Sequence{1},
      households(limits::salvage_parts_max + 2, std::string(limits::salvage_bytes_target, 'x')));
  REQUIRE(parts.size() == limits::salvage_parts_max);
  CHECK(parts.back().left_out == 2);
  HeldRows one = households(2, "group 3");
  one.begin()->second.values[1] = Value::text(std::string(limits::salvage_row_bytes_max, 'x'));
  const auto rest = salvage_of(schema, Sequence{1}, one);
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].left_out == 1);
  CHECK(rows_of(schema, rest)->size() == 1);
}

TEST_CASE(
    "rows of a newer form: what the hub does not know is left out, what cannot be is refused") {
  const Schema schema = small_village();
  Salvage salvage;
  salvage.rows = {{"household",
                   {},
                   true,
                   {"phone", "solar_panels"},
                   {numbered(1)},
                   {Value::text("111"), Value::integer(2)}},
                  {"orchard", {}, true, {}, {numbered(2)}, {}}};
  const auto rows = rows_of(schema, {&salvage, 1});
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 1);
  CHECK(field(schema, "household", rows->begin()->second, "phone") == Value::text("111"));
  salvage.rows[0].cells[0] = Value::blob(Bytes{1});
  CHECK(rows_of(schema, {&salvage, 1}).error().code == ErrorCode::bad_value);
  salvage.rows[0] = {"household", {}, true, {}, {code("X")}, {}};
  CHECK(rows_of(schema, {&salvage, 1}).error().code == ErrorCode::bad_key);
}
