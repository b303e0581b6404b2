// SEMANTICS A3, A4, D3 over random histories: families move, volunteers gain and lose villages,
// links are cut; nobody's honest work is refused, and everyone ends with exactly what she is to
// see.
#include <doctest/doctest.h>

#include "tests/support/history_count.hpp"
#include "tests/support/naive_scopes.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE("whoever moves and whatever is granted, every phone ends with exactly the rows it sees") {
  std::size_t moves = 0;
  std::size_t grants = 0;
  std::size_t late = 0;
  for (std::uint64_t seed = 1; seed <= history_count(60); ++seed) {
    CAPTURE(seed);
    ScopeHistory history(seed);
    for (int round = 0; round < 3; ++round) {
      history.run(60);
      history.settle_all();
      REQUIRE(history.difference() == "");
    }
    moves += history.moves();
    grants += history.grants();
    late += history.late_writes();
  }
  CHECK(moves > history_count(500));
  CHECK(grants > history_count(200));
  CHECK(late > history_count(50));
}
