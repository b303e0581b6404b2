#include <doorstep/replica.hpp>

#include <mutex>

#include "client-sdk/src/capture.hpp"
#include "client-sdk/src/change_writer.hpp"
#include "client-sdk/src/conflict_records.hpp"
#include "client-sdk/src/decisions.hpp"
#include "client-sdk/src/explain.hpp"
#include "client-sdk/src/receipt_book.hpp"
#include "client-sdk/src/rejected_work.hpp"
#include "client-sdk/src/replica_connections.hpp"
#include "client-sdk/src/replica_file.hpp"
#include "client-sdk/src/replica_reports.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "client-sdk/src/schema_upgrade.hpp"
#include "client-sdk/src/second_sqlite.hpp"
#include "client-sdk/src/statement_runner.hpp"
#include "client-sdk/src/system_ports.hpp"
#include "client-sdk/src/write_gate.hpp"
#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

class SqliteReplica;

class SqliteTransaction final : public ReplicaTransaction {
 public:
  SqliteTransaction(std::shared_ptr<SqliteReplica> replica, sqlite::WriteTransaction begun);
  ~SqliteTransaction() override;
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  Result<SqlResult> run(std::string_view sql, const Bindings& bindings) override;
  Status commit() override { return commit({}); }
  /// With what it settles beside its writes.
  Status commit(const std::vector<DecisionNote>& decided);
  /// The second half of commit(): what was captured is in the outbox if `written`.
  Status finish(bool written);

 private:
  void end();
  std::shared_ptr<SqliteReplica> replica_;
  std::optional<sqlite::WriteTransaction> begun_;
};

class SqliteReplica final : public Replica, public std::enable_shared_from_this<SqliteReplica> {
 public:
  SqliteReplica(ReplicaFile writer, ReplicaFile reader, std::string path, ReplicaOptions options,
                ReplicaSeams seams)
      : writer_(std::move(writer)),
        reader_(std::move(reader)),
        path_(std::move(path)),
        options_(std::move(options)),
        seams_(std::move(seams)) {}

  Status start();

  Result<SqlResult> execute(std::string_view sql, const Bindings& bindings) override {
    DS_ASSIGN(const auto transaction, begin());
    DS_ASSIGN(SqlResult result, transaction->run(sql, bindings));
    DS_TRY(transaction->commit());
    return result;
  }

  Result<std::unique_ptr<ReplicaTransaction>> begin() override;
  Result<std::unique_ptr<SqliteTransaction>> begin_own();
  Result<SqlResult> query(std::string_view sql, const Bindings& bindings) override;
  Result<ReplicaStatus> status() override;
  Result<SchemaUpgrade> apply_schema(std::string_view text) override {
    return apply_schema_text(path_, text, options_, seams_);
  }
  Result<SchemaUpgrade> upgrade_schema() override {
    DS_ASSIGN(const std::string text,
              reading<std::string>([](auto& db) { return hub_schema_text(db); }));
    if (text.empty()) return error(ErrorCode::not_found, "the hub has sent no newer schema");
    return apply_schema(text);
  }
  Result<std::vector<ConflictInfo>> conflicts(const ConflictFilter& filter) override {
    return reading<std::vector<ConflictInfo>>([&](auto& db) { return read_conflicts(db, filter); });
  }
  Status decide(const ConflictId& conflict, const Choice& choice) override;
  Status undo(const ConflictId& conflict) override;
  Result<std::uint64_t> decide_all(const ConflictFilter& filter, Keep keep) override;
  Result<Explanation> explain(std::string_view table, const Value& row,
                              std::string_view column) override {
    return reading<Explanation>([&](auto& db) {
      return explain_cell(db, reader_.file.schema, {table, row, column});
    });
  }
  Result<std::vector<RejectedInfo>> rejected() override {
    return reading<std::vector<RejectedInfo>>(
        [&](auto& db) { return read_rejected(db, reader_.file.schema); });
  }
  Result<RejectedDetail> rejected_detail(Sequence sequence) override {
    return reading<RejectedDetail>(
        [&](auto& db) { return read_rejected_detail(db, reader_.file.schema, sequence); });
  }
  Result<RetryReport> retry(Sequence sequence, std::string_view corrections,
                            const Bindings& bindings) override;
  Status discard(Sequence sequence) override;
  Result<Receipt> receipt(std::string_view table, const Value& id) override {
    return reading<Receipt>(
        [&](auto& db) { return receipt_of(db, reader_.file.schema, table, id); });
  }
  Result<Receipt> receipt(Sequence transaction) override {
    return reading<Receipt>([&](auto& db) { return receipt_of(db, transaction); });
  }
  Result<RecordReceipts> receipts() override {
    return reading<RecordReceipts>(
        [&](auto& db) { return read_receipts(db, reader_.file.schema); });
  }
  Result<DepartedList> departed() override { return reading<DepartedList>(read_departed); }
  Result<VerifyReport> verify() override {
    return reading<VerifyReport>([&](auto& db) { return verify_replica(db, reader_.file.schema); });
  }

