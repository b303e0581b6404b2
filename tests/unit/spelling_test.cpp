#include "schema/spelling.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace doorstep;

TEST_CASE("the nearest word is offered when it is near, else all that could be meant") {
  constexpr std::array<std::string_view, 4> words = {"latest", "first", "counter", "concat"};
  CHECK(closest_word("lastet", words) == "latest");
  CHECK(closest_word("fisrt", words) == "first");
  CHECK(closest_word("conter", words) == "counter");
  CHECK(closest_word("sum", words).empty());
  CHECK(closest_word("", words).empty());
  CHECK(suggestion("frist", words) == "; did you mean 'first'?");
  CHECK(suggestion("sum", words) == "; write one of: latest, first, counter, concat");
  CHECK(suggestion("sum", {}).empty());
}
