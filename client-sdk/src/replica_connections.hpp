// The two connections of an open replica, with what belongs to each.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "client-sdk/src/capture.hpp"
#include "client-sdk/src/change_writer.hpp"
#include "client-sdk/src/known_state.hpp"
#include "client-sdk/src/replica_file.hpp"
#include "client-sdk/src/replica_log.hpp"
#include "client-sdk/src/row_table.hpp"
#include "client-sdk/src/statement_runner.hpp"

namespace doorstep {

/// Everything on the write connection; members end in the order capture, statements, connection.
struct Writer {
  explicit Writer(ReplicaFile opened)
      : file(std::move(opened)), tables(file.db, file.schema), state(file.db) {}
  ReplicaFile file;
  RowTables tables;
  KnownState state;
  std::unique_ptr<StatementRunner> statements;
  std::unique_ptr<Capture> capture;
  std::unique_ptr<ReplicaLog> log;
  std::unique_ptr<ChangeWriter> changes;
};

struct ReadConnection {
  explicit ReadConnection(ReplicaFile opened) : file(std::move(opened)) {}
  ReplicaFile file;
  std::unique_ptr<StatementRunner> statements;
  std::mutex mutex;
};

}  // namespace doorstep
