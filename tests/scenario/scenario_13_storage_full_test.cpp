// Scenario 13 of the field: storage full on a cheap phone during a write, a sync, a purge. Never
// corrupt, unsent work survives, it recovers by itself. Told once on real files in a file system
// that is really full, once with a disk that is full at each size of the file.
#include <doctest/doctest.h>

#include <filesystem>

#include "client-sdk/src/replica_internal.hpp"
#include "tests/scenario/township.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/small_disk.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::uint64_t mebi = std::uint64_t{1} << 20;

/// A visit of 4 kB; `kind` tells who wrote it.
std::string visit_sql(const std::string& village, const std::string& kind) {
  return "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings)"
         " select uuid7(), id, '王芳', '2026-03-03', 0, '" +
         kind + "', '" + std::string(4000, 'x') + "' from household where village_code = '" +
         village + "' order by id limit 1";
}

std::string count_sql(const std::string& kind) {
  return "select count(*) from visit where kind = '" + kind + "'";
}

bool is_full(ErrorCode code) { return code == ErrorCode::disk_full || code == ErrorCode::io_error; }

/// The `doorstep` command on a cheap phone.
class CheapPhone {
 public:
  CheapPhone(Township& township, SmallDisk& disk) : township_(township), disk_(disk) {
    const std::string code = township.hub().enrol("王芳", dushi + "," + next_village);
    done({"init", "--server", township.hub().url(), "--code", code});
    done({"sync"});
  }

  [[nodiscard]] Finished command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), (bin_dir() / "doorstep").string());
    arguments.insert(arguments.end(), {"--db", file()});
    return disk_.run(arguments);
  }
  void done(const std::vector<std::string>& arguments) const {
    const Finished finished = command(arguments);
    REQUIRE_MESSAGE(finished.status == 0, finished.out, finished.err);
  }
  /// Writes until the phone says that it is full; how many times it said that it has it.
  [[nodiscard]] int write_until_full() const {
    for (int written = 0;; ++written) {
      const Finished finished = command({"sql", visit_sql(dushi, "while full")});
      if (finished.status == 0) {
        REQUIRE(written < 1000);
        continue;
      }
      check_says_full(finished);
      return written;
    }
  }
  /// True: it said that it is full; else it was done.
  [[nodiscard]] bool is_refused(const std::vector<std::string>& arguments) const {
    const Finished finished = command(arguments);
    if (finished.status == 0) return false;
    check_says_full(finished);
    return true;
  }
  /// On a copy elsewhere: SQLite's own tool has no room here.
  void check_sound() const {
    const std::string copy = township_.file("copy.db");
    for (const char* const part : {"", "-wal"}) {
      std::filesystem::remove(copy + part);
      if (!std::filesystem::exists(file() + part)) continue;
      std::filesystem::copy_file(file() + part, copy + part);
    }
    CHECK(plain_read(copy, "pragma integrity_check") == "ok");
    std::filesystem::remove(copy + "-shm");
  }
  [[nodiscard]] std::int64_t number(const std::string& select) const {
    return std::stoll(plain_read(file(), select));
  }
  [[nodiscard]] std::string file() const { return disk_.file("wang.db"); }

 private:
  static void check_says_full(const Finished& finished) {
    CHECK(finished.status == 1);
    const bool says = finished.err.find("disk_full") != std::string::npos ||
                      finished.err.find("io_error") != std::string::npos;
    CHECK_MESSAGE(says, finished.err);
  }
  Township& township_;
  SmallDisk& disk_;
};

void check_equal(const Township& township, const CheapPhone& phone) {
  const Finished verified = phone.command({"verify"});
  CHECK_MESSAGE(verified.status == 0, verified.out, verified.err);
  const Json status = last_json(phone.command({"status", "--json"}));
  CHECK(status.boolean("up_to_date"));
  CHECK(status.number("pending") == 0);
  const Finished hub = township.hub().command({"verify"});
  CHECK_MESSAGE(hub.status == 0, hub.out, hub.err);
}

}  // namespace

