// The contract of DeviceStore on the SDK's replica file.
#include "tests/client/village_replica.hpp"
#include "tests/support/device_digest_contract.hpp"
#include "tests/support/device_fork_contract.hpp"
#include "tests/support/device_own_contract.hpp"
#include "tests/support/device_refill_contract.hpp"
#include "tests/support/device_restore_contract.hpp"
#include "tests/support/device_salvage_contract.hpp"
#include "tests/support/device_store_scopes.hpp"

namespace doorstep::test {
namespace {

class SqliteFixture : public VillageReplica {
 public:
  SqliteFixture() : VillageReplica(contract_identity()) { clock.now = ClockProbe{}; }
};

}  // namespace

TEST_CASE("the replica file keeps every promise of a device store") {
  check_device_store_contract<SqliteFixture>();
}

TEST_CASE(
    "A6: own rows that the hub left out are the hub's from then on, or are asked for (the replica "
    "file)") {
  check_own_inserts<SqliteFixture>();
}

TEST_CASE(
    "a checkpoint names the villages that changed, and the others are compared all the same "
    "(replica file)") {
  check_digests_that_stand<SqliteFixture>();
}

TEST_CASE("the replica file lets rows of a lost scope go, own work first") {
  check_lost_scopes<SqliteFixture>();
}

TEST_CASE(
    "A4: a resident dies in Y unheard of, her family moves to X, Y is lost: she leaves (replica "
    "file)") {
  check_unheard_death<SqliteFixture>();
}

TEST_CASE("a refill takes the place of what its buckets held, own work stays (replica file)") {
  check_refill<SqliteFixture>();
}

TEST_CASE(
    "a comparison is told the rows that are others and own work as it is shown (replica file)") {
  check_comparison<SqliteFixture>();
}

TEST_CASE("C5: a copy of a phone goes on as a device of its own (the replica file)") {
  check_forks<SqliteFixture>();
}

TEST_CASE(
    "D4: with a transaction whose rows the hub does not know those rows are kept (replica file)") {
  check_salvage<SqliteFixture>();
}

TEST_CASE("G: what the hub had is kept, and offered again when it is lost (replica file)") {
  check_restores<SqliteFixture>();
}

}  // namespace doorstep::test
