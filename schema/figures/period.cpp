#include "schema/figures/period.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace doorstep::figures {
namespace {

using std::chrono::days;
using std::chrono::month;
using std::chrono::months;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr int year_min = 1000;

std::string format(const char* pattern, int a, int b) {
  std::array<char, 32> buffer{};
  // The patterns are this file's own.
  const int length = std::snprintf(buffer.data(), buffer.size(), pattern, a, b);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Monday of the ISO week that holds the day.
Day monday_of(Day day) {
  const std::chrono::weekday weekday(day);
  return day - days(static_cast<int>(weekday.iso_encoding()) - 1);
}

Period week_from(Day monday) {
  // A week belongs to the year of its Thursday.
  const Day thursday = monday + days(3);
  const int of = static_cast<int>(year_month_day(thursday).year());
  const Day first = monday_of(Day(year(of) / 1 / 4));
  const int place = static_cast<int>((monday - first).count() / 7) + 1;
  return {Period::Kind::week, format("%04d-W%02d", of, place), monday, monday + days(6)};
}

/// `count` months from the first of one.
Period months_from(Period::Kind kind, int of, int first, int count, std::string name) {
  const year_month_day begin = year(of) / month(static_cast<unsigned>(first)) / 1;
  return {kind, std::move(name), Day(begin), Day(begin + months(count)) - days(1)};
}

Period part_of_year(Period::Kind kind, int of, int which) {
  if (kind == Period::Kind::month)
    return months_from(kind, of, which, 1, format("%04d-%02d", of, which));
  if (kind == Period::Kind::quarter)
    return months_from(kind, of, 3 * which - 2, 3, format("%04dQ%d", of, which));
  return months_from(kind, of, 6 * which - 5, 6, format("%04dH%d", of, which));
}

}  // namespace

Day day_in_china(Instant now) {
  constexpr std::chrono::hours ahead{8};
  const std::chrono::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds(now.ms)};
  return std::chrono::floor<days>(moment + ahead);
}

std::string day_text(Day day) {
  constexpr std::size_t date_size = 10;
  return to_rfc3339({std::chrono::milliseconds(day.time_since_epoch()).count()})
      .substr(0, date_size);
}

Result<Day> parse_day(std::string_view text) {
  const auto wrong = error(ErrorCode::bad_value, std::string(text) + " is no day (2026-11-22)");
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong;
  const auto y = number(text.substr(0, 4));
  const auto m = number(text.substr(5, 2));
  const auto d = number(text.substr(8, 2));
  if (!y || !m || !d || *y < year_min || *m < 1 || *d < 1) return wrong;
  const year_month_day date =
      year(*y) / month(static_cast<unsigned>(*m)) / static_cast<unsigned>(*d);
  if (!date.ok()) return wrong;
  return Day(date);
}

Period period_of(Period::Kind kind, Day day) {
  if (kind == Period::Kind::week) return week_from(monday_of(day));
  const year_month_day date(day);
  const int of = static_cast<int>(date.year());
  const int in = static_cast<int>(static_cast<unsigned>(date.month()));
  if (kind == Period::Kind::month) return part_of_year(kind, of, in);
  return part_of_year(kind, of, kind == Period::Kind::quarter ? (in + 2) / 3 : (in + 5) / 6);
}

Period before(const Period& period) { return period_of(period.kind, period.from - days(1)); }

Result<Period> parse_period(std::string_view asked) {
  // 2026-H1 is 2026H1.
  std::string text(asked);
  if (text.size() == 7 && text[4] == '-' && (text[5] == 'Q' || text[5] == 'H')) text.erase(4, 1);
  const Error wrong =
      error(ErrorCode::bad_value,
            std::string(asked) + " is no period: write 2026-W47, 2026-11, 2026Q4 or 2026H2");
  const std::string_view plain(text);
  const auto of = plain.size() < 6 ? std::nullopt : number(plain.substr(0, 4));
  if (!of || *of < year_min) return wrong;
  const std::string_view rest = plain.substr(4);
  std::optional<Period> found;
  if (rest.starts_with("-W") && rest.size() == 4) {
    const auto week = number(rest.substr(2));
    if (week && *week >= 1)
      found = week_from(monday_of(Day(year(*of) / 1 / 4)) + days(7 * (*week - 1)));
  } else if (rest[0] == '-' && rest.size() == 3) {
    const auto which = number(rest.substr(1));
    if (which && *which >= 1 && *which <= 12)
      found = part_of_year(Period::Kind::month, *of, *which);
  } else if (rest.size() == 2 && (rest[0] == 'Q' || rest[0] == 'H')) {
    const auto which = number(rest.substr(1));
    const bool quarter = rest[0] == 'Q';
    if (which && *which >= 1 && *which <= (quarter ? 4 : 2)) {
      found = part_of_year(quarter ? Period::Kind::quarter : Period::Kind::half_year, *of, *which);
    }
  }
  // Week 53 of a year that has 52 is the first of the next.
  if (!found || found->name != text) return wrong;
  return *found;
}

}  // namespace doorstep::figures
