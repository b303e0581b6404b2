// Weeks, months, quarters and half-years as bulletins name them.
#include <doctest/doctest.h>

#include "schema/figures/period.hpp"

using namespace doorstep;
using namespace doorstep::figures;

namespace {

/// "2026-11-16 2026-11-22", the first and the last day; the error's text for no period.
std::string days_of(std::string_view name) {
  const auto period = parse_period(name);
  if (!period) return period.error().text();
  CHECK(period.value().name == name);
  return day_text(period.value().from) + " " + day_text(period.value().until);
}

std::string name_of(Period::Kind kind, std::string_view day) {
  return period_of(kind, parse_day(day).value()).name;
}

std::string before_of(std::string_view name) { return before(parse_period(name).value()).name; }

}  // namespace

TEST_CASE("a bulletin's week runs from Monday to Sunday and belongs to the year of its Thursday") {
  CHECK(days_of("2026-W47") == "2026-11-16 2026-11-22");
  CHECK(days_of("2026-W01") == "2025-12-29 2026-01-04");
  CHECK(days_of("2020-W53") == "2020-12-28 2021-01-03");
  CHECK(days_of("2021-W01") == "2021-01-04 2021-01-10");
  CHECK(days_of("2024-W09") == "2024-02-26 2024-03-03");
  for (const auto& [day, week] : {std::pair{"2021-01-03", "2020-W53"},
                                  {"2021-01-04", "2021-W01"},
                                  {"2024-12-29", "2024-W52"},
                                  {"2024-12-30", "2025-W01"},
                                  {"2027-01-01", "2026-W53"},
                                  {"2023-01-01", "2022-W52"}}) {
    CHECK_MESSAGE(name_of(Period::Kind::week, day) == week, day);
  }
}

TEST_CASE("months, quarters and half-years begin on a first and end on a last day") {
  CHECK(days_of("2026-11") == "2026-11-01 2026-11-30");
  CHECK(days_of("2024-02") == "2024-02-01 2024-02-29");
  CHECK(days_of("2026-12") == "2026-12-01 2026-12-31");
  CHECK(days_of("2026Q1") == "2026-01-01 2026-03-31");
  CHECK(days_of("2026Q4") == "2026-10-01 2026-12-31");
  CHECK(days_of("2026H1") == "2026-01-01 2026-06-30");
  CHECK(days_of("2026H2") == "2026-07-01 2026-12-31");
  CHECK(name_of(Period::Kind::half_year, "2026-06-30") == "2026H1");
  CHECK(name_of(Period::Kind::half_year, "2026-07-01") == "2026H2");
  CHECK(name_of(Period::Kind::quarter, "2026-03-31") == "2026Q1");
  CHECK(name_of(Period::Kind::quarter, "2026-10-01") == "2026Q4");
  CHECK(name_of(Period::Kind::month, "2026-01-31") == "2026-01");
}

TEST_CASE("the period before is found across years") {
  CHECK(before_of("2021-W01") == "2020-W53");
  CHECK(before_of("2020-W53") == "2020-W52");
  CHECK(parse_period("2026-H1").value() == parse_period("2026H1").value());
  CHECK(parse_period("2026-Q4").value() == parse_period("2026Q4").value());
  CHECK(before_of("2026-01") == "2025-12");
  CHECK(before_of("2026Q1") == "2025Q4");
  CHECK(before_of("2026H1") == "2025H2");
  CHECK(before_of("2026H2") == "2026H1");
}

TEST_CASE("what is no period is told with what to write instead") {
  // Week 53 of a year that has 52, days, words, and what only looks like a period.
  for (const std::string_view wrong :
       {"",         "2026",     "2026-",    "2026-W",     "2026-W0",   "2026-W00",
        "2025-W53", "2026-W54", "2026-W1",  "2026-W001",  "2026-13",   "2026-00",
        "2026-1",   "2026Q0",   "2026Q5",   "2026H0",     "2026H3",    "2026H11",
        "2026h1",   "0999H1",   "20a6H1",   "2026-11-22", "last week", "二〇二六年",
        "2026-+1",  "+026-11",  " 2026-11", "2026-11 ",   "2026--1"}) {
    const std::string said = days_of(wrong);
    CHECK_MESSAGE(said.find("is no period: write 2026-W47") != std::string::npos, said);
  }
}

TEST_CASE("a stated day is one that the calendar has") {
  CHECK(day_text(parse_day("2024-02-29").value()) == "2024-02-29");
  for (const std::string_view wrong :
       {"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-4-1", "26-04-01",
        "2026/04/01", "2026-04-01T", "0999-01-01", "2026-04-0a"}) {
    CHECK_MESSAGE(!parse_day(wrong).ok(), wrong);
  }
}

TEST_CASE("the day turns at midnight in China, eight hours before it does in Greenwich") {
  constexpr std::int64_t evening = 1'795'363'199'999;  // 2026-11-22T15:59:59.999Z
  CHECK(day_text(day_in_china({evening})) == "2026-11-22");
  CHECK(day_text(day_in_china({evening + 1})) == "2026-11-23");
}