TEST_CASE("scenario-13-storage-full-on-a-cheap-phone") {
  Township township("scenario-13");
  Volunteer li(township, "李秀英", dushi + "," + next_village);
  SmallDisk disk("scenario-13-phone", 8 * mebi);
  MESSAGE(std::string(disk.is_mounted() ? "a file system of 8 MiB" : "files limited in size"));
  const CheapPhone wang(township, disk);

  // During writes: what she was told is written is there, the last one is not.
  disk.leave(mebi / 8);
  const int written = wang.write_until_full();
  CHECK(written > 0);
  wang.check_sound();
  CHECK(wang.number(count_sql("while full")) == written);
  CHECK(wang.number("select count(*) from ds_outbox") == written);
  CHECK(last_json(wang.command({"status", "--json"})).number("pending") == written);

  // During a sync: at home there is more for her than fits.
  for (int n = 0; n < 300; ++n) {
    const auto visited = li.replica().execute(visit_sql(dushi, "at home"));
    REQUIRE(visited.ok());
  }
  (void)li.sync();
  int refused = 0;
  for (const std::uint64_t left : {0U, 1U, 3U, 10U, 40U, 120U}) {
    CAPTURE(left);
    disk.leave(left * mebi / 128);
    refused += wang.is_refused({"sync"}) ? 1 : 0;
    wang.check_sound();
    CHECK(wang.number(count_sql("while full")) == written);
  }
  CHECK(refused > 0);
  disk.free_space();
  wang.done({"sync"});
  check_equal(township, wang);
  CHECK(wang.number(count_sql("at home")) == 300);
  CHECK(township.read(count_sql("while full")) == std::to_string(written));

  // During a purge: Dushi is to leave her phone, with a visit unsent.
  wang.done({"sql", visit_sql(dushi, "before moving")});
  township.command({"grant", "王芳", "--scope", next_village});
  refused = 0;
  for (const std::uint64_t left : {0U, 1U, 3U, 10U}) {
    CAPTURE(left);
    disk.leave(left * mebi / 128);
    refused += wang.is_refused({"sync"}) ? 1 : 0;
    wang.check_sound();
  }
  CHECK(refused > 0);
  disk.free_space();
  wang.done({"sync"});
  check_equal(township, wang);
  CHECK(wang.number("select count(*) from household where village_code = '" + dushi + "'") == 0);
  CHECK(township.read(count_sql("before moving")) == "1");
  (void)li.sync();
  CHECK(li.read(count_sql("while full")) == std::to_string(written));
  check_all_equal(township, {&li});
}

TEST_CASE("scenario-13-the-disk-is-full-at-each-size-of-the-file") {
  Township township("scenario-13-sizes");
  Volunteer li(township, "李秀英", dushi);
  const std::string file = township.file("wang.db");
  const std::string code = township.hub().enrol("王芳", dushi);
  REQUIRE(enrol_replica({file, township.hub().url(), code}).ok());
  for (int n = 0; n < 40; ++n) REQUIRE(li.replica().execute(visit_sql(dushi, "at home")).ok());
  (void)li.sync();
  const auto pages = [&] { return std::stoll(plain_read(file, "pragma page_count")); };

  // The first load stops at every size, and the next attempt goes on.
  ReplicaSeams seams;
  int refused = 0;
  for (seams.pages_max = pages();; seams.pages_max += 40) {
    auto sync = open_sync(file, {}, seams);
    REQUIRE(sync.ok());
    const auto report = (*sync)->run();
    if (report.ok()) break;
    CHECK(is_full(report.error().code));
    REQUIRE(++refused < 200);
  }
  CHECK(refused > 3);
  auto replica = Replica::open(file).value();
  CHECK(replica->status()->up_to_date);
  CHECK(replica->verify()->ok());

  // A write fails whole, and the ones before it go out although no row fits any more.
  std::int64_t written = 0;
  seams.pages_max = pages() + 30;
  {
    const auto full = open_replica(file, {}, seams).value();
    for (;;) {
      const auto done = full->execute(visit_sql(dushi, "while full"));
      if (!done.ok()) {
        CHECK(done.error().code == ErrorCode::disk_full);
        break;
      }
      REQUIRE(++written < 1000);
    }
  }
  CHECK(written > 0);
  CHECK(plain_read(file, count_sql("while full")) == std::to_string(written));
  seams.pages_max = pages();
  auto sync = open_sync(file, {}, seams).value();
  static_cast<void>(sync->run());
  CHECK(township.read(count_sql("while full")) == std::to_string(written));
  sync.reset();
  auto freed = Sync::open(file).value();
  const auto report = freed->run();
  REQUIRE_MESSAGE(report.ok(), (report.ok() ? "" : report.error().text()));
  CHECK(replica->status()->up_to_date);
  CHECK(replica->verify()->ok());
  (void)li.sync();
  CHECK(li.read(count_sql("while full")) == std::to_string(written));
  check_all_equal(township, {&li});
}
