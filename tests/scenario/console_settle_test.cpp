// Duplicates and quarantined work at the secretary's console.
#include <doctest/doctest.h>

#include "tests/scenario/console_desk.hpp"

using namespace doorstep::test;

namespace {

Json part(const Json& of, const std::string& name) { return Json(of.text(name)); }

std::string add_household(Volunteer& who, const std::string& head, const std::string& address) {
  std::string id = who.new_id();
  who.write(
      "insert into household (id, village_code, villager_group, head_name, address, phone) "
      "values (uuid('" +
      id + "'), '" + dushi + "', 7, '" + head + "', '" + address + "', '13811112222')");
  who.write(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind) values "
      "(uuid7(), uuid('" +
      id + "'), '" + who.name() + "', '2026-05-29', 1780000000000, 'routine')");
  return id;
}

Json pair_of(ConsoleDesk& desk, const std::string& state, const std::string& row) {
  for (const Json& pair : desk.get("/duplicates?state=" + state).items("duplicates")) {
    for (const char* side : {"first", "second"}) {
      if (part(pair, side).text("row") == row) return pair;
    }
  }
  FAIL("no pair with ", row);
  return Json("{}");
}

}  // namespace

TEST_CASE(
    "console: one family registered twice is shown side by side, merged, and taken apart; "
    "both phones follow, and it is kept who decided") {
  Township township("console-duplicates");
  Volunteer chen(township, "陈大山");
  Volunteer wang(township, "王丽");
  const std::string first = add_household(chen, "汪建国", "九组15号");
  const std::string second = add_household(wang, "王建国", "九组15号");
  all_sync({&chen, &wang});
  ConsoleDesk desk(township);
  const Json pair = pair_of(desk, "open", first);
  CHECK(pair.text("table") == "household");
  CHECK(pair.text("state") == "open");
  CHECK(part(pair, "first").text("label") == "汪建国");
  CHECK(part(pair, "first").text("created_by") == "陈大山");
  CHECK(part(pair, "second").text("row") == second);
  CHECK(part(pair, "second").text("created_by") == "王丽");
  CHECK(pair.items("reasons").at(0).text("columns").find("head_name") != std::string::npos);
  const auto fields = pair.items("fields");
  CHECK(fields.at(0).text("column") == "head_name");
  CHECK(fields.at(0).boolean("differs"));
  CHECK(fields.at(0).text("second") == "王建国");
  CHECK_FALSE(fields.back().boolean("differs"));
  CHECK(fields.size() == 8);

  const std::string path = "/duplicates/" + pair.text("id");
  const Json merged = desk.post(path, R"({"action":"accept","survivor":")" + second + R"("})");
  CHECK(merged.text("state") == "accepted");
  CHECK(merged.text("survivor") == second);
  CHECK(merged.text("decided_by") == "李秀英");
  all_sync({&chen, &wang});
  const std::string visits =
      "select count(*) from visit where household_id = uuid('" + second + "')";
  for (Volunteer* who : {&chen, &wang}) {
    CHECK(who->read(visits) == "2");
    CHECK(who->read("select count(*) from household where address = '九组15号'") == "1");
  }
  CHECK(desk.refused("POST", path, R"({"action":"accept"})") == "409 duplicate_state ");
  CHECK(desk.refused("POST", path, R"({"action":"reject"})") == "409 duplicate_state ");
  CHECK(pair_of(desk, "all", first).text("decided_at").starts_with("20"));

  CHECK(desk.post(path, R"({"action":"unmerge"})").text("state") == "unmerged");
  all_sync({&chen, &wang});
  CHECK(chen.read(visits) == "1");
  CHECK(wang.read("select count(*) from household where address = '九组15号'") == "2");
  CHECK(desk.refused("POST", path, R"({"action":"unmerge"})") == "409 duplicate_state ");
  check_all_equal(township, {&chen, &wang});
}

