#include "engine/core/json.hpp"

#include <doctest/doctest.h>

#include "engine/core/limits.hpp"

using doorstep::is_json;

TEST_CASE("a questionnaire's answers are taken as JSON only when they are well-formed") {
  for (const char* good : {"{}", "[]", " [1, -0.5, 2e+3, 0] ", "\"\"", "true", "null",
                           R"({"饮水":["自来水"],"n":null})", R"("\u6751 \ud83d\ude00 \/\b")"}) {
    CAPTURE(good);
    CHECK(is_json(good));
  }
  for (const char* bad : {"",
                          " ",
                          "{",
                          "[1,]",
                          "{\"a\":1,}",
                          "{a:1}",
                          "'a'",
                          "01",
                          "1.",
                          ".5",
                          "+1",
                          "-",
                          "1e",
                          "nul",
                          "[1] 2",
                          "\"\\x\"",
                          "\"a\nb\"",
                          "\"\\ud800\"",
                          "\"\\udc00\"",
                          "\"\\u0000\"",
                          "\"\xff\"",
                          "\"\\ud83d\\u0041\"",
                          "\"open"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_json(bad));
  }
}

TEST_CASE("JSON nested to the limit is taken and one level more is not") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(is_json(nested(doorstep::limits::json_depth_max)));
  CHECK_FALSE(is_json(nested(doorstep::limits::json_depth_max + 1)));
  CHECK_FALSE(is_json(std::string(1'000'000, '[')));
}

TEST_CASE("a JSON string is written in one form and read back as it was") {
  std::string out;
  doorstep::append_json_string(out, "a\"b\\c\n\x01 村");
  CHECK(out == "\"a\\\"b\\\\c\\n\\u0001 村\"");
  std::size_t at = 0;
  CHECK(doorstep::read_json_string(out, at) == "a\"b\\c\n\x01 村");
  CHECK(at == out.size());
}

TEST_CASE("characters that another program wrote as numbers are read as they are meant") {
  std::size_t at = 0;
  CHECK(doorstep::read_json_string("\"A \\u00e9 \\u6751 \\ud83d\\ude00\"", at) ==
        "A \xc3\xa9 \xe6\x9d\x91 \xf0\x9f\x98\x80");
}
