// Conflicts at the secretary's console: what two volunteers wrote without a signal, and what she
// decides.
#include <doctest/doctest.h>

#include <set>

#include "tests/scenario/console_desk.hpp"

using namespace doorstep::test;

namespace {

/// A household of the pilot village with residents whom nobody else knows.
struct Wangs {
  Township township;
  Volunteer chen{township, "陈大山"};
  Volunteer wang{township, "王丽"};
  std::string house = chen.new_id();
  std::vector<std::string> residents;

  Wangs(const std::string& name, int count) : township(name) {
    std::string sql =
        "insert into household (id, village_code, villager_group, head_name, address) values "
        "(uuid('" +
        house + "'), '" + dushi + "', 7, '汪建国', '八组88号')";
    for (int i = 0; i < count; ++i) {
      residents.push_back(chen.new_id());
      sql += "; insert into resident (id, household_id, name) values (uuid('" + residents.back() +
             "'), uuid('" + house + "'), '汪" + std::to_string(i) + "')";
    }
    chen.write(sql);
    all_sync({&chen, &wang});
  }
  static void set(Volunteer& who, const std::string& id, const std::string& what) {
    who.write("update resident set " + what + " where id = uuid('" + id + "')");
  }
  /// Two days of death for each of the first residents; both phones sync.
  void report_two_days(std::size_t count) {
    const auto report = [&](Volunteer& who, const std::string& day) {
      std::string sql;
      for (std::size_t i = 0; i < count; ++i) {
        sql += "update resident set deceased_on = '" + day + "' where id = uuid('" + residents[i] +
               "');";
      }
      who.write(sql);
    };
    report(chen, "2026-03-01");
    report(wang, "2026-03-02");
    all_sync({&chen, &wang});
  }
  [[nodiscard]] std::string died(Volunteer& who, std::size_t i) const {
    return who.read("select deceased_on from resident where id = uuid('" + residents[i] + "')");
  }
};

Json one(const Json& list, const std::string& row) {
  for (const Json& conflict : list.items("conflicts")) {
    if (conflict.text("row") == row) return conflict;
  }
  FAIL("no conflict of ", row);
  return Json("{}");
}

Json part(const Json& of, const std::string& name) { return Json(of.text(name)); }

}  // namespace

TEST_CASE(
    "console: two volunteers report two days of death offline; the secretary sees both with names, "
    "decides in bulk, one of her ids is wrong, and the phones get what stands") {
  Wangs story("console-decide", 2);
  story.report_two_days(2);
  ConsoleDesk desk(story.township);
  const Json list = desk.get("/conflicts?table=resident&row=" + story.residents[0]);
  CHECK(list.number("open") == 1);
  const Json first = one(list, story.residents[0]);
  CHECK(first.text("table") == "resident");
  CHECK(first.text("label") == "汪0");
  CHECK(first.text("column") == "deceased_on");
  CHECK(first.text("policy") == "review");
  CHECK(first.text("kind") == "cell");
  CHECK(first.text("state") == "open");
  CHECK(first.text("scope") == dushi);
  CHECK(first.text("decision").empty());
  CHECK(part(first, "winner").text("display") == "2026-03-02");
  CHECK(part(first, "winner").text("name") == "王丽");
  CHECK(part(first, "winner").text("reason") == "写得更晚，等人决定");
  CHECK(part(first, "loser").text("reason").empty());
  CHECK(part(first, "loser").text("value") == "2026-03-01");
  CHECK(part(first, "loser").text("name") == "陈大山");
  CHECK(part(first, "loser").text("at").starts_with("20"));
  const Json second =
      one(desk.get("/conflicts?table=resident&row=" + story.residents[1]), story.residents[1]);

  const std::string wrong(32, 'a');
  const Json done =
      desk.post("/conflicts/decide", R"({"decisions":[{"id":")" + first.text("id") +
                                         R"(","keep":"loser"},{"id":")" + wrong +
                                         R"(","keep":"winner"},{"id":")" + second.text("id") +
                                         R"(","keep":"value","value":"2026-02-28"}]})");
  const auto results = done.items("results");
  REQUIRE(results.size() == 3);
  CHECK(results[0].boolean("ok"));
  CHECK(results[0].number("position") > 0);
  CHECK_FALSE(results[1].boolean("ok"));
  CHECK(results[1].text("id") == wrong);
  CHECK(part(results[1], "error").text("name") == "not_found");
  CHECK(part(results[1], "error").text("message") == "没有找到");
  CHECK(results[2].boolean("ok"));
  all_sync({&story.chen, &story.wang});
  for (Volunteer* who : {&story.chen, &story.wang}) {
    CHECK(story.died(*who, 0) == "2026-03-01");
    CHECK(story.died(*who, 1) == "2026-02-28");
  }

  const Json decided =
      one(desk.get("/conflicts?state=all&table=resident&row=" + story.residents[0]),
          story.residents[0]);
  CHECK(decided.text("state") == "decided");
  CHECK(part(decided, "decision").text("name") == "李秀英");
  CHECK(part(decided, "decision").text("at").starts_with("20"));
  bool told = false;
  for (const Json& line : story.township.lines({"conflicts", "--table", "resident"})) {
    told = told || (line.text("id") == first.text("id") && line.text("decided_name") == "李秀英");
  }
  CHECK(told);
  check_all_equal(story.township, {&story.chen, &story.wang});
}

