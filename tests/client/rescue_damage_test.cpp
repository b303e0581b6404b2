// Random damage of a phone's file, by seed: whatever breaks, what the hub has in the end is each
// transaction once, and all that is missing is named.
#include <doctest/doctest.h>

#include <filesystem>

#include "client-sdk/src/sqlite_device_store.hpp"
#include "engine/session/import_rescued.hpp"
#include "engine/session/settle_quarantine.hpp"
#include "tests/client/damaged_phone.hpp"

namespace doorstep::test {
namespace {

enum class Damage { flips, pages, cut, zeros, log_flips };
constexpr std::array all_damage{Damage::flips, Damage::pages, Damage::cut, Damage::zeros,
                                Damage::log_flips};
constexpr std::size_t page_bytes = 4096;

void flip_some(std::string& bytes, Random& random) {
  const std::uint64_t count = 1 + random.below(200);
  for (std::uint64_t i = 0; i < count && !bytes.empty(); ++i) {
    char& one = bytes[static_cast<std::size_t>(random.below(bytes.size()))];
    one = static_cast<char>(one ^ static_cast<char>(1 + random.below(255)));
  }
}

void overwrite_pages(std::string& bytes, Random& random, char with) {
  const std::uint64_t count = 1 + random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto page = static_cast<std::size_t>(random.below(bytes.size() / page_bytes));
    bytes.replace(page * page_bytes, page_bytes, page_bytes, with);
  }
}

/// Of the closed file, or of file and log as a power cut leaves them.
void damage(const std::string& path, Damage kind, Random& random) {
  std::string main = bytes_in(path);
  std::string log = bytes_in(path + "-wal");
  switch (kind) {
    case Damage::flips:
      flip_some(main, random);
      break;
    case Damage::pages:
      overwrite_pages(main, random, '\x5A');
      break;
    case Damage::cut:
      main.resize(static_cast<std::size_t>(random.below(main.size())));
      break;
    case Damage::zeros:
      overwrite_pages(main, random, '\0');
      break;
    case Damage::log_flips:
      flip_some(log, random);
      break;
  }
  put_bytes(path, main);
  if (!log.empty()) put_bytes(path + "-wal", log);
}

struct Met {
  int sound = 0;
  int rows_kept = 0;
  int rebuilt = 0;
  int enrol_again = 0;
  int whole = 0;  ///< nothing was lost
  int left = 0;
  std::uint64_t from_log = 0;  ///< transactions behind a damaged place of the log
};

/// The township takes the sealed file in, and lets everything of it in that can be read.
void take_in(DamagedPhone& phone, const RescueReport& report) {
  const std::string sealed = bytes_in(report.sealed_file);
  RescueImport request;
  request.work = decode_rescued(bytes_of(sealed)).value();
  if (!request.work.device) request.device = phone.mine.store->state()->device;
  request.now = phone.world.now;
  request.token = phone.world.new_token();
  const auto imported = import_rescued(*phone.world.hub, request);
  REQUIRE(imported.ok());
  const auto again = import_rescued(*phone.world.hub, request);
  REQUIRE(again.ok());
  CHECK(again->waiting == 0);
  const auto waiting = phone.world.hub->snapshot().value()->quarantine({100, true}).value();
  for (auto one = waiting.rbegin(); one != waiting.rend(); ++one) {
    if (!one->reason.detail.empty()) continue;  // nobody knows whether it is as it was written
    static_cast<void>(admit_quarantined(
        *phone.world.hub, {{one->id}, "secretary", phone.world.now, phone.world.new_token()}));
  }
}

void check_world(DamagedPhone& phone, Damage kind, const RescueReport& report, Met& met) {
  const std::uint64_t at_hub = phone.visits_at_hub();
  CHECK(phone.boxes_at_hub() == static_cast<std::int64_t>(at_hub));
  met.whole += at_hub == DamagedPhone::unsent_visits ? 1 : 0;
  if (kind == Damage::log_flips) {
    // Where only the end of the log is damaged it looks like a commit that a power cut has undone.
    met.from_log += report.unsent;
    if (report.damage.empty()) CHECK(at_hub + 1 >= DamagedPhone::unsent_visits);
  } else if (report.damage.empty()) {
    CHECK(at_hub == DamagedPhone::unsent_visits);
  } else if (report.left + report.unreadable == 0 && at_hub < DamagedPhone::unsent_visits) {
    CHECK(kind == Damage::cut);  // so little is left that not even its numbers are known
  } else {
    CHECK(at_hub + report.unreadable + report.left >= DamagedPhone::unsent_visits);
  }
}

void play(std::uint64_t seed, Damage kind, Met& met) {
  SeededRandom random(seed);
  DamagedPhone phone(seed);
  const std::string main = bytes_in(phone.path());
  const std::string log = bytes_in(phone.path() + "-wal");
  phone.replica.close();
  if (kind == Damage::log_flips) {
    put_bytes(phone.path(), main);
    put_bytes(phone.path() + "-wal", log);
  }
  damage(phone.path(), kind, random);
  phone.colleague_writes();
  const auto opened = open_replica(phone.path(), {}, phone.replica.seams());
  const auto report = phone.rescue();
  if (!report) {  // not even the mark in the header is left of it
    CHECK(report.error().code == ErrorCode::not_a_replica);
    CHECK(std::filesystem::file_size(phone.path()) < 72);
    return;
  }
  if (!opened) CHECK_FALSE(report->damage.empty());
  CAPTURE(report->damage);
  met.sound += report->damage.empty() ? 1 : 0;
  if (report->enrol_again) {
    ++met.enrol_again;
    take_in(phone, *report);
  } else {
    ++(report->rows_kept ? met.rows_kept : met.rebuilt);
    phone.replica.restart();
    auto& store = dynamic_cast<SqliteDeviceStore&>(phone.replica.store());
    REQUIRE(store.check_rows(true).ok());
    phone.sync_to_the_end();
    if (report->left > 0) take_in(phone, *report);
    met.left += report->left > 0 ? 1 : 0;
    phone.sync_to_the_end();
    CHECK(phone.difference() == "");
  }
  check_world(phone, kind, *report, met);
}

}  // namespace

TEST_CASE(
    "a phone's file is damaged anywhere: after the rescue the hub has each transaction once, "
    "and what is missing is counted") {
  constexpr std::uint64_t seeds = 12;
  Met met;
  for (const Damage kind : all_damage) {
    CAPTURE(static_cast<int>(kind));
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      CAPTURE(seed);
      play(seed, kind, met);
    }
  }
  MESSAGE("sound " << met.sound << ", rows kept " << met.rows_kept << ", rebuilt " << met.rebuilt
                   << ", to enrol again " << met.enrol_again << ", nothing lost " << met.whole
                   << ", sealed work taken in " << met.left);
  CHECK(met.rows_kept > 0);
  CHECK(met.rebuilt > 0);
  CHECK(met.enrol_again > 0);
  CHECK(met.left > 0);
  CHECK(met.from_log > seeds);
  CHECK(met.whole > static_cast<int>(seeds) * 2);
}

}  // namespace doorstep::test
