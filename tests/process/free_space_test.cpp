// The township sees which phones are nearly full: with real processes.
#include <doctest/doctest.h>

#include <string>

#include "tests/support/cast.hpp"
#include "tests/support/small_disk.hpp"

using namespace doorstep::test;

TEST_CASE("a phone that is nearly full is seen at the township, one that has not called is not") {
  constexpr std::int64_t disk_bytes = 8'000'000;
  const ScratchFolder folder("free-space");
  const SmallDisk disk("free-space-phone", std::uint64_t{disk_bytes});
  TownshipHub hub(folder.file("hub"));
  REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
  hub.serve();
  const Phone full(disk.file("full.db"), "Chen");
  const Phone silent(folder.file("silent.db"), "Wang");
  REQUIRE(full.enrol(hub).status == 0);
  REQUIRE(silent.enrol(hub).status == 0);
  const Finished synced = full.sync();
  REQUIRE_MESSAGE(synced.status == 0, synced.err);
  hub.stop();

  const auto fleet = json_lines(hub.command({"devices", "--json"}).out);
  REQUIRE(fleet.size() == 2);
  CHECK(fleet[0].text("name") == "Chen");
  const auto said = fleet[0].number("free_bytes");
  CHECK(said > 0);
  CHECK(full.status().number("free_bytes") > 0);
  // Where no disk of its own can be mounted, it is the machine's.
  if (disk.is_mounted()) {
    CHECK(said < disk_bytes);
    CHECK(full.status().number("free_bytes") < disk_bytes);
  }
  CHECK(fleet[1].text("name") == "Wang");
  CHECK(fleet[1].source().find("\"free_bytes\":null") != std::string::npos);

  const std::string table = hub.command({"devices"}).out;
  CHECK_MESSAGE(table.find("FREE") != std::string::npos, table);
  if (disk.is_mounted()) CHECK_MESSAGE(table.find(" MB") != std::string::npos, table);
  const Finished spoken = full.command({"status"});
  CHECK_MESSAGE(spoken.out.find("free space") != std::string::npos, spoken.out);
}