TEST_CASE("console: a decision taken back shows what stood before and waits again") {
  Wangs story("console-undo", 1);
  story.report_two_days(1);
  ConsoleDesk desk(story.township);
  const std::string id = one(desk.get("/conflicts"), story.residents[0]).text("id");
  const auto decide = [&](const std::string& keep) {
    const Json done = desk.post(
        "/conflicts/decide", R"({"decisions":[{"id":")" + id + R"(","keep":")" + keep + R"("}]})");
    CHECK(done.items("results").at(0).boolean("ok"));
    all_sync({&story.chen, &story.wang});
  };
  decide("loser");
  CHECK(story.died(story.wang, 0) == "2026-03-01");
  CHECK(desk.get("/conflicts").number("open") == 0);
  decide("undo");
  CHECK(story.died(story.chen, 0) == "2026-03-02");
  CHECK(one(desk.get("/conflicts"), story.residents[0]).text("state") == "open");
}

TEST_CASE(
    "console: a resident deleted here and edited there is two acts, and the secretary keeps "
    "the delete") {
  Wangs story("console-delete", 1);
  story.chen.write("delete from resident where id = uuid('" + story.residents[0] + "')");
  Wangs::set(story.wang, story.residents[0], "phone = '13900000000'");
  all_sync({&story.chen, &story.wang});
  ConsoleDesk desk(story.township);
  const Json conflict = one(desk.get("/conflicts"), story.residents[0]);
  CHECK(conflict.text("kind") == "delete");
  CHECK(conflict.text("column").empty());
  CHECK(conflict.text("label") == "汪0");
  CHECK(part(conflict, "winner").text("display") == "修改");
  CHECK(part(conflict, "winner").text("name") == "王丽");
  CHECK(part(conflict, "loser").text("display") == "删除");
  CHECK(part(conflict, "loser").text("name") == "陈大山");
  desk.language = doorstep::Language::english;
  CHECK(part(one(desk.get("/conflicts"), story.residents[0]), "loser").text("display") ==
        "deleted");
  (void)desk.post("/conflicts/decide",
                  R"({"decisions":[{"id":")" + conflict.text("id") + R"(","keep":"loser"}]})");
  all_sync({&story.chen, &story.wang});
  CHECK(story.wang.read("select count(*) from resident where id = uuid('" + story.residents[0] +
                        "')") == "0");
}

TEST_CASE("console: a policy's period is one cell; both dates are shown and decided together") {
  Wangs story("console-group", 1);
  const std::string policy = story.chen.new_id();
  Volunteer ma(story.township, "马芳", dushi, "village_secretary");
  Volunteer zhao(story.township, "赵强", dushi, "village_secretary");
  ma.write(
      "insert into insurance_policy (id, resident_id, product, begins_on, ends_on) values "
      "(uuid('" +
      policy + "'), uuid('" + story.residents[0] + "'), '养老', '2026-01-01', '2026-12-31')");
  all_sync({&ma, &zhao});
  const auto set = [&](Volunteer& who, const std::string& from, const std::string& until) {
    who.write("update insurance_policy set begins_on = '" + from + "', ends_on = '" + until +
              "' where id = uuid('" + policy + "')");
  };
  set(ma, "2026-02-01", "2027-01-31");
  set(zhao, "2026-03-01", "2027-02-28");
  all_sync({&ma, &zhao});
  ConsoleDesk desk(story.township);
  const Json conflict = one(desk.get("/conflicts?state=all&table=insurance_policy"), policy);
  CHECK(conflict.text("label") == "养老");
  CHECK(part(conflict, "loser").text("display") == "begins_on 2026-02-01，ends_on 2027-01-31");
  const Json done = desk.post(
      "/conflicts/decide",
      R"({"decisions":[{"id":")" + conflict.text("id") +
          R"(","keep":"value","value":"{\"begins_on\":\"2026-04-01\",\"ends_on\":\"2027-03-31\"}"}]})");
  REQUIRE_MESSAGE(done.items("results").at(0).boolean("ok"), done.source());
  all_sync({&ma, &zhao});
  CHECK(ma.read("select begins_on, ends_on from insurance_policy where id = uuid('" + policy +
                "')") == "2026-04-01|2027-03-31");
}

