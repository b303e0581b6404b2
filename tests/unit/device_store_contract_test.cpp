// The contract of DeviceStore on the store of plain maps.
#include "tests/support/device_digest_contract.hpp"
#include "tests/support/device_fork_contract.hpp"
#include "tests/support/device_own_contract.hpp"
#include "tests/support/device_refill_contract.hpp"
#include "tests/support/device_restore_contract.hpp"
#include "tests/support/device_salvage_contract.hpp"
#include "tests/support/device_store_scopes.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

class MemoryFixture {
 public:
  DeviceStore& store() { return store_; }
  void write(const std::vector<SyncWorld::Write>& rows) {
    std::vector<MemoryDeviceStore::RowWrite> writes;
    for (const auto& row : rows)
      writes.push_back({{table_id(schema_, row.table), row.id}, row.image});
    REQUIRE(store_.write(writes, ClockProbe{}).ok());
  }
  std::optional<RowImage> row(std::string_view table, const RowId& id) {
    return store_.row({table_id(schema_, table), id});
  }

 private:
  Schema schema_ = small_village();
  MemoryDeviceStore store_{schema_, contract_identity()};
};

}  // namespace

TEST_CASE("the store of plain maps keeps every promise of a device store") {
  check_device_store_contract<MemoryFixture>();
}

TEST_CASE(
    "A6: own rows that the hub left out are the hub's from then on, or are asked for (plain "
    "maps)") {
  check_own_inserts<MemoryFixture>();
}

TEST_CASE(
    "a checkpoint names the villages that changed, and the others are compared all the same "
    "(plain maps)") {
  check_digests_that_stand<MemoryFixture>();
}

TEST_CASE("the store of plain maps lets rows of a lost scope go, own work first") {
  check_lost_scopes<MemoryFixture>();
}

TEST_CASE(
    "A4: a resident dies in Y unheard of, her family moves to X, Y is lost: she leaves (plain "
    "maps)") {
  check_unheard_death<MemoryFixture>();
}

TEST_CASE("a refill takes the place of what its buckets held, own work stays (plain maps)") {
  check_refill<MemoryFixture>();
}

TEST_CASE(
    "a comparison is told the rows that are others and own work as it is shown (plain maps)") {
  check_comparison<MemoryFixture>();
}

TEST_CASE("C5: a copy of a phone goes on as a device of its own (the store of plain maps)") {
  check_forks<MemoryFixture>();
}

TEST_CASE(
    "D4: with a transaction whose rows the hub does not know those rows are kept (plain maps)") {
  check_salvage<MemoryFixture>();
}

TEST_CASE("G: what the hub had is kept, and offered again when it is lost (plain maps)") {
  check_restores<MemoryFixture>();
}
