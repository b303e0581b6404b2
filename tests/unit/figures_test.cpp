// Figures as a file says them, and reports as people and spreadsheets take them.
#include <doctest/doctest.h>

#include "schema/figures/report_text.hpp"
#include "tests/support/json.hpp"

using namespace doorstep;
using namespace doorstep::figures;
using doorstep::test::Json;

namespace {

/// The text of the error with which a file of figures is refused.
std::string refused(std::string_view text) {
  const auto set = parse_figures(text);
  return set ? "taken" : set.error().text();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A township with one village whose names try what they can.
Report odd_report() {
  Report report;
  report.period = parse_period("2026-W47").value();
  report.previous = before(report.period);
  report.columns = {{"visits", "走访, \"入户\"", "visits <b>", Unit::count},
                    {"fund_fen", "基金", "fund", Unit::fen},
                    {"mean", "均分", "mean", Unit::mean},
                    {"ratio", "赔付率", "loss ratio", Unit::percent}};
  Line town{"431224103", "桥江镇 & <co> \"x\"", "township", 0, {}, {}};
  town.now = {{12, 0}, {-12345, 0}, {9, 2}, {55, 80}};
  town.earlier = {{7, 0}, {5, 0}, {0, 0}, {0, 0}};
  Line village = town;
  village.code = "431224103212";
  village.name = "=cmd|'/c calc'!A1";
  village.level = "village";
  village.depth = 1;
  report.lines = {town, village};
  return report;
}

ReportMeta meta(bool chinese) { return {"通报 <script>", 4711, "abcdef", chinese}; }

}  // namespace

TEST_CASE("a file of figures gives each figure the parts before its own SQL, in their order") {
  const auto set = parse_figures(
      "-- words for people\n\n-- part village(code)\nSELECT 1\n\n-- part home(id)\nSELECT 2\n"
      "-- figure visits | 走访 | visits | count\r\nSELECT a\n-- a remark\nFROM b\n"
      "-- list late | 迟到 | late\nSELECT c\n"
      "--figure not | a | figure | count\n"
      "-- figure loss | 赔付率 | loss ratio | percent\nSELECT d");
  REQUIRE(set.ok());
  REQUIRE(set.value().figures.size() == 2);
  CHECK(set.value().figures[0].select == "SELECT a\nFROM b\n");
  CHECK(set.value().figures[0].chinese == "走访");
  CHECK(set.value().figures[1].unit == Unit::percent);
  CHECK(!set.value().figures[0].now);
  CHECK(set.value().whole("SELECT a\n") ==
        "WITH RECURSIVE\nvillage(code) AS (\nSELECT 1\n),\nhome(id) AS (\nSELECT 2\n)\nSELECT a\n");
  REQUIRE(set.value().lists.size() == 1);
  CHECK(set.value().lists[0].english == "late");
  CHECK(set.value().lists[0].select == "SELECT c\n");
}

TEST_CASE("a wrong line in a file of figures is named with its number") {
  CHECK(has(refused("-- part a(b)\n\n-- figure visits | 走访 | count\nSELECT 1"),
            "line 3: a figure has a name, two titles and a unit"));
  CHECK(has(refused("-- figure visits | 走访 | visits | yuan\n"), "line 1: no unit yuan"));
  CHECK(has(refused("-- figure a | b | c | fen\nSELECT 1\n-- figure a | b | c | fen\n"),
            "line 3: a is there twice"));
  CHECK(
      has(refused("-- list late | 迟到\n"), "line 1: a list has a name of its own and two titles"));
  CHECK(has(refused("-- figure a | b | c | fen\n-- list a | b | c\n"), "line 2: a list has"));
  CHECK(has(refused("-- part a; DROP TABLE visit; --(b)\n"), "line 1: a part has a name"));
  CHECK(has(refused("-- part a(b)\n-- part a(c)\n"), "line 2: a part has a name of its own"));
  CHECK(has(refused("-- figure a | b | c | fen | later\n"), "two titles and a unit"));
  CHECK(has(refused("-- late visit | 走访 | visit\n"), "line 1: late rows have a table"));
  CHECK(refused("") == "taken");
  CHECK(parse_figures(village_figures_text()).ok());
}

TEST_CASE("an amount reads as its unit has it; a mean of nothing is no number") {
  CHECK(amount_text(Unit::count, {12, 0}) == "12");
  CHECK(amount_text(Unit::fen, {-12345, 0}) == "-123.45");
  CHECK(amount_text(Unit::mean, {9, 2}) == "4.50");
  CHECK(amount_text(Unit::percent, {55, 80}) == "68.8%");
  CHECK(amount_text(Unit::mean, {0, 0}) == "-");
  CHECK(amount_json(Unit::fen, {-12345, 0}) == "-12345");
  CHECK(amount_json(Unit::percent, {55, 80}) == "68.7500");
  CHECK(amount_json(Unit::percent, {0, 0}) == "null");
}

TEST_CASE("a report as JSON keeps every character of a name and says what is not known") {
  const Json report(report_json(odd_report(), meta(true)));
  CHECK(report.text("period") == "2026-W47");
  CHECK(report.text("previous") == "2026-W46");
  CHECK(report.number("position") == 4711);
  CHECK(Json(report.items("figures").at(0)).text("title") == "走访, \"入户\"");
  const Json town(report.items("units").at(0).source());
  CHECK(town.text("name") == "桥江镇 & <co> \"x\"");
  CHECK(Json(town.text("now")).number("fund_fen") == -12345);
  CHECK(has(town.text("before"), "\"mean\":null"));
}

TEST_CASE("a report as CSV quotes what must be, and no name is taken for a formula") {
  const std::string csv = report_csv(odd_report(), meta(true));
  CHECK(
      csv.starts_with("\xEF\xBB\xBF代码,单位,层级,\"走访, \"\"入户\"\"\","
                      "\"走访, \"\"入户\"\" 2026-W46\",基金,"));
  CHECK(has(csv,
            "\r\n431224103,\"桥江镇 & <co> \"\"x\"\"\",township,12,7,-123.45,0.05,4.50,-,"
            "68.8%,-\r\n"));
  CHECK(has(csv, "\r\n431224103212,'=cmd|'/c calc'!A1,village,12,7,"));
  CHECK(has(report_csv(odd_report(), meta(false)), "code,unit,level,visits <b>,visits <b> 2026"));
}

TEST_CASE("a report as a page shows names as text and loads nothing from elsewhere") {
  const std::string html = report_html(odd_report(), meta(true));
  CHECK(has(html, "<html lang=\"zh-CN\">"));
  CHECK(has(html, "<h1>通报 &lt;script&gt;</h1>"));
  CHECK(has(html, "<td>桥江镇 &amp; &lt;co&gt; &quot;x&quot;</td>"));
  CHECK(has(html, "位置 4711，校验 abcdef"));
  CHECK(has(html, "<td>-123.45 <small>0.05</small></td>"));
  for (const std::string_view never : {"<script", "http:", "https:", "src=", "<co>", "<b>"})
    CHECK_MESSAGE(!has(html, never), never);
  CHECK(has(report_html(odd_report(), meta(false)), "<html lang=\"en\">"));
  CHECK(has(report_html(odd_report(), meta(false)), "visits &lt;b&gt;"));
}
