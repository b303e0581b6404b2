// Capture of what an app's SQL really changes, on the SDK's write connection (DESIGN section 6,
// SEMANTICS C3): SQLite's preupdate hook fills a buffer of events; an eponymous virtual table that
// joins every transaction is told of savepoints, also the hidden one of each statement, and cuts
// from the buffer what they undo. A commit hook refuses a commit that holds changes nobody took.
//
// Used by the thread that uses the connection, and must not outlive it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// One row before and after a transaction, values by declared type (normalise); both set or one.
struct NetRow {
  RowKey key;
  std::optional<RowImage> before;
  std::optional<RowImage> after;
  bool rewrite =
      false;  ///< the table holds `after` in another form than declared (a set out of order)
};

class Capture {
 public:
  /// `schema` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<Capture>> install(sqlite::Database& db,
                                                                const Schema& schema);
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// At the start of each transaction, after BEGIN: empties the buffer and joins the transaction.
  [[nodiscard]] Status join();
  /// Net rows in the order in which they were first touched. Errors bad_value, bad_key.
  [[nodiscard]] Result<std::vector<NetRow>> net() const;
  /// The same, and the buffer is given up: just before COMMIT.
  [[nodiscard]] Result<std::vector<NetRow>> take_net();
  /// What was captured is written in this transaction: its commit may pass. Until the next event.
  void mark_written();
  /// While paused nothing is captured: for the SDK's own writes of values that are captured
  /// already.
  void pause(bool on);
  /// True when a commit was refused because of changes that were not taken.
  [[nodiscard]] bool refused_commit() const;
  [[nodiscard]] std::size_t event_count() const;

  struct State;

 private:
  explicit Capture(sqlite::Database& db, const Schema& schema);
  sqlite::Database* db_;
  std::unique_ptr<State> state_;
  sqlite::Statement join_;
};

}  // namespace doorstep
