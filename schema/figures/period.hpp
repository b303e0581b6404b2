// Weeks, months, quarters and half-years by their names, as people write them on bulletins. Days
// are days as people state them, without a time zone. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/result.hpp"
#include "engine/core/time.hpp"

namespace doorstep::figures {

using Day = std::chrono::sys_days;

struct Period {
  enum class Kind : std::uint8_t { week, month, quarter, half_year };
  Kind kind = Kind::week;
  std::string name;
  Day from;
  Day until;  ///< the last day of it
  friend bool operator==(const Period&, const Period&) = default;
};

/// 2026-W47 (ISO 8601), 2026-11, 2026Q4 or 2026H2 (2026-H2 too). Error bad_value.
[[nodiscard]] Result<Period> parse_period(std::string_view text);
/// The week, month, quarter or half-year in which a day lies.
[[nodiscard]] Period period_of(Period::Kind kind, Day day);
[[nodiscard]] Period before(const Period& period);

/// The day in China, which has one time zone.
[[nodiscard]] Day day_in_china(Instant now);

/// YYYY-MM-DD.
[[nodiscard]] std::string day_text(Day day);
/// Error bad_value.
[[nodiscard]] Result<Day> parse_day(std::string_view text);

}  // namespace doorstep::figures
