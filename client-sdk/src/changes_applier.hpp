// Applies what a hub sent to the rows of a replica, inside the caller's storage transaction.
#pragma once

#include <map>
#include <set>

#include "client-sdk/src/departure_notes.hpp"
#include "client-sdk/src/device_overlay.hpp"
#include "client-sdk/src/staged_batches.hpp"
#include "engine/ports/device_store.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

class ChangesApplier {
 public:
  /// `held`: scopes that the checkpoint speaks for, ascending. All must outlive it.
  ChangesApplier(sqlite::Database& db, const Schema& schema, DeviceOverlay& overlay,
                 DepartureNotes& notes, const std::vector<ScopeId>& held)
      : db_(&db), schema_(&schema), overlay_(&overlay), notes_(&notes), held_(&held) {}

  /// Before all batches: finds the rows of scopes that were held and are no more, while they stand
  /// where they stood. What is told about those scopes does not come any more.
  [[nodiscard]] Status begin_leaving();

  /// Before the batches of a reconcile: what this replica holds in the buckets of the refill.
  [[nodiscard]] Status begin_refill(const Refill& refill);
  /// After them: what they did not name goes. Says how the rows had differed.
  [[nodiscard]] Status end_refill(Applied& applied);

  /// Removals, then rows, then conflicts. Tables and columns that this schema does not know are
  /// left out.
  [[nodiscard]] Status apply(ReadyBatch ready, Applied& applied);

  /// After the last batch and before the scopes of the checkpoint are put on record: rows of scopes
  /// that were held and are no more leave, but for those that came with a batch as whole rows of a
  /// scope that is held. After a refill those that are there now: its buckets have named the rest.
  [[nodiscard]] Status leave_lost_scopes(Applied& applied);

 private:
  [[nodiscard]] Status remove_rows(const RemovalBlock& block, Applied& applied);
  [[nodiscard]] Status put_rows(RowBlock block, const std::vector<Digest>& digests,
                                Applied& applied);
  [[nodiscard]] Status find_leaving();
  void stays(const RowKey& key);
  [[nodiscard]] Result<std::vector<std::string>> columns_here(const RowKey& key,
                                                              const RowImage& image);
  void note_named(const RowKey& key, bool changed, std::vector<std::string> columns);
  sqlite::Database* db_;
  const Schema* schema_;
  DeviceOverlay* overlay_;
  DepartureNotes* notes_;
  const std::vector<ScopeId>* held_;
  std::set<ScopeId> lost_;
  std::map<ScopeId, std::set<RowKey>> leaving_;  // rows of lost_
  std::set<RowKey> unnamed_;                     // of a refill: here, and not named so far
  std::set<RowKey> here_;                        // of a refill: here before
  std::map<TableId, TableDifference> differences_;
  bool refilling_ = false;
};

}  // namespace doorstep
