// Days as people state them (YYYY-MM-DD, of the place where they are), apart from moments in UTC.
// What happened is recorded with the stated day; when it was typed is a moment beside it, and is
// never used for order: a phone's clock may be wrong by years.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace volunteer {

/// Milliseconds since 1970, UTC.
[[nodiscard]] std::int64_t now_ms();
/// The day that this device shows.
[[nodiscard]] std::string local_day();
[[nodiscard]] std::string plus_days(std::string_view day, int days);
[[nodiscard]] int days_between(std::string_view from, std::string_view until);
[[nodiscard]] bool is_day(std::string_view text);

/// What a person types for a day: "2026-11-20", "11-20" (of this year), "-1" or "+7" (days from
/// today), "7" (the same as "+7"). nullopt for anything else.
[[nodiscard]] std::optional<std::string> day_from(std::string_view typed, std::string_view today);

/// "2026H2" and its last day.
struct HalfYear {
  std::string name;
  std::string ends;
};
[[nodiscard]] HalfYear half_year_of(std::string_view day);

/// "11-22 09:53" in local time, for milliseconds since 1970.
[[nodiscard]] std::string local_time(std::int64_t ms);
/// The same for "2026-11-22T01:53:00.000Z"; empty for an empty text.
[[nodiscard]] std::string local_time(std::string_view rfc3339);
/// 0 for Sunday.
[[nodiscard]] unsigned weekday_of(std::string_view day);

}  // namespace volunteer
