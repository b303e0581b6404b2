// The contract of DeviceStore on the SDK's replica file.
#include "tests/support/device_store_scopes.hpp"

#include "tests/client/village_replica.hpp"

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

TEST_CASE("the replica file lets rows of a lost scope go, own work first") {
  check_lost_scopes<SqliteFixture>();
}

}  // namespace doorstep::test
