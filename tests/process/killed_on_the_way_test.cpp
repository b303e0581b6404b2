// The township's hub, and now and then the phone, killed at random percents of a first load and of
// an upload: what the phone shows of its progress, what is sent again, and what stands at the end.
#include <doctest/doctest.h>
#include <signal.h>

#include "engine/core/limits.hpp"
#include "engine/ports/random.hpp"
#include "tests/support/watched_sync.hpp"

using namespace doorstep::test;

namespace {

constexpr int killed = 128 + SIGKILL;
namespace limits = doorstep::limits;

struct Roads {
  ScratchFolder folder{"roads"};
  TownshipHub hub{folder.file("hub")};
  doorstep::SeededRandom random{37};

  Roads() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
    hub.serve();
  }

  Phone enrolled(const std::string& name) {
    Phone phone(folder.file(name + ".db"), name);
    const Finished done = phone.enrol(hub);
    REQUIRE_MESSAGE(done.status == 0, done.err);
    return phone;
  }
  [[nodiscard]] int percent() { return static_cast<int>(random.below(100)); }
  void kill_hub() {
    hub.kill();
    hub.serve();
    REQUIRE(hub.serving());
  }
  void check_well(const Phone& phone) {
    const Json status = phone.status();
    CHECK(status.number("pending") == 0);
    CHECK_MESSAGE(status.boolean("up_to_date"), status.source());
    CHECK(phone.command({"verify"}).status == 0);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Roads,
                  "a first load while the hub is killed at random percents: the phone goes on by "
                  "itself, and gets at most one batch again each time") {
  std::uint64_t whole = 0;
  for (int i = 0; i < 6; ++i) {
    CAPTURE(i);
    const Phone phone = enrolled("load " + std::to_string(i));
    const WatchedSync load = watch_sync(phone, percent(), [&](Process&) { kill_hub(); });
    CHECK(load.status == 0);
    CHECK(load.up_to_date);
    CHECK_FALSE(load.passed_the_end);
    whole = std::max(whole, load.pull_total);
    CHECK(load.pulled <= whole + limits::changes_rows_max);
    CHECK(phone.read("select count(*) from resident") ==
          plain_read(hub.database(), "select count(*) from resident"));
    check_well(phone);
  }
  CHECK(hub.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(Roads,
                  "an upload while phone and hub are killed at random percents: each change is at "
                  "the hub once, and none is pending that the hub has acknowledged") {
  const Phone phone = enrolled("upload");
  REQUIRE(phone.sync().status == 0);
  const std::string household = phone.read("select hex(min(id)) from household");
  const std::string count =
      "select count(*), count(distinct id) from visit where visitor = 'upload'";
  for (int round = 1; round <= 6; ++round) {
    CAPTURE(round);
    for (int i = 0; i < 20; ++i) {  // each as large as forty visits with their texts
      const Finished done = phone.sql(
          "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) "
          "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20) select "
          "uuid7(), x'" +
          household + "', 'upload', '2026-11-21', 0, 'day', hex(randomblob(1200)) from n");
      REQUIRE_MESSAGE(done.status == 0, done.err);
    }
    const WatchedSync first = kill_sync_at(phone, percent());
    CHECK_FALSE(first.passed_the_end);
    const auto pending = static_cast<std::uint64_t>(phone.status().number("pending"));
    CHECK(pending + first.pushed <= 20);
    if (first.status == killed) CHECK_FALSE(first.up_to_date);
    CHECK((pending == 0 || !phone.status().boolean("up_to_date")));

    const WatchedSync second = watch_sync(phone, percent(), [&](Process&) { kill_hub(); });
    CHECK(second.status == 0);
    CHECK(second.up_to_date);
    CHECK_FALSE(second.passed_the_end);
    const std::string all = std::to_string(round * 400);
    CHECK(phone.read(count) == all + "|" + all);
    CHECK(plain_read(hub.database(), count) == all + "|" + all);
  }
  check_well(phone);
  CHECK(hub.command({"verify"}).status == 0);
}
