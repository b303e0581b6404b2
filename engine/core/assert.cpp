#include "engine/core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace doorstep {

void fail_assert(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "doorstep: broken promise: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace doorstep