  Writer& writer() { return writer_; }
  WriteGate& gate() { return gate_; }
  const ReplicaOptions& options() const { return options_; }

 private:
  Result<Sequence> retry_one(Sequence sequence, std::string_view corrections,
                             const Bindings& bindings);
  /// One state of the database for the whole of `read`.
  template <class T, class Read>
  Result<T> reading(Read&& read) {
    const std::lock_guard lock(reader_.mutex);
    sqlite::Database& db = reader_.file.db;
    DS_TRY(db.run("BEGIN"));
    if (const Status current = refresh_reader(); !current) {
      DS_TRY(db.run("ROLLBACK"));
      return current.error();
    }
    Result<T> result = read(db);
    DS_TRY(db.run("ROLLBACK"));
    return result;
  }

  Result<ConflictInfo> known_conflict(const ConflictId& id);
  Status start_writer();
  Status refresh_reader();
  Result<sqlite::WriteTransaction> begin_current();

  Writer writer_;
  ReadConnection reader_;
  std::string path_;
  ReplicaOptions options_;
  ReplicaSeams seams_;
  WriteGate gate_;
};

Status SqliteReplica::start_writer() {
  ReplicaFile& file = writer_.file;
  writer_.rules =
      std::make_unique<StatementRules>(file.db, file.schema, StatementRules::Kind::write);
  DS_ASSIGN(writer_.capture, Capture::install(file.db, file.schema));
  writer_.changes =
      std::make_unique<ChangeWriter>(file.db, file.schema, *writer_.capture, clock_of(seams_));
  return {};
}

Status SqliteReplica::start() {
  DS_TRY(start_writer());
  reader_.rules = std::make_unique<StatementRules>(reader_.file.db, reader_.file.schema,
                                                   StatementRules::Kind::read);
  return {};
}

// Another connection may have brought a newer schema.
Status SqliteReplica::refresh_reader() {
  DS_ASSIGN(const bool other, refresh_schema(reader_.file, seams_));
  if (!other) return {};
  reader_.rules.reset();  // one at a time on a connection
  reader_.rules = std::make_unique<StatementRules>(reader_.file.db, reader_.file.schema,
                                                   StatementRules::Kind::read);
  return {};
}

