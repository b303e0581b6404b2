#include "client-sdk/src/system_clock.hpp"

#include <time.h>

#include <fstream>
#include <iterator>

#include "client-sdk/src/system_random.hpp"
#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

std::int64_t milliseconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

BootId read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.empty()) return SystemRandom().id<BootId>();
  const ByteView part = bytes_of(text);
  const Hash hash = hash_of({&part, 1});
  return BootId::from(hash.view().first(BootId::size)).value_or(BootId{});
}

}  // namespace

SystemClock::SystemClock(std::int64_t wall_offset_ms)
    : boot_(read_boot_id()), wall_offset_ms_(wall_offset_ms) {}

ClockProbe SystemClock::read() const {
  return {milliseconds_of(CLOCK_REALTIME) + wall_offset_ms_, boot_,
          milliseconds_of(CLOCK_BOOTTIME)};
}

}  // namespace doorstep
