// Records at the secretary's console: finding one, what it says and who said it, what happened, and
// the reports.
#include <doctest/doctest.h>

#include "tests/scenario/console_desk.hpp"

using namespace doorstep::test;

namespace {

Json part(const Json& of, const std::string& name) { return Json(of.text(name)); }

/// A widow of the pilot village, and what two volunteers did for her.
struct Widow {
  Township township;
  Volunteer chen{township, "陈大山"};
  Volunteer wang{township, "王丽"};
  std::string house = chen.new_id();
  std::string person = chen.new_id();
  std::string son = chen.new_id();

  explicit Widow(const std::string& name) : township(name) {
    chen.write(
        "insert into household (id, village_code, villager_group, head_name, address) "
        "values (uuid('" +
        house + "'), '" + dushi +
        "', 7, '汪桂花', '八组88号'); insert into resident (id, "
        "household_id, name, born, phone, labels) values (uuid('" +
        person + "'), uuid('" + house +
        "'), '汪桂花', '1949-03-02', '13800001234', "
        "'[\"living_alone\",\"empty_nest\"]'); insert into resident (id, household_id, "
        "name) values (uuid('" +
        son + "'), uuid('" + house + "'), '汪100%_强')");
    all_sync({&chen, &wang});
  }
  void live() {
    chen.write(
        "insert into visit (id, household_id, resident_id, visitor, visited_on, typed_at, "
        "kind, findings) values (uuid7(), uuid('" +
        house + "'), uuid('" + person +
        "'), '陈大山', '2026-05-29', 1780000000000, 'routine', '血压高')");
    wang.write(
        "insert into health_check (id, resident_id, checked_on, half_year, systolic_mmhg, "
        "diastolic_mmhg) values (uuid7(), uuid('" +
        person + "'), '2026-04-02', '2026H1', 151, 92)");
    wang.write(
        "insert into service_order (id, household_id, service, ordered_on, state) values "
        "(uuid7(), uuid('" +
        house + "'), '理发', '2026-06-01', 'ordered')");
    all_sync({&chen, &wang});
  }
  [[nodiscard]] std::string path() const { return "/records/resident/" + person; }
};

Json cell(const Json& record, const std::string& column) {
  for (const Json& one : record.items("cells")) {
    if (one.text("column") == column) return one;
  }
  return Json("{}");
}

std::vector<std::string> texts(const Json& list, const std::string& name,
                               const std::string& member) {
  std::vector<std::string> out;
  for (const Json& one : list.items(name)) out.push_back(one.text(member));
  return out;
}

}  // namespace

TEST_CASE(
    "console: a resident's page says who wrote each thing, and leads to her household and to "
    "all that hangs on her") {
  Widow story("console-record");
  story.live();
  story.wang.write("update resident set phone = '13899998888' where id = uuid('" + story.person +
                   "')");
  all_sync({&story.wang});
  ConsoleDesk desk(story.township);
  const Json record = desk.get(story.path());
  CHECK(record.text("label") == "汪桂花");
  CHECK(record.text("scope") == dushi);
  CHECK(record.boolean("live"));
  CHECK(cell(record, "phone").text("display") == "13899998888");
  CHECK(cell(record, "phone").text("by") == "王丽");
  CHECK(cell(record, "name").text("by") == "陈大山");
  CHECK(cell(record, "name").text("at").starts_with("20"));
  CHECK(cell(record, "labels").text("display") == "empty_nest、living_alone");
  CHECK(cell(record, "household_id").text("display") == "汪桂花");
  CHECK(cell(record, "id_card").text("by").empty());
  const auto references = record.items("references");
  REQUIRE(references.size() == 1);
  CHECK(references[0].text("table") == "household");
  CHECK(references[0].text("row") == story.house);
  CHECK(references[0].text("label") == "汪桂花");
  CHECK(texts(record, "children", "table") == std::vector<std::string>{"visit", "health_check"});
  const Json house = desk.get("/records/household/" + story.house);
  CHECK(house.items("children").at(0).text("table") == "resident");
  CHECK(house.items("children").at(0).number("count") == 2);
  CHECK(part(house, "references").source() != "{}");

  story.chen.write("update resident set deceased_on = '2026-06-02' where id = uuid('" +
                   story.person + "')");
  story.wang.write("update resident set deceased_on = '2026-06-03' where id = uuid('" +
                   story.person + "')");
  all_sync({&story.chen, &story.wang});
  const std::string conflict = cell(desk.get(story.path()), "deceased_on").text("conflict");
  CHECK(conflict == desk.get("/conflicts?table=resident&row=" + story.person)
                        .items("conflicts")
                        .at(0)
                        .text("id"));
  story.chen.write("delete from resident where id = uuid('" + story.son + "')");
  all_sync({&story.chen});
  CHECK_FALSE(desk.get("/records/resident/" + story.son).boolean("live"));
}

