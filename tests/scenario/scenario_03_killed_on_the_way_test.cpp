// Scenario 3 of the field: killed at 37 %, and at any other, of a first load of 12,000 records and
// of an upload of 400 changes. The programs are real and so is the kill.
#include <doctest/doctest.h>
#include <signal.h>

#include "engine/core/limits.hpp"
#include "engine/ports/random.hpp"
#include "tests/scenario/township.hpp"
#include "tests/support/watched_sync.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::uint64_t records = 12'000;
constexpr int changes = 400;
constexpr int killed = 128 + SIGKILL;

/// A phone that was enrolled and holds nothing yet.
Phone fresh_phone(const Township& township, const std::string& name) {
  Phone phone(township.file(name + ".db"), name);
  // Who does not see everything: what she is promised is what she gets.
  const Finished enrolled =
      phone.enrol(township.hub(), township.hub().enrol(name, dushi, "volunteer"));
  REQUIRE_MESSAGE(enrolled.status == 0, enrolled.err);
  return phone;
}

const std::string all_visits =
    "select count(*), min(hex(id)), max(hex(id)), sum(length(findings)) from visit";

/// A village of exactly 12,000 records.
struct LargeVillage {
  Township township{"scenario-03"};
  Volunteer writer{township, "王芳"};

  LargeVillage() {
    const WatchedSync sample = watch_sync(fresh_phone(township, "counts"));
    REQUIRE(sample.pulled < records);
    const std::string missing = std::to_string(records - sample.pulled);
    writer.write(
        "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) "
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < " +
        missing +
        ") select uuid7(), (select min(id) from household), '王芳', '2026-03-03', 0, 'festival', "
        "'visit ' || i from n");
    (void)writer.sync();
    // A first load may be told the totals of ten seconds ago; a hub that starts has none.
    township.hub().stop();
    township.hub().serve();
  }

  void check_whole(const Phone& phone) {
    CHECK(phone.read(all_visits) == plain_read(township.hub().database(), all_visits));
    CHECK(phone.status().text("scopes") == Phone(writer.file(), "W").status().text("scopes"));
    const Finished verified = phone.command({"verify", "--json"});
    CHECK_MESSAGE(verified.status == 0, verified.out);
    CHECK(last_json(verified).number("rows") == static_cast<std::int64_t>(records));
  }

  /// A phone that was killed opens at once and shows nothing of a load that is not whole, nor that
  /// it were.
  static void check_not_early(const Phone& phone) {
    const Json status = phone.status();
    CHECK(status.number("pending") == 0);
    if (status.boolean("up_to_date")) {  // killed after the load, before it could say so
      CHECK(phone.command({"verify"}).status == 0);
      CHECK(phone.read("select count(*) > 5000 from visit") == "1");
    } else {
      CHECK(phone.read("select count(*) from visit") == "0");
      CHECK(phone.read("select count(*) from household") == "0");
    }
  }
};

/// A volunteer who was away: 400 visits, each with a long text that does not compress well, so that
/// they fill several pushes.
void write_400(Volunteer& who, SeededRandom& random) {
  const std::string household = who.read("select min(id) from household");
  for (int i = 0; i < changes; ++i) {
    Bytes noise(1500);
    random.fill(noise);
    const auto done = who.replica().execute(
        "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) "
        "values (uuid7(), x'" +
        household + "', '" + who.name() + "', '2026-03-03', 0, 'festival', '" + to_hex(noise) +
        "')");
    REQUIRE_MESSAGE(done.ok(), done.error().text());
  }
}

}  // namespace

TEST_CASE_FIXTURE(LargeVillage,
                  "scenario-03-killed-on-the-way: a first load of 12,000 records, killed at any "
                  "percent, goes on and brings at most one batch again") {
  for (const int percent : {0, 17, 37, 50, 68, 83, 100}) {
    const Phone phone = fresh_phone(township, "percent " + std::to_string(percent));
    const WatchedSync first = kill_sync_at(phone, percent);
    INFO("killed at ", percent, " %, ", first.pulled, " of ", first.pull_total);
    CHECK(first.pull_total == records);
    CHECK((first.status == killed || percent == 100));
    CHECK_FALSE(first.passed_the_end);
    if (first.status == killed) CHECK_FALSE(first.up_to_date);
    check_not_early(phone);
    const WatchedSync second = watch_sync(phone);
    CHECK(second.status == 0);
    CHECK(second.up_to_date);
    CHECK_FALSE(second.passed_the_end);
    CHECK_FALSE(second.fell_back);
    CHECK(first.pulled + second.pulled <= records + limits::changes_rows_max);
    check_whole(phone);
  }
}

TEST_CASE_FIXTURE(LargeVillage,
                  "scenario-03-killed-on-the-way: killed at every batch of one load, it still ends "
                  "and never says early that it is up to date") {
  const Phone phone = fresh_phone(township, "every batch");
  std::uint64_t pulled = 0;
  std::uint64_t kills = 0;
  for (;;) {
    const WatchedSync part = kill_sync_at(phone, 0);
    CHECK_FALSE(part.passed_the_end);
    pulled += part.pulled;
    if (part.status != killed) {
      CHECK(part.status == 0);
      CHECK(part.up_to_date);
      break;
    }
    kills += 1;
    REQUIRE(kills < 100);
    check_not_early(phone);
  }
  CHECK(kills >= 2);
  CHECK(pulled <= records + kills * limits::changes_rows_max);
  check_whole(phone);
}

TEST_CASE(
    "scenario-03-killed-on-the-way: an upload of 400 changes, killed at any percent, goes on where "
    "the township has it") {
  Township township("scenario-03-up");
  SeededRandom random(37);
  Volunteer reader(township, "李秀英");
  Volunteer unharmed(township, "陈静");
  write_400(unharmed, random);
  const WatchedSync whole = watch_sync(Phone(unharmed.file(), unharmed.name()));
  REQUIRE(whole.status == 0);
  CHECK(whole.pushed == changes);
  CHECK(whole.lines >= 4);
  int number = 0;
  for (const int percent : {0, 37, 60, 100}) {
    Volunteer wang(township, "王芳" + std::to_string(number++));
    write_400(wang, random);
    const Phone phone(wang.file(), wang.name());
    const std::string arrived_here =
        "select count(*) from visit where visitor = '" + wang.name() + "'";
    const WatchedSync first = kill_sync_at(phone, percent);
    INFO("killed at ", percent, " %, ", first.pushed, " of ", first.push_total);
    CHECK(first.push_total >= changes);
    CHECK_FALSE(first.passed_the_end);
    const auto pending = static_cast<std::uint64_t>(phone.status().number("pending"));
    CHECK(pending + first.pushed <= changes);  // what was acknowledged is not sent again
    CHECK((!phone.status().boolean("up_to_date") || pending == 0));
    CHECK(wang.read(arrived_here) == std::to_string(changes));
    const std::uint64_t had = std::stoull(township.read(arrived_here));

    const WatchedSync second = watch_sync(phone);
    CHECK(second.status == 0);
    CHECK(second.up_to_date);
    CHECK_FALSE(second.passed_the_end);
    CHECK(second.pushed <= pending);
    CHECK(second.bytes_sent <=
          whole.bytes_sent * (changes - had) / changes + limits::push_bytes_target);
    CHECK(township.read(arrived_here) == std::to_string(changes));
    CHECK(township.read("select count(distinct id) from visit where visitor = '" + wang.name() +
                        "'") == std::to_string(changes));
    (void)reader.sync();
    CHECK(reader.read(arrived_here) == std::to_string(changes));
    check_all_equal(township, {&wang, &reader});
  }
}
