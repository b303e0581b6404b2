// What a person types when she decides a conflict or corrects refused work.
#include <doctest/doctest.h>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"

using namespace doorstep;

namespace {

Column column(ColumnType type) {
  Column out;
  out.name = "asked";
  out.type = type;
  return out;
}

Result<Value> typed(ColumnType type, std::string_view text) {
  return value_of_text(column(type), text);
}

}  // namespace

TEST_CASE("a typed number, truth, date or id becomes what its column stores") {
  CHECK(typed(ColumnType::integer, "128").value() == Value::integer(128));
  CHECK(typed(ColumnType::integer, "-7").value() == Value::integer(-7));
  CHECK(typed(ColumnType::timestamp, "1795262400000").value() == Value::integer(1795262400000));
  CHECK(typed(ColumnType::boolean, "true").value() == Value::integer(1));
  CHECK(typed(ColumnType::boolean, "false").value() == Value::integer(0));
  CHECK(typed(ColumnType::boolean, "1").value() == Value::integer(1));
  CHECK(typed(ColumnType::real, "36.5").value() == Value::real(36.5));
  CHECK(typed(ColumnType::blob, "00ff").value() == Value::blob(Bytes{0, 0xff}));
  CHECK(typed(ColumnType::text, "128").value() == Value::text("128"));
  CHECK(typed(ColumnType::date, "2026-11-21").value() == Value::text("2026-11-21"));
  const Bytes id{1, 0x8f, 0x3a, 0x6e, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1};
  for (const char* text :
       {"018f3a6e-0000-7000-8000-000000000001", "018f3a6e000070008000000000000001"}) {
    CHECK(typed(ColumnType::uuid, text).value() == Value::blob(id));
  }
}

TEST_CASE("what does not fit its column is refused with the column's name") {
  const std::pair<ColumnType, std::string_view> wrong[] = {
      {ColumnType::integer, "12a"}, {ColumnType::integer, "99999999999999999999"},
      {ColumnType::integer, ""},    {ColumnType::boolean, "perhaps"},
      {ColumnType::boolean, "2"},   {ColumnType::real, "warm"},
      {ColumnType::uuid, "Li"},     {ColumnType::uuid, "00ff"},
      {ColumnType::blob, "xyz"},    {ColumnType::date, "last Tuesday"},
      {ColumnType::json, "{\"a\":"}};
  for (const auto& [type, text] : wrong) {
    CAPTURE(text);
    const auto value = typed(type, text);
    REQUIRE_FALSE(value.ok());
    CHECK(value.error().code == ErrorCode::bad_value);
    CHECK(value.error().detail.find("asked") != std::string::npos);
  }
}

TEST_CASE("a typed key is a uuid in either form, or the code of a place") {
  Table household;
  household.name = "household";
  const auto dashed = key_of_text(household, "018f3a6e-0000-7000-8000-000000000001");
  const auto plain = key_of_text(household, "018f3a6e000070008000000000000001");
  REQUIRE(dashed.ok());
  REQUIRE(plain.ok());
  CHECK(dashed.value() == plain.value());
  CHECK(key_of_text(household, "the Wangs").error().code == ErrorCode::bad_key);
  CHECK(key_of_text(household, "00ff").error().code == ErrorCode::bad_key);
  Table unit;
  unit.name = "org_unit";
  unit.key_type = ColumnType::text;
  CHECK(key_of_text(unit, "431224103212").ok());
  CHECK(key_of_text(unit, std::string(40, '4')).error().code == ErrorCode::bad_key);
}

TEST_CASE("a value of any kind stands in a JSON line as a script can read it") {
  CHECK(JsonLine()
            .value("none", Value())
            .value("number", Value::integer(-3))
            .value("real", Value::real(36.5))
            .value("text", Value::text("王\"芳"))
            .value("id", Value::blob(Bytes{0, 0xff}))
            .done() == R"({"none":null,"number":-3,"real":36.5,"text":"王\"芳","id":"00ff"})");
}