TEST_CASE(
    "console: a list of 120 conflicts in pages, each conflict once, also while one is decided "
    "and a new one comes in between") {
  Wangs story("console-pages", 121);
  story.report_two_days(120);
  ConsoleDesk desk(story.township);
  std::set<std::string> seen;
  std::string after;
  std::vector<std::size_t> sizes;
  do {
    const Json page =
        desk.get("/conflicts?table=resident&limit=50" + (after.empty() ? "" : "&after=" + after));
    sizes.push_back(page.items("conflicts").size());
    for (const Json& conflict : page.items("conflicts")) {
      CHECK_MESSAGE(seen.insert(conflict.text("id")).second, conflict.source());
    }
    if (sizes.size() == 1) {
      CHECK(page.number("open") == 120);
      (void)desk.post("/conflicts/decide",
                      R"({"decisions":[{"id":")" + *seen.begin() + R"(","keep":"winner"}]})");
      Wangs::set(story.chen, story.residents[120], "deceased_on = '2026-03-01'");
      Wangs::set(story.wang, story.residents[120], "deceased_on = '2026-03-02'");
      all_sync({&story.chen, &story.wang});
    }
    after = page.text("next");
  } while (!after.empty());
  CHECK(sizes == std::vector<std::size_t>{50, 50, 20});
  CHECK(seen.size() == 120);
  CHECK(desk.get("/conflicts?scope=" + dushi).number("open") == 120);
  CHECK(desk.get("/conflicts?scope=" + qiaojiang).number("open") == 120);
  CHECK(desk.get("/conflicts?scope=" + next_village).items("conflicts").empty());
}

TEST_CASE(
    "console: what makes no sense about conflicts is refused with the field's name, and "
    "nothing changes") {
  Wangs story("console-refused", 1);
  Wangs::set(story.chen, story.residents[0], "deceased_on = '2026-03-01'");
  Wangs::set(story.wang, story.residents[0], "deceased_on = '2026-03-02'");
  all_sync({&story.chen, &story.wang});
  ConsoleDesk desk(story.township);
  const std::string id = one(desk.get("/conflicts"), story.residents[0]).text("id");
  const std::uint64_t before = desk.position();
  const auto decide = [&](const std::string& one_decision) {
    return desk.refused("POST", "/conflicts/decide", R"({"decisions":[)" + one_decision + "]}");
  };
  CHECK(desk.refused("GET", "/conflicts?state=closed") == "400 bad_value state");
  CHECK(desk.refused("GET", "/conflicts?limit=0") == "400 bad_value limit");
  CHECK(desk.refused("GET", "/conflicts?limit=201") == "400 bad_value limit");
  CHECK(desk.refused("GET", "/conflicts?after=x") == "400 bad_value after");
  CHECK(desk.refused("GET", "/conflicts?table=people") == "400 unknown_table table");
  CHECK(desk.refused("GET", "/conflicts?row=" + story.residents[0]) == "400 bad_value table");
  CHECK(desk.refused("GET", "/conflicts?table=resident&row=12") == "400 bad_key row");
  CHECK(desk.refused("GET", "/conflicts?colour=red") == "400 bad_value colour");
  CHECK(desk.refused("POST", "/conflicts/decide", "{}") == "400 bad_value decisions");
  CHECK(desk.refused("POST", "/conflicts/decide", R"({"decisions":[]})") ==
        "400 bad_value decisions");
  CHECK(decide(R"({"id":")" + id + R"(","keep":"both"})") == "400 bad_value keep");
  CHECK(decide(R"({"id":")" + id + R"(","keep":"value"})") == "400 bad_value value");
  CHECK(decide(R"({"id":")" + id + R"(","keep":"loser","value":1})") == "400 bad_value value");
  CHECK(decide(R"({"id":")" + id + R"(","keep":"loser","why":"so"})") == "400 bad_value why");
  const Json wrong_day =
      desk.post("/conflicts/decide",
                R"({"decisions":[{"id":")" + id +
                    R"(","keep":"value","value":"tomorrow"},{"id":"no","keep":"undo"}]})");
  for (const Json& result : wrong_day.items("results")) CHECK_FALSE(result.boolean("ok"));
  CHECK(part(wrong_day.items("results").at(0), "error").text("name") == "bad_value");
  CHECK(desk.position() == before);
}
