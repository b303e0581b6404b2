#include "client-sdk/examples/volunteer/days.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>

namespace volunteer {
namespace {

namespace chrono = std::chrono;

std::string two(unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::string date_text(chrono::sys_days day) {
  const chrono::year_month_day date(day);
  std::string year = std::to_string(static_cast<int>(date.year()));
  year.insert(0, year.size() < 4 ? 4 - year.size() : 0, '0');
  return year + "-" + two(static_cast<unsigned>(date.month())) + "-" +
         two(static_cast<unsigned>(date.day()));
}

unsigned digits(std::string_view text) {
  unsigned number = 0;
  for (const char c : text) number = number * 10 + static_cast<unsigned>(c - '0');
  return number;
}

std::optional<chrono::sys_days> date_of(std::string_view day) {
  if (day.size() != 10 || day[4] != '-' || day[7] != '-') return std::nullopt;
  for (const std::size_t at : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (day[at] < '0' || day[at] > '9') return std::nullopt;
  }
  const chrono::year_month_day date(chrono::year(static_cast<int>(digits(day.substr(0, 4)))),
                                    chrono::month(digits(day.substr(5, 2))),
                                    chrono::day(digits(day.substr(8, 2))));
  if (!date.ok()) return std::nullopt;
  return chrono::sys_days(date);
}

std::tm local(std::time_t seconds) {
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return parts;
}

std::string formatted(std::time_t seconds, const char* format) {
  const std::tm parts = local(seconds);
  std::array<char, 32> out{};
  return {out.data(), std::strftime(out.data(), out.size(), format, &parts)};
}

}  // namespace

std::int64_t now_ms() {
  const auto now = chrono::system_clock::now().time_since_epoch();
  return chrono::duration_cast<chrono::milliseconds>(now).count();
}

std::string local_day() { return formatted(std::time(nullptr), "%Y-%m-%d"); }

std::string plus_days(std::string_view day, int days) {
  const auto date = date_of(day);
  return date ? date_text(*date + chrono::days(days)) : std::string(day);
}

int days_between(std::string_view from, std::string_view until) {
  const auto first = date_of(from);
  const auto last = date_of(until);
  return first && last ? static_cast<int>((*last - *first).count()) : 0;
}

bool is_day(std::string_view text) { return date_of(text).has_value(); }

std::optional<std::string> day_from(std::string_view typed, std::string_view today) {
  if (is_day(typed)) return std::string(typed);
  if (typed.size() == 5 && typed[2] == '-') {
    const std::string day = std::string(today.substr(0, 5)) + std::string(typed);
    if (is_day(day)) return day;
    return std::nullopt;
  }
  const bool back = typed.starts_with('-');
  if (back || typed.starts_with('+')) typed.remove_prefix(1);
  if (typed.empty() || typed.size() > 3) return std::nullopt;
  if (typed.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const int days = static_cast<int>(digits(typed));
  return plus_days(today, back ? -days : days);
}

HalfYear half_year_of(std::string_view day) {
  const std::string year(day.substr(0, 4));
  const bool first = day.substr(5, 2) <= "06";
  return {year + (first ? "H1" : "H2"), year + (first ? "-06-30" : "-12-31")};
}

std::string local_time(std::int64_t ms) {
  return formatted(static_cast<std::time_t>(ms / 1000), "%m-%d %H:%M");
}

std::string local_time(std::string_view rfc3339) {
  const auto day = date_of(rfc3339.substr(0, 10));
  if (!day || rfc3339.size() < 19) return {};
  const auto seconds = chrono::seconds(day->time_since_epoch()) +
                       chrono::hours(digits(rfc3339.substr(11, 2))) +
                       chrono::minutes(digits(rfc3339.substr(14, 2)));
  return local_time(std::int64_t{seconds.count()} * 1000);
}

unsigned weekday_of(std::string_view day) {
  const auto date = date_of(day);
  return date ? chrono::weekday(*date).c_encoding() : 0;
}

}  // namespace volunteer
