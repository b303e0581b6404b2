// The replica file against the store of plain maps, over random histories.
#include <doctest/doctest.h>

#include "tests/client/two_stores.hpp"

namespace doorstep::test {

TEST_CASE(
    "whatever a volunteer and a hub do, the replica file says what the store of plain maps says") {
  TwoStores::Met met;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    TwoStores stores(seed);
    for (int step = 0; step < 80; ++step) {
      CAPTURE(step);
      stores.step();
      REQUIRE(stores.difference() == "");
    }
    stores.settle();
    CHECK(stores.difference() == "");
    CHECK(stores.difference_from_hub() == "");
    met.rejected += stores.met().rejected;
    met.dependent += stores.met().dependent;
    met.copies += stores.met().copies;
    met.resumed += stores.met().resumed;
    met.conflicts += stores.met().conflicts;
    met.reconciles += stores.met().reconciles;
    met.own_taken += stores.met().own_taken;
    met.own_needed += stores.met().own_needed;
    met.salvaged += stores.met().salvaged;
  }
  CHECK(met.rejected > 0);
  CHECK(met.dependent > 0);
  CHECK(met.copies > 0);
  CHECK(met.resumed > 0);
  CHECK(met.conflicts > 0);
  CHECK(met.reconciles > 0);
  CHECK(met.own_taken > 0);
  CHECK(met.own_needed > 0);
  CHECK(met.salvaged > 0);
}

}  // namespace doorstep::test
