#include "tests/support/wire_draw_basics.hpp"

namespace doorstep::test::draw {

Message recognition(std::size_t index) {
  if (index == 0) return Remembered{small(), small(), id<CallKey>(), id<Hash>()};
  if (index == 1) {
    return Again{id<Hash>(), instant().ms, instant().ms,
                 maybe([] { return number((1ULL << 43U) - 1); }), coin()};
  }
  return AsBefore{instant(), maybe([] { return number(); })};
}

}  // namespace doorstep::test::draw
