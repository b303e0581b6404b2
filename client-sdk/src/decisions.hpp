// Settling conflicts on a device: what a choice writes into the app's tables, inside a local
// transaction that capture watches, and the notes that make those writes decisions.
#pragma once

#include <vector>

#include <doorstep/replica.hpp>

#include "client-sdk/src/capture.hpp"
#include "client-sdk/src/decision_notes.hpp"
#include "client-sdk/src/pending_rows.hpp"

namespace doorstep {

class Decisions {
 public:
  /// All must outlive it; `db` is the write connection, in a transaction.
  Decisions(sqlite::Database& db, const Schema& schema, Capture& capture)
      : db_(&db), schema_(&schema), capture_(&capture), tables_(db, schema), pending_(db, schema) {}

  /// Errors: not_found, undecidable, bad_value, and those of the SQL that writes.
  [[nodiscard]] Status decide(const ConflictInfo& conflict, const Choice& choice);
  [[nodiscard]] Status undo(const ConflictInfo& conflict);

  [[nodiscard]] const std::vector<DecisionNote>& notes() const { return notes_; }
  /// True when a conflict of the same cell was decided before.
  [[nodiscard]] bool has(const ConflictInfo& conflict) const;

 private:
  struct Place {
    RowKey key;
    std::optional<ColumnId> column;
  };
  [[nodiscard]] Result<Place> place_of(const ConflictInfo& conflict) const;
  [[nodiscard]] Status write(const Place& place, const Value& value);
  [[nodiscard]] Status put_value(const RowKey& key, const Column& column, const Value& value);
  [[nodiscard]] Status let_go(const RowKey& key);
  [[nodiscard]] Status bring_back(const RowKey& key);

  sqlite::Database* db_;
  const Schema* schema_;
  Capture* capture_;
  RowTables tables_;
  PendingRows pending_;
  std::vector<DecisionNote> notes_;
};

}  // namespace doorstep
