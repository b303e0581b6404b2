// A hub keeps the parts of the figures as tables and begins joins where there is less to read. What
// comes out is what the plain statements give.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "server/commands/command.hpp"
#include "server/report/kept_parts.hpp"
#include "tests/server/test_hub.hpp"

namespace doorstep::test {
namespace {

/// Each figure of each village, both periods.
std::vector<std::string> text_of(const figures::Report& report) {
  std::vector<std::string> lines;
  for (const figures::Line& line : report.lines) {
    for (std::size_t i = 0; i < report.columns.size(); ++i) {
      std::ostringstream out;
      out << line.code << ' ' << report.columns[i].name << ' ' << line.now[i].value << ' '
          << line.now[i].weight << ' ' << line.earlier[i].value << ' ' << line.earlier[i].weight;
      lines.push_back(out.str());
    }
  }
  return lines;
}

}  // namespace

TEST_CASE("a report from kept parts, few or many rows, is the report of the plain statements") {
  const TempDir dir;
  const std::string data = (dir.path() / "hub").string();
  std::ostringstream said;
  const commands::Terminal terminal{said, said, false, false};
  REQUIRE(commands::run({"init", "--data", data}, terminal) == 0);
  REQUIRE(commands::run({"load", "--data", data, "--sample", "dushi"}, terminal) == 0);
  sqlite::OpenOptions options;
  options.read_only = true;
  auto db = sqlite::Database::open(data + "/hub.db", options).value();
  const auto set = figures::parse_figures(figures::village_figures_text()).value();
  KeptParts plain(db);
  const figures::RunQuery run = [&](const std::string& sql, const figures::Parameters& asked) {
    return plain.run(sql, asked);
  };
  // Within one quarter, over the turn of one, over the turn of the half-year, and a whole
  // half-year.
  for (const char* name : {"2024-W45", "2024-W40", "2024-W27", "2024H2"}) {
    const auto period = figures::parse_period(name).value();
    const auto wanted = make_report(set, {run}, "4312", period).value();
    CHECK(std::any_of(wanted.lines.begin(), wanted.lines.end(),
                      [](const figures::Line& line) { return line.now[2].value > 0; }));
    for (const std::int64_t large_from : {std::int64_t{1}, KeptParts::large_from_default}) {
      KeptParts parts(db, large_from);
      const figures::Queries queries{
          [&](const std::string& sql, const figures::Parameters& asked) {
            return parts.run(sql, asked);
          },
          [&](const figures::Part& part, const figures::Parameters& asked) {
            return parts.keep(part, asked);
          }};
      const auto made = make_report(set, queries, "4312", period);
      REQUIRE_MESSAGE(made.ok(), made.error().text());
      CHECK(text_of(made.value()) == text_of(wanted));
    }
  }
}

}  // namespace doorstep::test
