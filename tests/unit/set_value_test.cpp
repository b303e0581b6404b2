#include "engine/core/set_value.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace doorstep;

namespace {

SetElements sorted(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

/// Few different elements, so that sets overlap.
std::vector<std::string> words_of(const std::vector<std::uint8_t>& picks) {
  static const std::vector<std::string> pool = {"",           "empty_nest", "left_behind", "独居",
                                                "\"quoted\"", "a\\b",       "\n"};
  std::vector<std::string> out;
  out.reserve(picks.size());
  for (const auto pick : picks) out.push_back(pool[pick % pool.size()]);
  return out;
}

}  // namespace

TEST_CASE("labels of a resident have one canonical form, however the app wrote them") {
  const auto labels = parse_set(Value::text(R"( ["left_behind", "empty_nest" ,"left_behind"] )"));
  REQUIRE(labels);
  CHECK(*labels == SetElements{"empty_nest", "left_behind"});
  CHECK(format_set(*labels) == Value::text(R"(["empty_nest","left_behind"])"));
}

TEST_CASE("no labels is NULL, written as NULL or as an empty array") {
  CHECK(parse_set(Value::null()) == SetElements{});
  CHECK(parse_set(Value::text("[ ]")) == SetElements{});
  CHECK(format_set({}).is_null());
}

TEST_CASE("what is no array of texts is not a set") {
  for (const char* bad : {"", "empty_nest", "[1]", "[\"a\"", "[\"a\",]", "[\"a\"] x", "{\"a\":1}",
                          "[[\"a\"]]", "[,]"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_set(Value::text(bad)));
  }
  CHECK_FALSE(parse_set(Value::integer(1)));
}

TEST_CASE("sets: what is formatted parses back, and a difference applied gives the other set") {
  CHECK(rc::check("canonical form", [](const std::vector<std::uint8_t>& picks) {
    const SetElements set = sorted(words_of(picks));
    RC_ASSERT(parse_set(format_set(set)) == set);
    RC_ASSERT(format_set(*parse_set(format_set(set))) == format_set(set));
  }));
  CHECK(rc::check("difference",
                  [](const std::vector<std::uint8_t>& one, const std::vector<std::uint8_t>& two) {
                    const SetElements before = sorted(words_of(one));
                    const SetElements after = sorted(words_of(two));
                    const SetEdit edit = diff_sets(before, after);
                    RC_ASSERT(apply_edit(before, edit) == after);
                    RC_ASSERT(edit.empty() == (before == after));
                  }));
}
