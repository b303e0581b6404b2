#include "server/hub_time.hpp"

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

namespace doorstep {

namespace {

// For tests of long times: a hub that believes to be in another year.
std::int64_t wall_offset_ms() {
  const char* text = std::getenv("DOORSTEP_WALL_OFFSET_MS");
  std::int64_t offset_ms = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), offset_ms);
  return offset_ms;
}

}  // namespace

Instant SystemTime::now() const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  using std::chrono::system_clock;
  static const std::int64_t offset_ms = wall_offset_ms();
  return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() + offset_ms};
}

}  // namespace doorstep