TEST_CASE(
    "console: a pair that is two families is rejected once and not proposed again; wrong "
    "requests change nothing") {
  Township township("console-rejected");
  Volunteer chen(township, "陈大山");
  const std::string first = add_household(chen, "汪建国", "九组15号");
  (void)add_household(chen, "汪建国", "九组15号");
  all_sync({&chen});
  ConsoleDesk desk(township);
  const std::string path = "/duplicates/" + pair_of(desk, "open", first).text("id");
  const std::uint64_t before = desk.position();
  CHECK(desk.refused("POST", "/duplicates/" + std::string(32, '0'), R"({"action":"reject"})") ==
        "404 not_found ");
  CHECK(desk.refused("POST", path, "{}") == "400 bad_value action");
  CHECK(desk.refused("POST", path, R"({"action":"merge"})") == "400 bad_value action");
  CHECK(desk.refused("POST", path, R"({"action":"reject","survivor":")" + first + R"("})") ==
        "400 bad_value survivor");
  CHECK(desk.refused("POST", path, R"({"action":"accept","survivor":"12"})") ==
        "400 bad_key survivor");
  CHECK(desk.refused("POST", path,
                     R"({"action":"accept","survivor":")" + std::string(32, '0') + R"("})") ==
        "400 bad_value survivor");
  CHECK(desk.refused("POST", path, R"({"action":"accept","by":"me"})") == "400 bad_value by");
  CHECK(desk.refused("GET", "/duplicates?state=merged") == "400 bad_value state");
  CHECK(desk.position() == before);
  const std::int64_t open = desk.get("/duplicates").number("open");
  CHECK(desk.post(path, R"({"action":"reject"})").text("state") == "rejected");
  CHECK(desk.get("/duplicates").number("open") == open - 1);
  CHECK(desk.refused("POST", path, R"({"action":"reject"})") == "409 duplicate_state ");
}

TEST_CASE(
    "console: what a lost phone still sent waits for the secretary; she looks at it, takes "
    "one visit in and throws the other away") {
  Township township("console-quarantine");
  Volunteer chen(township, "陈大山");
  Volunteer wang(township, "王丽");
  const std::string house = add_household(chen, "汪建国", "九组15号");
  all_sync({&chen, &wang});
  const auto visit = [&](const std::string& findings) {
    wang.write(
        "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, "
        "findings) values (uuid7(), uuid('" +
        house + "'), '王丽', '2026-05-30', 1780000000000, 'routine', '" + findings + "')");
  };
  visit("血压 120/80");
  visit("看不清");
  (void)township.command({"revoke", "王丽", "--lost"});
  const auto sync = doorstep::Sync::open(wang.file()).value()->run();
  REQUIRE_FALSE(sync.ok());
  CHECK(sync.error().code == doorstep::ErrorCode::device_lost);

  ConsoleDesk desk(township);
  const Json list = desk.get("/quarantine");
  CHECK(list.number("waiting") == 2);
  CHECK(list.text("next").empty());
  const auto waiting = list.items("transactions");
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].text("name") == "王丽");
  CHECK(waiting[0].text("reason") == "device_lost");
  CHECK(waiting[0].source() == township.lines({"quarantine"}).at(0).source());
  const Json page = desk.get("/quarantine?limit=1");
  CHECK(page.items("transactions").at(0).text("id") == waiting[0].text("id"));
  CHECK(desk.get("/quarantine?limit=1&after=" + page.text("next"))
            .items("transactions")
            .at(0)
            .text("id") == waiting[1].text("id"));
  const std::string good = waiting[1].text("id");
  const Json shown = desk.get("/quarantine/" + good);
  CHECK(shown.source() == township.lines({"quarantine", "show", good}).at(0).source());
  CHECK(shown.items("rows").at(0).text("columns").find("血压 120/80") != std::string::npos);

  const std::uint64_t before = desk.position();
  const std::string unknown(32, '0');
  CHECK(desk.refused("GET", "/quarantine/" + unknown) == "404 not_found ");
  CHECK(desk.refused("POST", "/quarantine", R"({"ids":[],"action":"admit"})") ==
        "400 bad_value ids");
  CHECK(desk.refused("POST", "/quarantine", R"({"ids":[")" + good + R"("],"action":"keep"})") ==
        "400 bad_value action");
  CHECK(desk.refused("POST", "/quarantine",
                     R"({"ids":[")" + good + R"(",")" + unknown + R"("],"action":"admit"})") ==
        "404 not_found ids");
  CHECK(desk.position() == before);

  const Json admitted = desk.post("/quarantine", R"({"ids":[")" + good + R"("],"action":"admit"})");
  CHECK(admitted.items("results").at(0).text("id") == good);
  CHECK(admitted.items("results").at(0).text("outcome") == "accepted");
  CHECK(desk.refused("POST", "/quarantine", R"({"ids":[")" + good + R"("],"action":"discard"})") ==
        "409 quarantine_state ");
  const Json discarded = desk.post(
      "/quarantine", R"({"ids":[")" + waiting[0].text("id") + R"("],"action":"discard"})");
  CHECK(discarded.items("results").at(0).text("outcome") == "discarded");
  CHECK(desk.get("/quarantine").number("waiting") == 0);
  const auto all = desk.get("/quarantine?state=all").items("transactions");
  REQUIRE(all.size() == 2);
  CHECK(all[1].text("state") == "admitted");
  CHECK(all[1].text("settled_by") == "李秀英");
  all_sync({&chen});
  CHECK(chen.read("select visitor, findings from visit where household_id = uuid('" + house +
                  "') and visited_on = '2026-05-30'") == "王丽|血压 120/80");
}
