// The simulator itself: that it says the same of the same, and that its disk forgets what a disk
// forgets. What it finds in the engine is told by `./dev sim`.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/sim/draw_script.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/sim_vfs.hpp"
#include "tests/sim/world.hpp"
#include "tests/support/history_count.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::sim {
namespace {

std::uint64_t seeds_wanted() {
  const char* given = std::getenv("DOORSTEP_SIM_SEEDS");
  return given == nullptr ? test::history_count(200) : std::strtoull(given, nullptr, 10);
}

/// Installed once, and a folder to work in.
const WorkFolder& folder() {
  static const bool installed = [] {
    install_vfs();
    return true;
  }();
  static const WorkFolder one;
  static_cast<void>(installed);
  return one;
}

std::string failure_of(const RunResult& result) {
  return result.failure ? result.failure->what : std::string();
}

}  // namespace

TEST_CASE(
    "weeks of a village with every fault, each lived twice: nothing is lost, and all is the same") {
  static_cast<void>(folder());
  std::uint64_t deaths = 0;
  for (std::uint64_t seed = 1; seed <= seeds_wanted(); ++seed) {
    CAPTURE(seed);
    const Script script = draw_script(seed);
    const RunResult once = run_script(script);
    REQUIRE(failure_of(once) == "");
    REQUIRE(run_script(script).trace == once.trace);
    deaths += once.counts.deaths;
  }
  CHECK(deaths > seeds_wanted());
}

TEST_CASE("every history that once went wrong is lived again, and goes well") {
  static_cast<void>(folder());
  std::set<std::filesystem::path> scripts;
  for (const auto& one :
       std::filesystem::directory_iterator(test::source_dir() / "tests/sim/scripts"))
    scripts.insert(one.path());
  REQUIRE_FALSE(scripts.empty());
  for (const std::filesystem::path& path : scripts) {
    CAPTURE(path.string());
    std::ifstream file(path);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto script = parse_script(text);
    REQUIRE(script.ok());
    CHECK_FALSE(script->lines.empty());
    CHECK(failure_of(run_script(*script)) == "");
  }
}

TEST_CASE("a script that was printed and read again is the same script, and lives the same life") {
  static_cast<void>(folder());
  const Script script = draw_script(7);
  const auto read = parse_script(print(script));
  REQUIRE(read.ok());
  CHECK(*read == script);
  CHECK(run_script(*read).trace == run_script(script).trace);
  CHECK(run_script(draw_script(8)).trace != run_script(script).trace);
  CHECK(parse_script("12 phone1 sync pick").error().detail == "12 phone1 sync pick");
}

TEST_CASE("of a script that fails only the lines are left that make it fail") {
  Script script = draw_script(3);
  script.lines.insert(script.lines.begin() + 5, {0, "phone1", "pay", {{"value", 13}}});
  script.lines.push_back({script.end_ms, "phone2", "pay", {{"value", 31}}});
  const auto fails = [](const Script& candidate) {
    std::int64_t sum = 0;
    for (const Line& line : candidate.lines) {
      if (line.verb == "pay" && (line.number("value") == 13 || line.number("value") == 31))
        sum += line.number("value");
    }
    return sum >= 44;
  };
  const Script small = shrink(script, fails);
  REQUIRE(small.lines.size() == 2);
  CHECK(small.lines[0].number("value") + small.lines[1].number("value") == 44);
}

TEST_CASE(
    "the power fails: what was synced is there, of the rest each write is there, gone or torn") {
  SeededRandom random(1);
  SimDisk::Fates seen;
  for (int i = 0; i < 50; ++i) {
    SimDisk disk;
    SimFile& file = disk.make("a");
    const std::vector<std::uint8_t> old(2048, 'o');
    const std::vector<std::uint8_t> fresh(2048, 'n');
    disk.write(file, 0, old);
    SimDisk::sync(file);
    disk.write(file, 0, fresh);
    CHECK(file.content == fresh);
    const SimDisk::Fates fates = disk.restart(true, random);
    seen.applied += fates.applied;
    seen.dropped += fates.dropped;
    seen.torn += fates.torn;
    if (fates.applied == 1) CHECK(file.content == fresh);
    if (fates.dropped == 1) CHECK(file.content == old);
    for (std::size_t at = 0; at < file.content.size(); at += 512)
      CHECK(std::count(file.content.begin() + static_cast<std::ptrdiff_t>(at),
                       file.content.begin() + static_cast<std::ptrdiff_t>(at + 512),
                       file.content[at]) == 512);
  }
  CHECK(seen.applied > 5);
  CHECK(seen.dropped > 5);
  CHECK(seen.torn > 5);
}

TEST_CASE("a machine that dies at a write answers nothing any more until it is started again") {
  SeededRandom random(1);
  SimDisk disk;
  disk.die_after(3);
  CHECK(disk.allow(DiskCall::write) == DiskAnswer::ok);
  CHECK(disk.allow(DiskCall::sync) == DiskAnswer::ok);
  CHECK(disk.allow(DiskCall::write) == DiskAnswer::failed);
  CHECK(disk.dead());
  CHECK(disk.allow(DiskCall::read) == DiskAnswer::failed);
  disk.restart(false, random);
  CHECK(disk.allow(DiskCall::read) == DiskAnswer::ok);
  disk.fill(100);
  CHECK(disk.allow(DiskCall::write, 100) == DiskAnswer::ok);
  CHECK(disk.allow(DiskCall::write, 1) == DiskAnswer::full);
  CHECK(disk.allow(DiskCall::write, 0) == DiskAnswer::ok);
}

}  // namespace doorstep::sim
