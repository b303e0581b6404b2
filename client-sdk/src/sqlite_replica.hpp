// The Replica of the public header on a file: one write connection with capture, one for reading.
// Divided among several .cpp files by what the calls are for.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <doorstep/replica.hpp>

#include "client-sdk/src/conflict_records.hpp"
#include "client-sdk/src/explain.hpp"
#include "client-sdk/src/open_forms.hpp"
#include "client-sdk/src/receipt_book.hpp"
#include "client-sdk/src/rejected_work.hpp"
#include "client-sdk/src/replica_connections.hpp"
#include "client-sdk/src/replica_reports.hpp"
#include "client-sdk/src/schema_upgrade.hpp"
#include "client-sdk/src/write_gate.hpp"

namespace doorstep {

class SqliteReplica;

class SqliteTransaction final : public ReplicaTransaction {
 public:
  SqliteTransaction(std::shared_ptr<SqliteReplica> replica, sqlite::WriteTransaction begun);
  ~SqliteTransaction() override;
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  Result<SqlResult> run(std::string_view sql, const Bindings& bindings) override;
  Status save(const Form& form) override;
  Status commit() override { return commit({}); }
  /// With what it settles beside its writes.
  Status commit(const std::vector<DecisionNote>& decided);
  /// The second half of commit(): what was captured is in the outbox if `written`.
  Status finish(bool written);
  /// After a commit: the number that it got; zero when nothing was written.
  Sequence sequence() const { return sequence_; }

 private:
  void end();
  std::shared_ptr<SqliteReplica> replica_;
  std::vector<FormNote> forms_;  // saved so far
  Sequence sequence_;
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
  ~SqliteReplica() override;
  SqliteReplica(const SqliteReplica&) = delete;
  SqliteReplica& operator=(const SqliteReplica&) = delete;

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
  Result<Form> open_form(std::string_view table, const Value& id) override;
  Result<Form> new_form(std::string_view table, const Value& id) override;
  Status save(Form& form) override;
  Result<FormNews> news(const Form& form) override;
  Result<FormNews> refresh(Form& form) override;
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
  OpenForms& forms() { return forms_; }
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
  OpenForms forms_;
};

}  // namespace doorstep