Result<sqlite::WriteTransaction> SqliteReplica::begin_current() {
  for (;;) {
    auto begun = sqlite::WriteTransaction::begin(writer_.file.db);
    if (!begun) return begun;
    DS_ASSIGN(const std::int64_t number, schema_number_of(writer_.file.db));
    if (number == writer_.file.schema_number) return begun;
    // Everything on the connection rests on the schema: a new one, outside of a transaction.
    auto fresh = open_replica_file(path_, ReplicaAccess::write, options_, seams_);
    { const auto ended = std::move(begun); }
    if (!fresh) return fresh.error();
    writer_.changes.reset();
    writer_.capture.reset();
    writer_.rules.reset();
    writer_.file = *std::move(fresh);
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

Result<ConflictInfo> SqliteReplica::known_conflict(const ConflictId& id) {
  DS_ASSIGN(auto found, find_conflict(writer_.file.db, id));
  if (!found) return error(ErrorCode::not_found, "conflict " + id.hex());
  return *std::move(found);
}

Status SqliteReplica::decide(const ConflictId& conflict, const Choice& choice) {
  DS_ASSIGN(const auto transaction, begin_own());
  DS_ASSIGN(const ConflictInfo known, known_conflict(conflict));
  Decisions decisions(writer_.file.db, writer_.file.schema, *writer_.capture);
  DS_TRY(decisions.decide(known, choice));
  return transaction->commit(decisions.notes());
}

Status SqliteReplica::undo(const ConflictId& conflict) {
  DS_ASSIGN(const auto transaction, begin_own());
  DS_ASSIGN(const ConflictInfo known, known_conflict(conflict));
  Decisions decisions(writer_.file.db, writer_.file.schema, *writer_.capture);
  DS_TRY(decisions.undo(known));
  return transaction->commit(decisions.notes());
}

Result<std::uint64_t> SqliteReplica::decide_all(const ConflictFilter& filter, Keep keep) {
  DS_ASSIGN(const auto transaction, begin_own());
  ConflictFilter wanted = filter;
  if (wanted.state.empty()) wanted.state = name_of(ConflictState::open);
  DS_ASSIGN(const auto found, read_conflicts(writer_.file.db, wanted));
  Decisions decisions(writer_.file.db, writer_.file.schema, *writer_.capture);
  std::uint64_t count = 0;
  for (const ConflictInfo& conflict : found) {
    if (decisions.has(conflict)) {
      ++count;
      continue;
    }
    const Status decided = decisions.decide(conflict, keep);
    // Its row is gone, or its values add up: there is nothing that a person could settle here.
    if (!decided && decided.error().code == ErrorCode::not_found) continue;
    if (!decided) return decided.error();
    ++count;
  }
  DS_TRY(transaction->commit(decisions.notes()));
  return count;
}

/// The new transaction and the end of the old record are one commit: a crash leaves both or none.
Result<Sequence> SqliteReplica::retry_one(Sequence sequence, std::string_view corrections,
                                          const Bindings& bindings) {
  DS_ASSIGN(const auto transaction, begin_own());
  sqlite::Database& db = writer_.file.db;
  DS_TRY(waiting_group(db, sequence));  // it may have been closed meanwhile
  DS_TRY(write_again(db, writer_.file.schema, writer_.tables, sequence));
  if (!corrections.empty()) DS_TRY(transaction->run(corrections, bindings));
  DS_ASSIGN(const bool written, writer_.changes->write({}));
  DS_ASSIGN(const ReplicaState state, load_state(db));
  const Sequence made = written ? state.last : Sequence{};
  DS_TRY(close_rejected(db, sequence, RejectedInfo::State::resent, made, state.hub_seen));
  DS_TRY(transaction->finish(written));
  return made;
}

Result<RetryReport> SqliteReplica::retry(Sequence sequence, std::string_view corrections,
                                         const Bindings& bindings) {
  DS_ASSIGN(const auto group,
            reading<std::vector<Sequence>>([&](auto& db) { return waiting_group(db, sequence); }));
  RetryReport report;
  for (const Sequence one : group) {
    const bool asked = one == sequence;
    auto made =
        retry_one(one, asked ? corrections : std::string_view(), asked ? bindings : Bindings());
    if (!made && report.resent.empty()) return made.error();
    if (!made) {
      report.stopped_at = one;
      report.stopped = made.error();
      return report;
    }
    report.resent.push_back({one, *made});
  }
  return report;
}

Status SqliteReplica::discard(Sequence sequence) {
  DS_ASSIGN(const auto transaction, begin_own());
  sqlite::Database& db = writer_.file.db;
  DS_ASSIGN(const auto info, find_rejected(db, sequence));
  DS_ASSIGN(const auto group, waiting_group(db, sequence));
  DS_ASSIGN(const ReplicaState state, load_state(db));
  const bool alone = info->depends_on.value != 0;  // what it builds on is another's to give up
  for (const Sequence one : group) {
    if (alone && one != sequence) continue;
    DS_TRY(close_rejected(db, one, RejectedInfo::State::discarded, {}, state.hub_seen));
  }
  return transaction->finish(false);
}

Result<SqlResult> SqliteReplica::query(std::string_view sql, const Bindings& bindings) {
  return reading<SqlResult>(
      [&](auto& db) { return run_statements(db, *reader_.rules, sql, bindings); });
}

Result<ReplicaStatus> SqliteReplica::status() {
  auto status = reading<ReplicaStatus>([this](auto& db) -> Result<ReplicaStatus> {
    DS_ASSIGN(ReplicaStatus found, read_status(db));
    DS_TRY(read_schema_status(db, reader_.file.schema, seams_, found));
    return found;
  });
  if (status) {
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
  auto result = run_statements(writer.file.db, *writer.rules, sql, bindings);
  if (!result && !writer.file.db.in_transaction()) end();
  return result;
}

Status SqliteTransaction::commit(const std::vector<DecisionNote>& decided) {
  if (!begun_) return error(ErrorCode::sql_refused, "the transaction is over");
  Writer& writer = replica_->writer();
  auto written = writer.changes->write(decided);
  if (!written) {
    end();
    return written.error();
  }
  return finish(*written);
}

Status SqliteTransaction::finish(bool written) {
  const Writer& writer = replica_->writer();
  auto committed = begun_->commit();
  if (!committed && writer.capture->refused_commit())
    committed = error(ErrorCode::uncaptured_changes);
  const std::shared_ptr<SqliteReplica> replica = replica_;
  end();
  if (committed && written && replica->options().committed) replica->options().committed();
  return committed;
}

}  // namespace

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
