#include "engine/core/value.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

using doorstep::Value;

TEST_CASE(
    "a value keeps its kind: the number 1 and the real 1.0 are not the same until normalised") {
  CHECK(Value::integer(1) != Value::real(1.0));
  CHECK(Value::integer(1) == Value::integer(1));
  CHECK(Value::text("血压") == Value::text(std::string("血压")));
  CHECK(Value() == Value::null());
}

TEST_CASE("NaN becomes NULL and minus zero becomes zero, so that equal numbers have equal bytes") {
  CHECK(Value::real(std::nan("")).is_null());
  CHECK_FALSE(std::signbit(Value::real(-0.0).as_real()));
}

TEST_CASE("max and min order: NULL, then numbers by value, then text, then blobs") {
  const doorstep::Bytes bytes = {0x00};
  const std::vector<Value> rising = {Value::null(),
                                     Value::real(-std::numeric_limits<double>::infinity()),
                                     Value::integer(std::numeric_limits<std::int64_t>::min()),
                                     Value::real(-1.5),
                                     Value::integer(-1),
                                     Value::integer(2),
                                     Value::real(2.5),
                                     Value::integer(std::numeric_limits<std::int64_t>::max()),
                                     Value::real(9223372036854775808.0),
                                     Value::text(""),
                                     Value::text("2024-01-01"),
                                     Value::text("2024-01-02"),
                                     Value::blob(bytes)};
  for (std::size_t i = 0; i < rising.size(); ++i) {
    for (std::size_t k = 0; k < rising.size(); ++k) {
      const int expected = i < k ? -1 : (i > k ? 1 : 0);
      CAPTURE(rising[i].display());
      CAPTURE(rising[k].display());
      CHECK(Value::compare(rising[i], rising[k]) == expected);
    }
  }
  CHECK(Value::compare(Value::integer(3), Value::real(3.0)) == 0);
}

TEST_CASE("an integer beyond a double's precision is still compared exactly") {
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  CHECK(Value::compare(Value::integer(big), Value::real(9007199254740992.0)) == 1);
  CHECK(rc::check("comparison is antisymmetric", [](std::int64_t a, double b) {
    RC_PRE(std::isfinite(b));
    RC_ASSERT(Value::compare(Value::integer(a), Value::real(b)) ==
              -Value::compare(Value::real(b), Value::integer(a)));
  }));
}

TEST_CASE("a person reads values in conflict lists: short, quoted, never cut inside a character") {
  CHECK(Value::null().display() == "NULL");
  CHECK(Value::integer(-12).display() == "-12");
  CHECK(Value::real(3).display() == "3.0");
  CHECK(Value::real(3.5).display() == "3.5");
  CHECK(Value::text("the \"old\" phone\n").display() == "\"the \\\"old\\\" phone\\x0a\"");
  const doorstep::Bytes bytes = {0x0a, 0xff};
  CHECK(Value::blob(bytes).display() == "x'0aff'");
  std::string long_text = "a";
  while (long_text.size() < 200) long_text += "村";
  CHECK(Value::text(long_text).display() == "\"" + long_text.substr(0, 118) + "\"...");
}

TEST_CASE("a value's payload counts its bytes") {
  CHECK(Value::null().payload_size() == 0);
  CHECK(Value::integer(7).payload_size() == 8);
  CHECK(Value::text("村").payload_size() == 3);
}
