#include "client-sdk/src/sqlite_replica.hpp"

#include "client-sdk/src/second_sqlite.hpp"
#include "client-sdk/src/system_ports.hpp"
#include "engine/core/hash.hpp"

namespace doorstep {

Status SqliteReplica::start_writer() {
  ReplicaFile& file = writer_.file;
  writer_.statements =
      std::make_unique<StatementRunner>(file.db, file.schema, StatementRules::Kind::write);
  DS_ASSIGN(writer_.capture, Capture::install(file.db, file.schema));
  writer_.log = std::make_unique<ReplicaLog>(file.db);
  DS_ASSIGN(const std::string role, load_meta_text(file.db, meta::role));
  writer_.changes = std::make_unique<ChangeWriter>(
      file.db, file.schema, RoleRights::of(file.schema, role), *writer_.capture, clock_of(seams_),
      writer_.state, *writer_.log);
  return {};
}

SqliteReplica::~SqliteReplica() {
  if (writer_.log) writer_.log->before_close(writer_.state);
}

Status SqliteReplica::start() {
  DS_TRY(start_writer());
  reader_.statements = std::make_unique<StatementRunner>(reader_.file.db, reader_.file.schema,
                                                         StatementRules::Kind::read);
  return {};
}

// Another connection may have brought a newer schema.
Status SqliteReplica::refresh_reader() {
  DS_ASSIGN(const bool other, refresh_schema(reader_.file, seams_));
  if (!other) return {};
  reader_.statements.reset();  // one at a time on a connection
  reader_.statements = std::make_unique<StatementRunner>(reader_.file.db, reader_.file.schema,
                                                         StatementRules::Kind::read);
  return {};
}

Result<sqlite::WriteTransaction> SqliteReplica::begin_current() {
  for (;;) {
    auto begun = sqlite::WriteTransaction::begin(writer_.file.db);
    if (!begun) return begun;
    DS_ASSIGN(const ReplicaState* const state, writer_.state.begin());
    if (state->schema_number == writer_.file.schema_number) return begun;
    // Everything on the connection rests on the schema: a new one, outside of a transaction.
    auto fresh = open_replica_file(path_, ReplicaAccess::write, options_, seams_);
    { const auto ended = std::move(begun); }
    if (!fresh) return fresh.error();
    writer_.changes.reset();
    writer_.capture.reset();
    writer_.log.reset();
    writer_.statements.reset();
    writer_.tables = RowTables(writer_.file.db, writer_.file.schema);  // none prepared
    writer_.file = *std::move(fresh);
    writer_.state = KnownState(writer_.file.db);
    writer_.tables = RowTables(writer_.file.db, writer_.file.schema);  // as many as there are now
    DS_TRY(start_writer());
  }
}

Result<std::unique_ptr<ReplicaTransaction>> SqliteReplica::begin() {
  DS_ASSIGN(auto transaction, begin_own());
  return std::unique_ptr<ReplicaTransaction>(std::move(transaction));
}

Result<std::unique_ptr<SqliteTransaction>> SqliteReplica::begin_own() {
  if (!gate_.enter(std::chrono::milliseconds(options_.busy_timeout_ms))) {
    return error(ErrorCode::busy, "another thread holds a transaction of this replica");
  }
  auto begun = begin_current();
  const Status joined = begun ? writer_.capture->join() : Status(begun.error());
  if (!joined) {
    gate_.leave();
    return joined.error();
  }
  return std::make_unique<SqliteTransaction>(shared_from_this(), *std::move(begun));
}

Result<SqlResult> SqliteReplica::query(std::string_view sql, const Bindings& bindings) {
  return reading<SqlResult>([&](auto&) { return reader_.statements->run(sql, bindings); });
}

Result<ReplicaStatus> SqliteReplica::status() {
  auto status = reading<ReplicaStatus>([this](auto& db) -> Result<ReplicaStatus> {
    DS_ASSIGN(ReplicaStatus found, read_status(db, clock_of(seams_).read().wall_ms));
    DS_TRY(read_schema_status(db, reader_.file.schema, seams_, found));
    return found;
  });
  if (status) {
    status->free_bytes = files_of(seams_).free_bytes(path_);
    if (auto copies = second_sqlite_warning(); !copies.empty()) {
      status->warnings.push_back(error(ErrorCode::second_sqlite, std::move(copies)).text());
    }
  }
  return status;
}

SqliteTransaction::SqliteTransaction(std::shared_ptr<SqliteReplica> replica,
                                     sqlite::WriteTransaction begun)
    : replica_(std::move(replica)), begun_(std::move(begun)) {}

SqliteTransaction::~SqliteTransaction() { end(); }

void SqliteTransaction::end() {
  if (!begun_) return;
  begun_.reset();  // rolls back unless committed
  replica_->gate().leave();
}

Result<SqlResult> SqliteTransaction::run(std::string_view sql, const Bindings& bindings) {
  if (!begun_) return error(ErrorCode::sql_refused, "the transaction is over");
  Writer& writer = replica_->writer();
  auto result = writer.statements->run(sql, bindings);
  if (!result && !writer.file.db.in_transaction()) end();
  return result;
}

Status SqliteTransaction::commit(const std::vector<DecisionNote>& decided) {
  if (!begun_) return error(ErrorCode::sql_refused, "the transaction is over");
  Writer& writer = replica_->writer();
  auto written = writer.changes->write(decided, forms_);
  if (!written) {
    end();
    return written.error();
  }
  return finish(*written);
}

Status SqliteTransaction::finish(bool written) {
  Writer& writer = replica_->writer();
  auto committed = begun_->commit();
  if (!committed && writer.capture->refused_commit())
    committed = error(ErrorCode::uncaptured_changes);
  const std::shared_ptr<SqliteReplica> replica = replica_;
  if (committed && written) {
    writer.state.committed();
    writer.log->after_commit(writer.state.now());
    const ChangeWriter::Written& done = writer.changes->written();
    replica->forms().note(writer.file.schema, done.sequence, done.changes);
    sequence_ = done.sequence;
  }
  end();
  if (committed && written && replica->options().committed) replica->options().committed();
  return committed;
}

Result<std::shared_ptr<Replica>> Replica::open(const std::string& path, ReplicaOptions options) {
  return open_replica(path, std::move(options), {});
}

Result<std::shared_ptr<Replica>> open_replica(const std::string& path, ReplicaOptions options,
                                              const ReplicaSeams& seams) {
  initialise_crypto();
  if (options.second_sqlite == SecondSqlite::refuse) {
    if (auto copies = second_sqlite_warning(); !copies.empty()) {
      return error(ErrorCode::second_sqlite, std::move(copies));
    }
  }
  DS_ASSIGN(auto writer, open_replica_file(path, ReplicaAccess::write, options, seams));
  DS_ASSIGN(auto reader, open_replica_file(path, ReplicaAccess::read, options, seams));
  auto replica = std::make_shared<SqliteReplica>(std::move(writer), std::move(reader), path,
                                                 std::move(options), seams);
  DS_TRY(replica->start());
  return std::shared_ptr<Replica>(std::move(replica));
}

}  // namespace doorstep
