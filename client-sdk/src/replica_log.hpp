// The write-ahead log of a replica's write connection. ds_state says what the newest own
// transaction is, on another page than ds_outbox, so that one that vanishes with a damaged page is
// missed. It need not say so in each commit: damage of the log takes whole commits, and the row
// with them. So the row is written before the log goes into the file, when the replica is closed,
// and after some transactions in any case.
#pragma once

#include "client-sdk/src/known_state.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// Of one connection, which it must not outlive; used by the thread that holds its transaction.
class ReplicaLog {
 public:
  /// From now on the connection's log goes into the file only by after_commit().
  explicit ReplicaLog(sqlite::Database& db);
  ~ReplicaLog();
  ReplicaLog(const ReplicaLog&) = delete;
  ReplicaLog& operator=(const ReplicaLog&) = delete;

  /// Whether the transaction that is being written is to write ds_state too.
  [[nodiscard]] bool wants_head(const ReplicaState& state) const;
  /// `state`: as the commit left it. A log that cannot go into the file now does so later.
  void after_commit(const ReplicaState& state);
  /// Before the connection is closed; what fails is made up for by whoever writes next.
  void before_close(KnownState& known);

 private:
  sqlite::Database* db_;
  int pages_ = 0;  // in the log, after the last commit
};

}  // namespace doorstep