TEST_CASE(
    "console: a resident's timeline goes over visits, checks and orders of her household, "
    "newest first, in pages") {
  Widow story("console-timeline");
  story.live();
  ConsoleDesk desk(story.township);
  const Json all = desk.get(story.path() + "/timeline");
  CHECK(texts(all, "entries", "table") ==
        std::vector<std::string>{"service_order", "visit", "health_check"});
  CHECK(texts(all, "entries", "date") ==
        std::vector<std::string>{"2026-06-01", "2026-05-29", "2026-04-02"});
  CHECK(texts(all, "entries", "by") == std::vector<std::string>{"王丽", "陈大山", "王丽"});
  CHECK(texts(all, "entries", "label") == std::vector<std::string>{"理发", "陈大山", "2026H1"});
  const auto check = all.items("entries").at(2).items("summary");
  REQUIRE(check.size() == 2);
  CHECK(check[0].text("column") == "systolic_mmhg");
  CHECK(check[0].text("value") == "151");
  CHECK(all.text("next").empty());
  const Json first = desk.get(story.path() + "/timeline?limit=2");
  CHECK(first.items("entries").size() == 2);
  const Json rest = desk.get(story.path() + "/timeline?limit=2&after=" + first.text("next"));
  CHECK(texts(rest, "entries", "table") == std::vector<std::string>{"health_check"});
  CHECK(rest.text("next").empty());
  // Her household's own page has the family as well, by the day on which they were written down.
  CHECK(desk.get("/records/household/" + story.house + "/timeline").items("entries").size() == 4);
}

TEST_CASE("console: the history of a phone number is what explain says, word for word") {
  Widow story("console-history");
  const auto set = [&](Volunteer& who, const std::string& phone) {
    who.write("update resident set phone = '" + phone + "' where id = uuid('" + story.person +
              "')");
  };
  set(story.chen, "13811111111");
  set(story.wang, "13822222222");
  all_sync({&story.chen, &story.wang});
  ConsoleDesk desk(story.township);
  const std::string id = desk.get("/conflicts?state=all&table=resident&row=" + story.person)
                             .items("conflicts")
                             .at(0)
                             .text("id");
  (void)desk.post("/conflicts/decide",
                  R"({"decisions":[{"id":")" + id + R"(","keep":"value","value":"13833333333"}]})");
  const Json history = desk.get(story.path() + "/history/phone");
  CHECK(history.source() ==
        story.township.lines({"explain", "resident", story.person, "phone"}).at(0).source());
  CHECK(history.text("shown") == "13833333333");
  CHECK(history.text("decided_name") == "李秀英");
  CHECK(history.items("candidates").at(0).text("name") == "李秀英");
  CHECK(history.items("candidates").size() == 3);
}

