// A replica file with the schema and the rows of tests/support, driven as MemoryDeviceStore is.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/row.hpp"
#include "tests/client/folder.hpp"
#include "tests/client/set_clock.hpp"
#include "tests/support/sync_world.hpp"

namespace doorstep::test {

/// Every call fails the running test with the error's text.
class VillageReplica {
 public:
  explicit VillageReplica(const MemoryDeviceStore::Identity& identity);

  [[nodiscard]] DeviceStore& store() { return *store_; }
  [[nodiscard]] Replica& replica() { return *replica_; }
  /// One local transaction by SQL.
  void write(const std::vector<SyncWorld::Write>& rows);
  [[nodiscard]] std::optional<RowImage> row(std::string_view table, const RowId& id);
  /// All rows shown.
  [[nodiscard]] std::map<RowKey, RowImage> rows();
  /// The one number that a query gives.
  [[nodiscard]] std::int64_t number(std::string_view sql);
  /// Closes the file and opens it again.
  void restart();
  void close();
  [[nodiscard]] std::string path() const { return folder_.file("replica.db"); }

  SetClock clock;

  [[nodiscard]] ReplicaSeams seams();

 private:
  [[nodiscard]] SqlResult query(std::string_view sql, const Bindings& bindings = {});

  Folder folder_;
  Schema schema_ = small_village();
  SeededRandom random_{1};
  std::shared_ptr<Replica> replica_;
  std::unique_ptr<DeviceStore> store_;
};

}  // namespace doorstep::test
