// What a replica knows of the storage that it is on.
#include <doctest/doctest.h>
#include <sys/statvfs.h>

#include "client-sdk/src/replica_files.hpp"
#include "tests/client/phone.hpp"

namespace doorstep::test {

TEST_CASE("the free space is that of the folder the replica is in") {
  // What the kernel shows as files holds nothing more, whoever asks.
  CHECK(system_files().free_bytes("/proc/village.db") == 0);
  CHECK(system_files().free_bytes("/no such folder/village.db") == std::nullopt);
  const Folder folder;
  struct statvfs storage = {};
  REQUIRE(::statvfs(folder.file("").c_str(), &storage) == 0);
  const auto all = std::uint64_t{storage.f_blocks} * std::uint64_t{storage.f_frsize};
  const auto free = system_files().free_bytes(folder.file("village.db"));
  REQUIRE(free.has_value());
  CHECK(*free > 0);
  CHECK(*free <= all);
}

TEST_CASE("a volunteer's phone says in its status how much it may still write") {
  const Folder folder;
  Phone phone(folder.file("village.db"));
  const auto free = phone.status().free_bytes;
  REQUIRE(free.has_value());
  CHECK(*free > 0);
}

}  // namespace doorstep::test
