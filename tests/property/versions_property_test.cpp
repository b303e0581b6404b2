#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "tests/support/history_count.hpp"
#include "tests/support/naive_versions.hpp"

namespace doorstep::test {

TEST_CASE(
    "whenever phones and township take newer forms, all end equal and no answer is lost without a "
    "word") {
  const char* wanted = std::getenv("DOORSTEP_SEED");
  const std::uint64_t first = wanted != nullptr ? std::stoull(wanted) : 1;
  const std::uint64_t histories = wanted != nullptr ? 1 : history_count(400);
  for (std::uint64_t seed = first; seed < first + histories; ++seed) {
    CAPTURE(seed);  // DOORSTEP_SEED=<seed> runs this one alone
    VersionsHistory history(seed);
    for (int i = 0; i < 60; ++i) history.step();
    const std::string wrong = history.finish();
    REQUIRE_MESSAGE(wrong.empty(), wrong);
  }
}

}  // namespace doorstep::test
