// What the write connection knows of ds_state from one transaction to the next, so that a commit
// does not read it again when nobody else has written.
#pragma once

#include <cstdint>
#include <optional>

#include "client-sdk/src/replica_state.hpp"

namespace doorstep {

/// Of one connection, which it must not outlive; used inside its write transaction.
class KnownState {
 public:
  explicit KnownState(sqlite::Database& db) : db_(&db) {}

  /// At the start of each write transaction, after BEGIN: reads the row unless it is known and no
  /// other connection has committed since. Errors as of load_state().
  [[nodiscard]] Result<const ReplicaState*> begin();
  /// As this transaction found it, or left it.
  [[nodiscard]] const ReplicaState& now() const { return newest_of_all().state; }
  /// The highest id of a fresh insert (FreshInserts), the same.
  [[nodiscard]] const RowId& newest_insert() const { return newest_of_all().newest_insert; }
  /// This transaction has written it so; forgotten with the transaction unless it commits.
  void wrote(ReplicaState state, const RowId& newest_insert) {
    written_ = Known{std::move(state), newest_insert};
  }
  void committed();
  [[nodiscard]] bool is_known() const { return written_.has_value() || known_.has_value(); }

 private:
  struct Known {
    ReplicaState state;
    RowId newest_insert;
  };
  [[nodiscard]] const Known& newest_of_all() const { return written_ ? *written_ : *known_; }

  sqlite::Database* db_;
  std::optional<Known> known_;
  std::optional<Known> written_;
  std::int64_t version_ = 0;  // of the file, when it was read
};

}  // namespace doorstep
