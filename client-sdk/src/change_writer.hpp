// Turns the net change of a local transaction into its outbox row, inside the same SQLite
// transaction.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "client-sdk/src/capture.hpp"
#include "client-sdk/src/decision_notes.hpp"
#include "client-sdk/src/form_note.hpp"
#include "client-sdk/src/known_state.hpp"
#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/replica_log.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "client-sdk/src/row_table.hpp"
#include "engine/core/change.hpp"
#include "engine/core/role_rights.hpp"
#include "engine/ports/clock.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {

/// Belongs to the SDK's write connection; used by the thread that holds its transaction.
class ChangeWriter {
 public:
  /// All must outlive it.
  ChangeWriter(sqlite::Database& db, const Schema& schema, RoleRights rights, Capture& capture,
               const Clock& clock, KnownState& known, const ReplicaLog& log);

  /// Just before COMMIT. False: nothing changed, nothing was written. Errors of SEMANTICS C4:
  /// bad_value, bad_key, role_denied, append_only, hub_column, ranked_back, transaction_too_large;
  /// the caller rolls back. `decided`: what this transaction settles beside its writes; `forms`:
  /// those that it saves; `resends`: the refused one that it is written again for.
  [[nodiscard]] Result<bool> write(const std::vector<DecisionNote>& decided = {},
                                   const std::vector<FormNote>& forms = {},
                                   const std::optional<Hash>& resends = {});

  /// Of the last transaction that was written.
  struct Written {
    Sequence sequence;
    std::vector<RowChange> changes;
  };
  [[nodiscard]] const Written& written() const { return written_; }

 private:
  [[nodiscard]] Status check(const std::set<RowKey>& gone, const NetRow& row,
                             const RowChange& change) const;
  /// `alone`: nothing is decided beside them, and an inserted row may be moved to its change.
  [[nodiscard]] Result<std::vector<RowChange>> changes_of(std::vector<NetRow>& rows, bool alone);
  [[nodiscard]] Status rewrite(const std::vector<NetRow>& rows);
  /// What one transaction adds to.
  struct Draft {
    ReplicaState state;
    Transaction transaction;
    RowId newest_before;  // the highest id of a fresh insert
    RowId oldest;         // the lowest and highest of its own; empty: it has none
    RowId newest;
    std::map<TableId, RowId> highest_pending;  // of tables that it inserts into
  };
  [[nodiscard]] Result<bool> is_fresh(const NetRow& row, const RowChange& change, Draft& draft);
  [[nodiscard]] Status carry_references(const ReplicaState& state, RowChange& change);
  [[nodiscard]] Status keep_base(const NetRow& row, Draft& draft,
                                 const std::vector<FormNote>& forms, RowChange& change);
  [[nodiscard]] Status drop_unused(const std::vector<FormNote>& forms,
                                   const std::vector<RowChange>& changes);
  [[nodiscard]] Status append(Draft& draft);

  sqlite::Database* db_;
  const Schema* schema_;
  RoleRights rights_;
  Capture* capture_;
  const Clock* clock_;
  KnownState* known_;
  const ReplicaLog* log_;
  PendingRows pending_;
  BodyPacker packer_;
  RowTables tables_;
  std::vector<NewColumn> new_columns_;  // not filled from the hub yet
  Written written_;
};

}  // namespace doorstep
