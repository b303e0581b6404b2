// A volunteer's phone whose file breaks while work waits in it, the township's hub, and the phone
// of a colleague in the same village.
#pragma once

#include <string>

#include "client-sdk/src/rescue.hpp"
#include "tests/client/village_replica.hpp"
#include "tests/support/test_link.hpp"

namespace doorstep::test {

class DamagedPhone {
 public:
  static constexpr std::uint8_t household_count = 60;
  static constexpr std::uint64_t unsent_visits = 12;

  /// Sixty households are loaded; then, without signal: twelve visits, each a transaction that also
  /// gives a box to household 1.
  explicit DamagedPhone(std::uint64_t seed = 1);

  void visit(std::uint8_t number);
  /// One connection; the error that ended it, or empty.
  std::string sync();
  /// Until it is up to date; fails the test after a few connections.
  void sync_to_the_end();
  /// The colleague changes household 2 while this phone lies broken.
  void colleague_writes();

  /// The files of the closed replica.
  [[nodiscard]] std::string path() const { return replica.path(); }
  Result<RescueReport> rescue() { return rescue_replica(path(), replica.seams()); }

  /// What this phone shows against what the hub has; empty when they are equal by rows and digest
  /// and nothing waits.
  [[nodiscard]] std::string difference();
  /// Of the unsent visits: how many the hub has.
  [[nodiscard]] std::uint64_t visits_at_hub();
  [[nodiscard]] std::int64_t boxes_at_hub();

  SyncWorld world;
  Phone& colleague;
  Phone& mine;  ///< who this phone is, and its clocks; its store is not used
  VillageReplica replica;
};

/// Bytes of a file; empty when it is not there.
[[nodiscard]] std::string bytes_in(const std::string& path);
void put_bytes(const std::string& path, const std::string& bytes);

}  // namespace doorstep::test
