// A phone's file breaks while work waits in it: what is rescued, and that the hub gets each piece
// of it once.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "engine/ports/fault.hpp"
#include "engine/wire/rescued_work.hpp"
#include "tests/client/damaged_phone.hpp"

namespace doorstep::test {
namespace {

constexpr std::size_t page_bytes = 4096;

ErrorCode error_of_open(DamagedPhone& phone) {
  const auto opened = open_replica(phone.path(), {}, phone.replica.seams());
  return opened ? ErrorCode{} : opened.error().code;
}

/// Wipes the pages of the closed file that hold `text`; how many.
std::size_t wipe_pages_with(const std::string& path, std::string_view text, bool all) {
  std::string bytes = bytes_in(path);
  std::size_t wiped = 0;
  for (std::size_t at = 0; at + page_bytes <= bytes.size(); at += page_bytes) {
    if (std::string_view(bytes).substr(at, page_bytes).find(text) == std::string_view::npos)
      continue;
    bytes.replace(at, page_bytes, page_bytes, '\xA5');
    ++wiped;
    if (!all) break;
  }
  put_bytes(path, bytes);
  return wiped;
}

void check_nothing_lost_or_doubled(DamagedPhone& phone) {
  CHECK(phone.difference() == "");
  CHECK(phone.visits_at_hub() == DamagedPhone::unsent_visits);
  CHECK(phone.boxes_at_hub() == static_cast<std::int64_t>(DamagedPhone::unsent_visits));
}

RescueReport rescued(DamagedPhone& phone) {
  auto report = phone.rescue();
  REQUIRE_MESSAGE(report.ok(), (report.ok() ? "" : report.error().text()));
  return *std::move(report);
}

}  // namespace

TEST_CASE(
    "the first page of a phone's file is overwritten: open says so, a rescue brings back the "
    "phone and all that it had not sent") {
  DamagedPhone phone;
  phone.replica.close();
  std::string bytes = bytes_in(phone.path());
  bytes.replace(0, page_bytes, page_bytes, '\0');
  put_bytes(phone.path(), bytes);
  CHECK(error_of_open(phone) == ErrorCode::replica_damaged);
  phone.colleague_writes();

  const RescueReport report = rescued(phone);
  CHECK_FALSE(report.damage.empty());
  CHECK_FALSE(report.enrol_again);
  CHECK(report.unsent == DamagedPhone::unsent_visits);
  CHECK(report.left + report.unreadable == 0);
  CHECK(bytes_in(report.damaged_file) == bytes);
  phone.replica.restart();
  // Without signal it already shows what was written here.
  CHECK(phone.replica.number("SELECT count(*) FROM visit") == DamagedPhone::unsent_visits);
  CHECK(phone.replica.replica().status()->pending == DamagedPhone::unsent_visits);
  CHECK_FALSE(phone.replica.replica().status()->up_to_date);
  phone.sync_to_the_end();
  check_nothing_lost_or_doubled(phone);
}

TEST_CASE(
    "pages of records are overwritten: the others are taken over, and the next sync brings "
    "only what differs") {
  DamagedPhone phone;
  phone.replica.close();
  REQUIRE(wipe_pages_with(phone.path(), "courtyard 40", false) == 1);
  CHECK(error_of_open(phone) == ErrorCode::replica_damaged);
  const RescueReport report = rescued(phone);
  CHECK(report.rows_kept);
  CHECK(report.rows > DamagedPhone::household_count / 2);
  CHECK(report.unsent == DamagedPhone::unsent_visits);
  phone.replica.restart();
  TestLink link(phone.world, phone.mine, phone.replica.store());
  link.run();
  CHECK(link.up_to_date);
  REQUIRE(link.applied.size() >= 1);
  CHECK(link.applied[0].reconciled);
  REQUIRE(link.applied[0].healed.size() >= 1);
  const TableDifference& healed = link.applied[0].healed[0];
  CHECK(healed.table == "household");
  CHECK(healed.missing > 0);
  CHECK(healed.missing < DamagedPhone::household_count);
  CHECK(healed.rows.size() == healed.missing + healed.changed);
  CHECK(phone.replica.replica().status()->healed == link.applied[0].healed);
  check_nothing_lost_or_doubled(phone);
}

TEST_CASE(
    "the sealed file is its owner's alone, holds what was unsent as it was written, and says "
    "when it was changed") {
  DamagedPhone phone;
  phone.replica.close();
  REQUIRE(wipe_pages_with(phone.path(), "courtyard 40", false) == 1);
  const RescueReport report = rescued(phone);
  struct ::stat info {};
  REQUIRE(::stat(report.sealed_file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600U);
  std::string bytes = bytes_in(report.sealed_file);
  const auto work = decode_rescued(bytes_of(bytes));
  REQUIRE(work.ok());
  CHECK(work->is_signed);
  CHECK(work->device == phone.mine.store->state()->device);
  REQUIRE(work->transactions.size() == DamagedPhone::unsent_visits);
  Hash before = work->transactions.front().hash;
  for (std::size_t i = 1; i < work->transactions.size(); ++i) {
    const RescuedTransaction& one = work->transactions[i];
    CHECK(one.on_phone);
    CHECK(chain_hash(before, *work->device, one.sequence, one.body) == one.hash);
    before = one.hash;
  }
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  CHECK(decode_rescued(bytes_of(bytes)).error().code == ErrorCode::malformed);
  CHECK(decode_rescued(bytes_of("doorstep")).error().code == ErrorCode::malformed);
}

TEST_CASE("a rescue that is killed at any step, or has no room, is run again and loses nothing") {
  for (const char* point : {"rescue.begun", "rescue.log_aside", "rescue.aside", "rescue.sealed",
                            "rescue.before_commit", "rescue.built", "rescue.placed"}) {
    CAPTURE(point);
    DamagedPhone phone;
    phone.replica.close();
    REQUIRE(wipe_pages_with(phone.path(), "courtyard 40", false) == 1);
    put_bytes(phone.path() + "-wal", "not a log");
    const pid_t child = ::fork();
    if (child == 0) {
      install_fault_plan([point](std::string_view reached) {
        if (reached == point) ::_exit(42);
      });
      static_cast<void>(phone.rescue());
      ::_exit(2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 42);
    CHECK(error_of_open(phone) == ErrorCode::replica_damaged);
    const RescueReport report = rescued(phone);
    CHECK(report.unsent == DamagedPhone::unsent_visits);
    CHECK(std::filesystem::exists(report.damaged_file));
    CHECK(std::filesystem::exists(report.sealed_file));
    CHECK_FALSE(std::filesystem::exists(phone.path() + "-rescue"));
    phone.replica.restart();
    phone.sync_to_the_end();
    check_nothing_lost_or_doubled(phone);
    CHECK(rescued(phone).damage == "");
  }
}

TEST_CASE("the hub has merged unsent work and the ack was lost: after a rescue it is not doubled") {
  DamagedPhone phone;
  {
    TestLink link(phone.world, phone.mine, phone.replica.store());
    while (link.work_done < 3 && (link.deliver_up() || link.work() || link.deliver_down())) {
      if (phone.visits_at_hub() == DamagedPhone::unsent_visits) break;
    }
    REQUIRE(phone.visits_at_hub() == DamagedPhone::unsent_visits);
    link.cut();
  }
  phone.replica.close();
  REQUIRE(wipe_pages_with(phone.path(), "courtyard 40", false) == 1);
  CHECK(rescued(phone).unsent == DamagedPhone::unsent_visits);
  phone.replica.restart();
  phone.sync_to_the_end();
  check_nothing_lost_or_doubled(phone);
}

TEST_CASE(
    "the log is lost or garbage: the file is one from before, and what the hub has comes "
    "back") {
  for (const bool garbage : {false, true}) {
    CAPTURE(garbage);
    DamagedPhone phone;
    // The file as the last checkpoint of SQLite left it, when nothing of the twelve was in it.
    const std::string log = phone.path() + "-wal";
    REQUIRE(std::filesystem::exists(log));
    phone.sync_to_the_end();
    std::string main = bytes_in(phone.path());
    phone.replica.close();
    put_bytes(phone.path(), main);
    if (garbage) put_bytes(log, std::string(40'000, '\x5A'));
    std::filesystem::remove(phone.path() + "-shm");
    const auto report = phone.rescue();
    REQUIRE(report.ok());
    phone.replica.restart();
    // It may be a file from before the sync: then it goes on as a new device (SEMANTICS C5).
    for (int i = 0; i < 4; ++i) (void)phone.sync();
    check_nothing_lost_or_doubled(phone);
  }
}

TEST_CASE(
    "a transaction in the middle cannot be read: those before it are sent, those behind it "
    "wait in the sealed file, and the phone works on") {
  DamagedPhone phone;
  phone.replica.close();
  std::string bytes = bytes_in(phone.path());
  // Every copy of the fifth visit's text in transactions, which is not where its row has it.
  std::size_t changed = 0;
  for (std::size_t at = bytes.find("visit 5!"); at != std::string::npos;
       at = bytes.find("visit 5!", at + 1)) {
    bytes[at] = '?';
    ++changed;
  }
  REQUIRE(changed > 0);
  put_bytes(phone.path(), bytes);
  const RescueReport report = rescued(phone);
  CHECK(report.damage.find("is not as it was written") != std::string::npos);
  CHECK(report.unsent == 4);
  CHECK(report.left == 8);
  phone.replica.restart();
  phone.sync_to_the_end();
  CHECK(phone.difference() == "");
  CHECK(phone.visits_at_hub() == 4);
  CHECK(phone.boxes_at_hub() == 4);
  const std::string sealed = bytes_in(report.sealed_file);
  const auto work = decode_rescued(bytes_of(sealed));
  REQUIRE(work.ok());
  std::size_t waiting = 0;
  for (const RescuedTransaction& one : work->transactions) waiting += one.on_phone ? 0U : 1U;
  CHECK(waiting == 8);
  phone.visit(5);
  phone.sync_to_the_end();
  CHECK(phone.visits_at_hub() == 5);
}

TEST_CASE("the keys cannot be read: the work is sealed, and the phone is to be enrolled again") {
  DamagedPhone phone;
  const Nonce seed = phone.mine.store->state()->keys.seed;
  phone.replica.close();
  REQUIRE(wipe_pages_with(phone.path(), text_of(seed.view()), true) >= 1);
  const RescueReport report = rescued(phone);
  CHECK(report.enrol_again);
  CHECK(report.unsent == 0);
  CHECK(report.left == DamagedPhone::unsent_visits);
  CHECK_FALSE(std::filesystem::exists(phone.path()));
  CHECK(error_of_open(phone) == ErrorCode::not_a_replica);
  const std::string sealed = bytes_in(report.sealed_file);
  const auto work = decode_rescued(bytes_of(sealed));
  REQUIRE(work.ok());
  CHECK_FALSE(work->is_signed);
  CHECK(work->transactions.size() == DamagedPhone::unsent_visits);
}

TEST_CASE("a sound file, and one that is none of ours, are left alone by a rescue") {
  DamagedPhone phone;
  phone.replica.close();
  CHECK(rescued(phone).damage == "");
  phone.replica.restart();
  phone.sync_to_the_end();
  check_nothing_lost_or_doubled(phone);
  const std::string photo = phone.path() + ".jpg";
  put_bytes(photo, std::string(20'000, 'j'));
  CHECK(rescue_replica(photo).error().code == ErrorCode::not_a_replica);
  CHECK(bytes_in(photo) == std::string(20'000, 'j'));
  CHECK(rescue_replica(phone.path() + ".none").error().code == ErrorCode::not_a_replica);
}

}  // namespace doorstep::test
