// A hub in memory that takes a random history the way the merge writer does: every batch goes
// through merge_into(), with the schema's rules asked inside the commit.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/ports/memory_hub_store.hpp"
#include "tests/support/random_history.hpp"

namespace doorstep::test {

class EngineHub {
 public:
  EngineHub();

  /// One commit. What became of each transaction, in the order given.
  std::vector<Outcome> take(std::span<const IncomingTransaction> transactions);

  /// One commit; false when it was refused and the commit holds nothing.
  bool take(const HubAct& act);

  /// Every row that was ever there, live or dead, as of now.
  [[nodiscard]] const std::map<RowKey, StoredRow>& rows() const { return rows_; }
  /// All records that are not withdrawn.
  [[nodiscard]] std::vector<Conflict> records();
  /// Those of the last commit.
  [[nodiscard]] std::vector<Departure> departures();
  /// Empty when the running sums are what a scan of the rows gives.
  [[nodiscard]] std::string damaged_digests();

 private:
  void look();
  void propose(const HubAct& act);

  MemoryHubStore store_;
  std::set<RowKey> named_;  ///< by any transaction so far
  std::map<RowKey, StoredRow> rows_;
};

}  // namespace doorstep::test
