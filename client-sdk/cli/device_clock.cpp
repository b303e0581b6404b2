#include "client-sdk/cli/device_clock.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace doorstep::cli {

const Clock& device_clock() {
  static const SystemClock clock([] {
    const char* text = std::getenv("DOORSTEP_WALL_OFFSET_MS");
    std::int64_t offset_ms = 0;
    if (text != nullptr) std::from_chars(text, text + std::strlen(text), offset_ms);
    return offset_ms;
  }());
  return clock;
}

}  // namespace doorstep::cli
