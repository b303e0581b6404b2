// ds_pending: the hub's value of every row that has unconfirmed own writes (SEMANTICS C1), with
// what its author had seen of each cell (B2). A synced replica has none. One connection's; used
// inside its write transaction.
#pragma once

#include <map>
#include <optional>
#include <vector>

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
  PendingRows(sqlite::Database& db, const Schema& schema) : db_(&db), schema_(&schema) {}

  [[nodiscard]] Result<std::optional<PendingRow>> find(const RowKey& key);
  [[nodiscard]] Status put(const RowKey& key, const PendingRow& row);
  [[nodiscard]] Status remove(const RowKey& key);
  [[nodiscard]] Result<bool> empty();
  /// Keys in table and id order; tables that the schema does not know are left out.
  [[nodiscard]] Result<std::vector<RowKey>> keys();

 private:
  [[nodiscard]] Status prepare();
  sqlite::Database* db_;
  const Schema* schema_;
  bool prepared_ = false;
  sqlite::Statement find_;
  sqlite::Statement put_;
  sqlite::Statement remove_;
};

/// Adds what a new change of the row has seen to what is carried already.
void extend_carry(Carry& carry, const RowChange& change, Position transaction_observed);

}  // namespace doorstep
