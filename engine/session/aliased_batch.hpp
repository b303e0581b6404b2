// A batch of transactions on its way into a commit, with ids of merged rows replaced (SEMANTICS
// D6): aliases are looked up before rows are fetched, and what came addressed to one is logged once
// it is known which transactions are in. Costs one look-up where a hub has no merged rows.
#pragma once

#include <span>
#include <vector>

#include "engine/core/readdress.hpp"
#include "engine/ports/hub_store.hpp"

namespace doorstep {

class AliasedBatch {
 public:
  /// `commit` and `schema` outlive this.
  AliasedBatch(HubCommit& commit, const Schema& schema) : commit_(commit), schema_(schema) {}

  /// Looks the ids up that the transactions name. Call first.
  [[nodiscard]] Status take(std::span<const IncomingTransaction> transactions);
  /// What to merge in their place; the same number, in the same order.
  [[nodiscard]] std::span<const IncomingTransaction> transactions() const { return transactions_; }

  /// To be called for every row that was fetched, before merge() sees it.
  [[nodiscard]] Status resolve(StoredRow& row);
  /// To be called once all rows are there, before merge(): settle_readdressed().
  void settle(const RowSet& rows);

  /// Adds to the result what the aliases brought about (overruled deletes), and logs what was
  /// readdressed in transactions that are in.
  [[nodiscard]] Status finish(const RowSet& rows, MergeResult& result);

 private:
  [[nodiscard]] Status look_up(const RowKey& key);
  [[nodiscard]] Status finish_one(std::size_t index, const RowSet& rows, MergeResult& result);

  HubCommit& commit_;
  const Schema& schema_;
  bool any_ = false;
  Aliases aliases_;
  std::span<const IncomingTransaction> transactions_;
  std::vector<IncomingTransaction> changed_;  // where transactions_ points to when any_
  std::vector<Readdressed> readdressed_;
};

}  // namespace doorstep
