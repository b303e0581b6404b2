// missing(), asked again while what it named is being loaded: what the transactions touch is
// gathered once. Lives as long as one load; the row set may grow meanwhile.
#pragma once

#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/core/merge_batch.hpp"

namespace doorstep {

class MissingSearch {
 public:
  /// All outlive this. What of earlier commits fell must be in `rows` already.
  MissingSearch(const Schema& schema, std::span<const IncomingTransaction> transactions,
                const RowSet& rows);

  /// What is not in `rows` yet, as far as that can be said now; nothing once all is there.
  [[nodiscard]] MissingRows next();

 private:
  struct Touched {
    bool inserted = false;
    bool removed = false;
    bool scope_written = false;
    bool decides = false;
    std::vector<RowKey> parents;                       // that its changes name
    std::vector<RowKey> named;                         // units, and what fell, the same
    std::vector<ScopeId> scopes;                       // the same
    std::vector<const std::vector<ScopeId>*> granted;  // to those who touch it
  };

  void add(const IncomingTransaction& transaction, const RowChange& change);
  const StoredRow* stored(const RowKey& key);
  void fallen_targets(const DeviceId& author, const RowChange& change, Touched& touched) const;
  void written(const RowKey& key, const Touched& touched);
  void parents_of(const StoredRow& row);
  void parent(const RowKey& key);
  void children(const RowKey& key);
  void unit(const StoredRow& dead);
  void units(const RowKey& key, const Touched& touched);
  void units_above(const ScopeId& scope, const std::vector<ScopeId>& granted);

  const Schema& schema_;
  const RowSet& rows_;
  std::unordered_map<RowKey, Touched, RowKeyHash> touched_;
  std::unordered_set<RowKey, RowKeyHash> walked_up_;
  std::unordered_set<RowKey, RowKeyHash> walked_down_;
  MissingRows missing_;
};

}  // namespace doorstep
