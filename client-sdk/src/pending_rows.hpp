// The hub's value of every row that has unconfirmed own writes (SEMANTICS C1), with what its author
// had seen of each cell (B2): a row of ds_pending, or nothing at all but the outbox for a row that
// was inserted and not touched since. A synced replica has none. One connection's; used inside its
// transaction.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "client-sdk/src/fresh_inserts.hpp"
#include "engine/core/overlay.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

struct PendingRow {
  std::optional<RowImage> base;     ///< the hub's value; nullopt: the hub has no such row
  std::vector<Sequence> sequences;  ///< own unconfirmed transactions that touch it, ascending
  Carry carry;
  std::optional<RowImage>
      copy;              ///< removed under pending writes: what is shown until they are confirmed
  Position copy_cursor;  ///< the cursor at which `copy` was true
};

class PendingRows {
 public:
  PendingRows(sqlite::Database& db, const Schema& schema)
      : db_(&db), schema_(&schema), fresh_(db, schema) {}

  /// `may_be_fresh` false: the caller knows that it is none of FreshInserts, which costs a search.
  [[nodiscard]] Result<std::optional<PendingRow>> find(const RowKey& key, bool may_be_fresh = true);
  [[nodiscard]] Status put(const RowKey& key, const PendingRow& row);
  [[nodiscard]] Status remove(const RowKey& key);
  /// The highest id of the table that has a row in ds_pending; empty when none has.
  [[nodiscard]] Result<RowId> highest(TableId table);
  /// For many look-ups in one storage transaction.
  [[nodiscard]] Status expect_many() { return fresh_.read_all_ranges(); }
  [[nodiscard]] Result<bool> empty();
  /// Whether every row that waits was inserted and not touched since.
  [[nodiscard]] Result<bool> none_touched();
  /// Keys of all, in table (by TableId) and id order; tables that the schema does not know are left
  /// out.
  [[nodiscard]] Result<std::vector<RowKey>> keys();
  /// Those that were not only inserted: what ds_pending has a row of, likewise.
  [[nodiscard]] Result<std::vector<RowKey>> touched_keys();

 private:
  [[nodiscard]] Status prepare();
  [[nodiscard]] Result<std::optional<PendingRow>> find_fresh(const RowKey& key);
  sqlite::Database* db_;
  const Schema* schema_;
  std::optional<sqlite::KeptStatement> find_;
  std::optional<sqlite::KeptStatement> put_;
  std::optional<sqlite::KeptStatement> remove_;
  FreshInserts fresh_;
};

/// Adds what a new change of the row has seen to what is carried already.
void extend_carry(Carry& carry, const RowChange& change, Position transaction_observed);

}  // namespace doorstep
