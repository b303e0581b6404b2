// What the console shows and settles, as a browser gets it over HTTP.
#include <doctest/doctest.h>

#include "engine/session/commit_merge.hpp"
#include "tests/server/test_console.hpp"

namespace doorstep::test {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A hub with units and one household that nobody has visited.
struct Village {
  TestConsole console;
  RowId house;
  Village() {
    console.add_units();
    const Transaction insert = console.hub().new_household(7);
    house = insert.changes.front().row;
    auto commit = console.hub().store().begin().value();
    const auto one = hub_transaction(console.hub().store().identity(), *commit,
                                     console.hub().time().now(), insert.changes);
    REQUIRE(merge_into(*commit, console.hub().schema(), {&one, 1}).ok());
    REQUIRE(commit->commit(console.hub().time().now(), {}).ok());
  }
};

}  // namespace

TEST_CASE("console: a report opens as a page that may use its own style and nothing else") {
  Village village;
  const Browser office = village.console.signed_in(console::Role::office, "办公室");
  const std::string asked = "?scope=" + dushi + "&period=2026-W22";
  HttpSaid page = office.get("/api/v1/reports/weekly.html" + asked);
  REQUIRE(page.status == 200);
  CHECK(page.headers["content-type"] == "text/html; charset=utf-8");
  CHECK(page.headers["content-disposition"] ==
        "inline; filename=\"weekly-" + dushi + "-2026-W22.html\"");
  const std::string policy = page.headers["content-security-policy"];
  CHECK(policy.starts_with("default-src 'none'; "));
  CHECK(has(policy, "style-src 'sha256-"));
  CHECK_FALSE(has(policy, "script-src"));
  CHECK_FALSE(has(policy, "unsafe"));
  HttpSaid csv = office.get("/api/v1/reports/weekly.csv" + asked);
  CHECK(csv.headers["content-type"] == "text/csv; charset=utf-8");
  CHECK(has(csv.body, "独石村"));
  CHECK(has(csv.headers["content-security-policy"], "script-src 'self'"));
  CHECK(office.get("/api/v1/reports/weekly" + asked).json().text("period") == "2026-W22");
  CHECK(office.get("/api/v1/records?q=%E6%B1%AA").status == 403);
}

TEST_CASE(
    "console: a secretary finds a household over HTTP, opens it and asks why its address is "
    "what it is") {
  Village village;
  const Browser secretary = village.console.signed_in(console::Role::secretary);
  const std::string path = "/api/v1/records/household/" + to_hex(village.house.view());
  const HttpSaid page = secretary.get(path);
  REQUIRE_MESSAGE(page.status == 200, page.body);
  const std::string head = page.json().text("label");
  CHECK_FALSE(head.empty());
  CHECK(has(page.body, village.console.hub().store().identity().name));
  const HttpSaid history = secretary.get(path + "/history/head_name");
  CHECK(history.status == 200);
  CHECK(history.json().text("shown") == head);
  CHECK(secretary.get(path + "/timeline").json().items("entries").empty());
  CHECK(secretary.get("/api/v1/records/household/%FF").status == 400);
  CHECK(secretary.get(path + "/history/%E5%A7%93").error().text("name") == "unknown_column");
}

}  // namespace doorstep::test
