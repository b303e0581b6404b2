// What a column takes, and in which form it is stored and compared on every replica.
#include <doctest/doctest.h>

#include <limits>

#include "engine/core/limits.hpp"
#include "engine/core/schema.hpp"

using namespace doorstep;

namespace {

Column of(ColumnType type, MergePolicy policy = MergePolicy::latest) {
  Column out;
  out.name = "c";
  out.type = type;
  out.policy = policy;
  return out;
}

void takes(const Column& column, const Value& given, const Value& stored) {
  CAPTURE(given.display());
  const auto result = normalise(column, given);
  REQUIRE(result.ok());
  CHECK(result.value() == stored);
}

void takes(const Column& column, const Value& given) { takes(column, given, given); }

void refuses(const Column& column, const Value& given) {
  CAPTURE(given.display());
  const auto result = normalise(column, given);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == ErrorCode::bad_value);
  CHECK(result.error().detail.find("column c") != std::string::npos);
}

}  // namespace

TEST_CASE("every column takes NULL as it is") {
  for (const auto type :
       {ColumnType::uuid, ColumnType::text, ColumnType::integer, ColumnType::json}) {
    takes(of(type), Value::null());
  }
  takes(of(ColumnType::text, MergePolicy::set), Value::null());
}

TEST_CASE(
    "numbers: a real column takes whole numbers as reals, an integer column only whole reals") {
  takes(of(ColumnType::real), Value::integer(3), Value::real(3.0));
  takes(of(ColumnType::real), Value::real(6.1));
  refuses(of(ColumnType::real), Value::text("6.1"));
  refuses(of(ColumnType::real), Value::real(std::numeric_limits<double>::infinity()));
  takes(of(ColumnType::integer), Value::real(3.0), Value::integer(3));
  refuses(of(ColumnType::integer), Value::real(3.5));
  refuses(of(ColumnType::integer), Value::real(1e19));
  refuses(of(ColumnType::integer), Value::real(9223372036854775808.0));
  refuses(of(ColumnType::integer), Value::text("3"));
  takes(of(ColumnType::integer, MergePolicy::counter), Value::integer(-800));
  takes(of(ColumnType::timestamp), Value::real(1000.0), Value::integer(1000));
  refuses(of(ColumnType::timestamp), Value::text("2026-11-21T08:00:00Z"));
}

TEST_CASE("a boolean is 0 or 1") {
  takes(of(ColumnType::boolean), Value::integer(1));
  takes(of(ColumnType::boolean), Value::real(0.0), Value::integer(0));
  refuses(of(ColumnType::boolean), Value::integer(2));
  refuses(of(ColumnType::boolean), Value::text("true"));
}

TEST_CASE("a date is one of the calendar") {
  takes(of(ColumnType::date), Value::text("2024-02-29"));
  for (const char* bad : {"2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "24-01-01",
                          "2024/01/01", "2024-01-01 ", "20240101", "二〇二四"}) {
    refuses(of(ColumnType::date), Value::text(bad));
  }
  refuses(of(ColumnType::date), Value::integer(20240101));
}

TEST_CASE("text is UTF-8 without U+0000, and no blob") {
  takes(of(ColumnType::text), Value::text("独石村"));
  refuses(of(ColumnType::text), Value::text("\xff"));
  refuses(of(ColumnType::text), Value::text(std::string_view("a\0b", 3)));
  refuses(of(ColumnType::text), Value::blob(bytes_of("a")));
  refuses(of(ColumnType::text), Value::integer(138));
}

TEST_CASE("uuids are 16 bytes, blobs are blobs, json and attachments are well-formed JSON") {
  const Bytes sixteen(16, 7);
  takes(of(ColumnType::uuid), Value::blob(sixteen));
  refuses(of(ColumnType::uuid), Value::blob(ByteView(sixteen).first(15)));
  refuses(of(ColumnType::uuid), Value::text("0123456789abcdef"));
  takes(of(ColumnType::blob), Value::blob({}));
  refuses(of(ColumnType::blob), Value::text(""));
  takes(of(ColumnType::json), Value::text("{\"a\":[1]}"));
  refuses(of(ColumnType::json), Value::text("{a:1}"));
  takes(of(ColumnType::attachment),
        Value::text("{\"hash\":\"00\",\"size\":1,\"media_type\":\"image/jpeg\"}"));
}

TEST_CASE("a set is stored in its canonical form") {
  const Column labels = of(ColumnType::text, MergePolicy::set);
  takes(labels, Value::text("[ \"b\", \"a\", \"b\" ]"), Value::text("[\"a\",\"b\"]"));
  takes(labels, Value::text("[]"), Value::null());
  refuses(labels, Value::text("a,b"));
  refuses(labels, Value::text("[1]"));
}

TEST_CASE("a value of exactly the longest length is taken, and one byte more is not") {
  takes(of(ColumnType::text), Value::text(std::string(limits::value_bytes_max, 'a')));
  refuses(of(ColumnType::text), Value::text(std::string(limits::value_bytes_max + 1, 'a')));
}

TEST_CASE("a key is 16 bytes, or a short text in reference tables, and comes back as it was") {
  Table visits;
  visits.name = "visit";
  const Value id = Value::blob(Bytes(16, 9));
  const auto row = key_of(visits, id);
  REQUIRE(row.ok());
  CHECK(value_of_key(visits, row.value()) == id);
  CHECK(key_of(visits, Value::text("0123456789abcdef")).error().code == ErrorCode::bad_key);
  CHECK(key_of(visits, Value::null()).error().code == ErrorCode::bad_key);

  Table units;
  units.name = "org_unit";
  units.key_type = ColumnType::text;
  const auto dushi = key_of(units, Value::text("431224103212"));
  REQUIRE(dushi.ok());
  CHECK(value_of_key(units, dushi.value()) == Value::text("431224103212"));
  CHECK(key_of(units, Value::text(std::string(limits::key_bytes_max, 'a'))).ok());
  for (const Value& bad : {Value::text(""), Value::text("\xff"), Value::integer(431224103212),
                           Value::text(std::string(limits::key_bytes_max + 1, 'a'))}) {
    CHECK(key_of(units, bad).error().code == ErrorCode::bad_key);
  }
}
