// UUIDv7 (RFC 9562 section 5.7). Pure: time and randomness are given.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/ids.hpp"
#include "engine/core/time.hpp"

namespace doorstep {

using Uuid = std::array<std::uint8_t, 16>;

/// From a time (clamped to 48 bits of milliseconds) and 10 random bytes.
[[nodiscard]] Uuid uuid7(Instant now, std::span<const std::uint8_t, 10> random);
/// Makes ids that rise strictly within one process even inside one millisecond or when the clock
/// goes back: the 12 bits after the version count up (RFC 9562 section 6.2, method 1). Not
/// thread-safe.
class UuidSource {
 public:
  [[nodiscard]] Uuid next(Instant now, std::span<const std::uint8_t, 10> random);

 private:
  std::int64_t last_ms_ = -1;
  std::uint16_t counter_ = 0;
};
/// "018f3a6e-....": 36 characters, lowercase.
[[nodiscard]] std::string format_uuid(const Uuid& id);
/// With or without hyphens, either case.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace doorstep
