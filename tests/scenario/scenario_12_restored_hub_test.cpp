// Scenario 12 of the field: the township's server burns down on Saturday, the newest backup is of
// Monday. The phones offer the five days again: nothing doubles, nothing acknowledged is lost, and
// what only a silent phone and the lost server had is listed. A server that was begun anew on
// purpose takes nothing from an old phone.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/scenario/township.hpp"

using namespace doorstep::test;

namespace {

enum class Way { command, copied_file };

struct LostDays {
  Township township{"scenario-12"};
  Volunteer wang{township, "王秀兰", dushi, "village_secretary"};
  Volunteer li{township, "李建国", dushi, "village_secretary"};
  Volunteer zhao{township, "赵敏", dushi, "village_secretary"};
  std::string backup = township.file("monday.db");
  std::string supply = wang.new_id();
  std::string family = wang.new_id();
  std::string zhaos_family = zhao.new_id();

  static void take(Volunteer& who, const std::string& from, int boxes) {
    who.write("update supply set stock = stock - " + std::to_string(boxes) + " where id = x'" +
              from + "'");
  }
  static void pay(Volunteer& who, int fen) {
    who.write(
        "insert into fund_entry (id, village_code, entered_on, amount_fen, kind, purpose)"
        " values (uuid7(), '" +
        dushi + "', '2026-11-20', " + std::to_string(fen) + ", '" +
        (fen < 0 ? "payout" : "donation") + "', 'burnt')");
  }
  static void visit(Volunteer& who, const std::string& household, const std::string& findings) {
    who.write(
        "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings)"
        " values (uuid7(), x'" +
        household + "', '" + who.name() + "', '2026-11-20', 1795000000000, 'routine', '" +
        findings + "')");
  }
  void call(Volunteer& who, const std::string& phone) const {
    who.write("update household set phone = '" + phone + "' where id = x'" + family + "'");
  }

  /// Monday, with the backup in the evening; then five days of work, all of it acknowledged.
  void work() {
    wang.write("insert into supply (id, village_code, name, stock) values (x'" + supply + "', '" +
               dushi + "', '大米', 100)");
    wang.write(
        "insert into household (id, village_code, villager_group, head_name, phone) values"
        " (x'" +
        family + "', '" + dushi + "', 3, '王大山', '100')");
    pay(wang, 100'000);
    all_sync({&wang, &li, &zhao});
    township.command({"backup", backup});
    zhao.write("insert into household (id, village_code, villager_group, head_name) values (x'" +
               zhaos_family + "', '" + dushi + "', 5, '赵大海')");
    all_sync({&zhao, &wang, &li});
    for (int day = 1; day <= 5; ++day) {
      for (Volunteer* who : {&wang, &li, &zhao}) {
        take(*who, supply, day);
        pay(*who, -100 * day);
        visit(*who, family, "day " + std::to_string(day));
        // Each has read what the one before wrote.
        call(*who, who->name() + std::to_string(day));
        (void)who->sync();
        all_sync({&wang, &li, &zhao});
      }
      visit(wang, zhaos_family, "with the new family");
      all_sync({&wang, &li, &zhao});
    }
    REQUIRE(facts(wang) == all_facts);
    REQUIRE(township.lines({"conflicts"}).empty());
  }

  void burn_and_restore(Way way) {
    township.hub().kill();
    REQUIRE(run({"rm", "-rf", township.hub().folder()}).status == 0);
    if (way == Way::command) {
      township.command({"restore", backup});
    } else {
      REQUIRE(run({"mkdir", township.hub().folder()}).status == 0);
      REQUIRE(run({"cp", backup, township.hub().database()}).status == 0);
    }
    township.hub().serve();
  }

  /// Boxes left, fund, visits, the number, visits at Zhao's family.
  [[nodiscard]] std::string select() const {
    return "select (select stock from supply where id = x'" + supply +
           "') || ' ' || (select sum(amount_fen) || ' ' || count(*) from fund_entry where purpose ="
           " 'burnt') || ' ' || (select count(*) from visit where household_id = x'" +
           family + "') || ' ' || (select phone from household where id = x'" + family +
           "') || ' ' || (select count(*) from visit where household_id = x'" + zhaos_family + "')";
  }
  [[nodiscard]] std::string facts(Volunteer& who) const { return who.read(select()); }
  [[nodiscard]] std::string facts_at_hub() const { return township.read(select()); }
  const std::string all_facts = "55 95500 16 15 赵敏5 5";

  [[nodiscard]] std::vector<std::string> rows_only_phones_have() const {
    std::vector<std::string> rows;
    for (const Json& line : township.lines({"restored"})) {
      if (line.source().find("\"at_hub\":\"unknown\"") == std::string::npos) continue;
      rows.push_back(line.text("table") + " " + line.text("row"));
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
  }
};

}  // namespace

TEST_CASE_FIXTURE(LostDays, "scenario-12-restored-from-a-backup-five-days-old") {
  for (const Way way : {Way::command, Way::copied_file}) {
    CAPTURE(static_cast<int>(way));
    if (way == Way::command) work();
    burn_and_restore(way);
    CHECK(facts_at_hub() == "100 100000 1 0 100 0");

    // Two phones call; the third is in a drawer.
    all_sync({&wang, &li, &wang, &li});
    // 100 less 15 for each of two, and their payouts; what the third took and paid is not known.
    CHECK(facts_at_hub() == "70 97000 11 10 李建国5 0");
    // Only the silent phone and the lost server had that family, and what hangs on it waits.
    const auto only = rows_only_phones_have();
    CHECK(std::find(only.begin(), only.end(), "household " + zhaos_family) != only.end());
    CHECK(township.read("select count(*) from ds_quarantine where state = 'waiting'") == "5");

    // It comes back after all.
    all_sync({&zhao, &wang, &li, &zhao});
    CHECK(facts_at_hub() == all_facts);
    for (Volunteer* who : {&wang, &li, &zhao}) CHECK(facts(*who) == all_facts);
    CHECK(township.read("select count(*) from ds_quarantine where state = 'waiting'") == "0");
    CHECK(rows_only_phones_have().empty());
    CHECK(township.lines({"conflicts", "--open"}).empty());
    check_all_equal(township, {&wang, &li, &zhao});
    // The second time around the file is copied by hand, and the five days come a third time.
  }
}

TEST_CASE_FIXTURE(LostDays, "scenario-12-a-hub-begun-anew-is-not-polluted-by-an-old-phone") {
  work();
  township.hub().stop();
  call(wang, "unsent");
  township.command({"reset", "--yes"});
  township.hub().serve();
  all_sync({&wang, &li, &zhao});
  for (const std::string table : {"household", "visit", "supply", "fund_entry"}) {
    CHECK(township.read("select count(*) from " + table) == "0");
    for (Volunteer* who : {&wang, &li, &zhao}) {
      CHECK(who->read("select count(*) from " + table) == "0");
    }
  }
  CHECK(wang.receipts() == "1 need attention");
  CHECK(township.read("select count(*) from ds_quarantine") == "0");

  // Life goes on.
  li.write(
      "insert into household (id, village_code, villager_group, head_name) values (uuid7(), '" +
      dushi + "', 3, '李大山')");
  all_sync({&li, &wang, &zhao});
  CHECK(wang.read("select head_name from household") == "李大山");
  CHECK(zhao.read("select head_name from household") == "李大山");
  check_all_equal(township, {&li, &zhao});
}
