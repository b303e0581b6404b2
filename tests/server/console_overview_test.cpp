// The work of the villages in the console's overview, beside what the reports say of it.
#include <doctest/doctest.h>

#include "schema/figures/period.hpp"
#include "server/report/hub_figures.hpp"
#include "server/sample_load.hpp"
#include "tests/server/test_console.hpp"

namespace doorstep::test {
namespace {

using console::Role;
const std::string xintian = "431224103213";

Value id_of(std::uint8_t kind, std::uint8_t number) {
  std::array<std::uint8_t, 16> id{};
  id[6] = 0x70;
  id[8] = 0x80;
  id[14] = kind;
  id[15] = number;
  return Value::blob(id);
}

sample::SampleRow household(std::uint8_t number, const std::string& village) {
  return {"household",
          "id",
          id_of(1, number),
          {{"village_code", Value::text(village)},
           {"villager_group", Value::integer(1)},
           {"head_name", Value::text("王五")}}};
}

sample::SampleRow visit(std::uint8_t number, std::uint8_t home, const std::string& day) {
  return {"visit",
          "id",
          id_of(2, number),
          {{"household_id", id_of(1, home)},
           {"visitor", Value::text("李秀英")},
           {"visited_on", Value::text(day)},
           {"typed_at", Value::integer(1'700'000'000'000)},
           {"kind", Value::text("routine")}}};
}

void bring(TestConsole& console, const std::vector<sample::SampleRow>& rows) {
  TestHub& hub = console.hub();
  const auto tally = load_rows(hub.store(), hub.log(), hub.time(), hub.random(), rows);
  REQUIRE(tally.ok());
  REQUIRE(tally->not_accepted == 0);
}

/// What the page shows once all villages are counted.
Json overview(TestConsole& console, const Browser& browser) {
  console.hub().time().advance(limits::console_overview_ms);
  Json shown = browser.get("/api/v1/overview").json();
  while (shown.number("counting") > 0) shown = browser.get("/api/v1/overview").json();
  return shown;
}

std::int64_t visits_in_report(TestConsole& console, const std::string& scope) {
  TestHub& hub = console.hub();
  auto figures = HubFigures::open(hub.store(), hub.folder().database_file());
  REQUIRE(figures.ok());
  const auto set = figures::parse_figures(figures::village_figures_text());
  REQUIRE(set.ok());
  const Instant now = hub.time().now();
  const auto week = figures::period_of(figures::Period::Kind::week, figures::day_in_china(now));
  const auto report = figures->report(*set, scope, week, now);
  REQUIRE(report.ok());
  for (std::size_t i = 0; i < report->columns.size(); ++i) {
    if (report->columns[i].name == "visits") {
      return static_cast<std::int64_t>(report->lines.front().now[i].value);
    }
  }
  return -1;
}

}  // namespace

TEST_CASE("console: a visit shows in the overview when it arrives, in its week and its village") {
  TestConsole console;
  console.add_units();
  const Browser office = console.signed_in(Role::office, "办公室");
  // The hub's clock says the 15th of November 2023 in China, a Wednesday.
  bring(console, {household(1, dushi), household(2, xintian), visit(1, 1, "2023-11-14"),
                  visit(2, 1, "2023-11-07"), visit(3, 2, "2023-11-15")});
  const Json first = overview(console, office);
  CHECK(first.text("week") == "2023-W46");
  CHECK(Json(first.text("totals")).number("visits") == 2);
  const auto villages = first.items("units");
  REQUIRE(villages.size() == 2);
  CHECK(villages[0].number("visits") == 1);
  const auto weeks = villages[0].items("weeks");
  REQUIRE(weeks.size() == 8);
  CHECK(weeks[7].text("week") == "2023-W46");
  CHECK(weeks[7].number("visits") == 1);
  CHECK(weeks[6].text("week") == "2023-W45");
  CHECK(weeks[6].number("visits") == 1);
  CHECK(weeks[0].text("week") == "2023-W39");
  CHECK(weeks[0].number("visits") == 0);

  bring(console, {visit(4, 1, "2023-11-15")});
  const Json second = overview(console, office);
  CHECK(second.items("units")[0].number("visits") == 2);
  CHECK(second.items("units")[1].number("visits") == 1);
  CHECK(Json(second.text("totals")).number("visits") == visits_in_report(console, "43"));
  CHECK(second.items("units")[0].number("visits") == visits_in_report(console, dushi));

  console.hub().time().advance(std::int64_t{7} * 24 * 3'600'000);
  const Browser later = console.signed_in(Role::office, "办公室");
  const Json next_week = overview(console, later);
  CHECK(next_week.text("week") == "2023-W47");
  CHECK(next_week.items("units")[0].number("visits") == 0);
  CHECK(next_week.items("units")[0].items("weeks")[6].number("visits") == 2);
}

}  // namespace doorstep::test
