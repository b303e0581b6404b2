// The contract of DeviceStore on the store of plain maps.
#include "tests/support/device_store_contract.hpp"

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

TEST_CASE_TEMPLATE("device store: the outbox is a chain, in order, cut by bytes", F,
                   MemoryFixture) {
  check_outbox<F>();
}
TEST_CASE_TEMPLATE("device store: own work stays shown until a checkpoint includes it", F,
                   MemoryFixture) {
  check_overlay<F>();
}
TEST_CASE_TEMPLATE("device store: a rejection takes back its own part only", F, MemoryFixture) {
  check_rejection<F>();
}
TEST_CASE_TEMPLATE("device store: a row removed under own writes stays until they are confirmed", F,
                   MemoryFixture) {
  check_removal_under_pending_writes<F>();
}
TEST_CASE_TEMPLATE("device store: staged batches are seen at their checkpoint only", F,
                   MemoryFixture) {
  check_staging<F>();
}
TEST_CASE_TEMPLATE("device store: departures, arrivals and digests", F, MemoryFixture) {
  check_departures_and_digests<F>();
}
