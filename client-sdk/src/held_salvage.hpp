// Rows that the hub did not know when it quarantined an own transaction, as this replica held them
// (SEMANTICS D4): gathered while they are still here, kept beside the transaction in ds_rejected.
// Used inside the caller's storage transaction.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/row_table.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

class HeldSalvage {
 public:
  /// All must outlive it.
  HeldSalvage(sqlite::Database& db, const Schema& schema, RowTables& tables)
      : db_(&db), schema_(&schema), tables_(&tables), pending_(db, schema) {}

  /// Reads what the transaction meant, as the hub's values stand here. Call before the overlay is
  /// settled. One that is not in the outbox any more is passed over. `told` is its number as the
  /// hub has it.
  [[nodiscard]] Status gather(Sequence sequence, Sequence told);
  /// Writes what was gathered; the transactions are in ds_rejected by now.
  [[nodiscard]] Status keep();

 private:
  sqlite::Database* db_;
  const Schema* schema_;
  RowTables* tables_;
  PendingRows pending_;
  std::map<Sequence, std::vector<Salvage>> gathered_;
};

/// The oldest part that the hub has not confirmed, of transactions after `after`, the newest of an
/// earlier identity, and through the newest that the hub has; nullopt: none.
[[nodiscard]] Result<std::optional<Salvage>> next_salvage(sqlite::Database& db, Sequence after,
                                                          Sequence through);
/// The hub has it; passed over unless it is the one that next_salvage() gives.
[[nodiscard]] Status note_salvaged(sqlite::Database& db, Sequence after, Sequence sequence,
                                   std::uint32_t part);

}  // namespace doorstep
