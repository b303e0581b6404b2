// A HubStore of plain maps: the reference that the others are compared with, and the hub of unit
// tests and the simulator. Nothing survives the process.
//
// Threads: one thread for everything. Snapshots stay valid while commits go on, and may outlive the
// store. As nothing can end an open commit but its own thread, begin() beside one does not wait: it
// fails with busy.
#pragma once

#include <memory>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

struct MemoryHubState;

class MemoryHubStore final : public HubStore {
 public:
  MemoryHubStore(Schema schema, HubIdentity identity);
  ~MemoryHubStore() override;
  /// Another database with all that this one has now, as a backup is.
  MemoryHubStore(const MemoryHubStore& other);
  MemoryHubStore& operator=(const MemoryHubStore&) = delete;

  /// What stands for the rules' SQL here: asked with the open commit and the rows written. Without
  /// one no rule is ever broken.
  using Rules =
      std::function<Result<std::optional<BrokenRule>>(HubCommit&, std::span<const RowKey> written)>;
  void set_rules(Rules rules);

  [[nodiscard]] const Schema& schema() const override;
  [[nodiscard]] const HubIdentity& identity() const override;
  [[nodiscard]] Result<std::unique_ptr<HubCommit>> begin() override;
  [[nodiscard]] Result<std::unique_ptr<HubSnapshot>> snapshot() override;

 private:
  class Commit;
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace doorstep