TEST_CASE(
    "console: a resident is found by a part of her name, her number or her address, and what "
    "the searcher types is never a pattern") {
  Widow story("console-search");
  ConsoleDesk desk(story.township);
  const Json by_name = desk.get("/records?q=汪桂");
  CHECK(texts(by_name, "records", "label") == std::vector<std::string>{"汪桂花", "汪桂花"});
  CHECK(texts(by_name, "records", "table") == std::vector<std::string>{"household", "resident"});
  const Json person = by_name.items("records").at(1);
  CHECK(person.text("row") == story.person);
  CHECK(person.text("scope") == dushi);
  CHECK(person.text("unit") ==
        story.township.read("select name from org_unit where code = '" + dushi + "'"));
  CHECK(person.boolean("live"));
  CHECK(person.text("hint") == "汪桂花 · 13800001234");
  CHECK(texts(desk.get("/records?q=0001234"), "records", "row") ==
        std::vector<std::string>{story.person});
  CHECK(desk.get("/records?q=0001234")
            .items("records")
            .at(0)
            .text("hint")
            .starts_with("13800001234"));
  CHECK(texts(desk.get("/records?q=八组88"), "records", "row") ==
        std::vector<std::string>{story.house});
  CHECK(desk.get("/records?q=汪&table=resident&scope=" + next_village).items("records").empty());
  CHECK(texts(desk.get("/records?q=100%25_"), "records", "row") ==
        std::vector<std::string>{story.son});
  CHECK(desk.get("/records?q=13_0000").items("records").empty());
  const Json first = desk.get("/records?q=汪&table=resident&limit=1");
  const Json second = desk.get("/records?q=汪&table=resident&limit=1&after=" + first.text("next"));
  CHECK(first.items("records").at(0).text("row") == story.son);
  CHECK(second.items("records").at(0).text("row") == story.person);
  const std::uint64_t before = desk.position();
  CHECK(desk.refused("GET", "/records") == "400 bad_value q");
  CHECK(desk.refused("GET", "/records?q=a") == "400 bad_value q");
  CHECK(desk.refused("GET", "/records?q=%20%20") == "400 bad_value q");
  CHECK(desk.refused("GET", "/records?q=王丽&table=people") == "400 unknown_table table");
  CHECK(desk.refused("GET", "/records?q=王丽&after=3-00") == "400 bad_value after");
  CHECK(desk.refused("GET", "/records/resident/12") == "400 bad_key row");
  CHECK(desk.refused("GET", "/records/people/" + story.person) == "400 unknown_table table");
  CHECK(desk.refused("GET", "/records/resident/" + std::string(32, '1')) == "404 not_found ");
  CHECK(desk.refused("GET", story.path() + "/history/age") == "400 unknown_column column");
  CHECK(desk.refused("GET", story.path() + "/timeline?limit=x") == "400 bad_value limit");
  CHECK(desk.position() == before);
}

TEST_CASE(
    "console: a report is the command's own, as figures, as a table and as a page that may "
    "only use its own style") {
  Township township("console-report");
  ConsoleDesk desk(township);
  const std::string asked = "?scope=" + dushi + "&period=2026-W22";
  desk.language = doorstep::Language::english;
  const Json weekly = desk.get("/reports/weekly" + asked);
  CHECK(weekly.source() ==
        township.command({"report", "weekly", "--scope", dushi, "--week", "2026-W22", "--json"}));
  CHECK(weekly.text("period") == "2026-W22");
  desk.language = doorstep::Language::chinese;
  const auto csv = desk.ask("GET", "/reports/weekly.csv" + asked);
  CHECK(csv.type == "text/csv; charset=utf-8");
  CHECK(csv.body.find("入户走访") != std::string::npos);
  const auto page = desk.ask("GET", "/reports/publicity.html?period=2026-05&scope=" + dushi);
  REQUIRE(page.status == 200);
  CHECK(page.type == "text/html; charset=utf-8");
  CHECK(page.body.find("公示") != std::string::npos);
  REQUIRE(page.headers.size() == 2);
  CHECK(page.headers[0].second == "inline; filename=\"publicity-" + dushi + "-2026-05.html\"");
  CHECK(page.headers[1].second.find("style-src 'sha256-") != std::string::npos);
  CHECK(desk.get("/reports/monthly?period=2026-05").text("period") == "2026-05");
  CHECK(desk.refused("GET", "/reports/weekly?period=2026-05") == "400 bad_value period");
  CHECK(desk.refused("GET", "/reports/weekly?scope=999") == "404 not_found scope");
  CHECK(desk.refused("GET", "/reports/weekly?week=2026-W22") == "400 bad_value week");
  CHECK(desk.refused("GET", "/reports/daily") == "404 not_found ");
  CHECK(desk.refused("GET", "/reports/weekly.pdf") == "404 not_found ");
}
