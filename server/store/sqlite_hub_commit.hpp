// One commit of a SqliteHubStore: a write transaction on the store's one writing connection.
#pragma once

#include <functional>
#include <memory>
#include <unordered_set>

#include "engine/ports/hub_store.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_duplicates.hpp"
#include "server/store/sqlite_hub_epochs.hpp"
#include "server/store/sqlite_hub_schemas.hpp"

namespace doorstep {

class SqliteHubCommit final : public HubCommit {
 public:
  /// Begins. `release` is called once, when the connection is free again. `hub` and `schemas`
  /// outlive the commit.
  [[nodiscard]] static Result<std::unique_ptr<HubCommit>> begin(HubConnection& hub,
                                                                HubSchemas& schemas,
                                                                std::function<void()> release);
  ~SqliteHubCommit() override;
  SqliteHubCommit(const SqliteHubCommit&) = delete;
  SqliteHubCommit& operator=(const SqliteHubCommit&) = delete;

  [[nodiscard]] Position position() const override { return position_; }
  [[nodiscard]] const SchemaHistory& schemas() const override { return sql_->schemas; }
  [[nodiscard]] Status put_schema(const Schema& schema, Instant now) override;
  [[nodiscard]] Result<std::optional<DeviceRecord>> device(const DeviceId& id) override;
  [[nodiscard]] Status put_device(const DeviceRecord& device) override;
  [[nodiscard]] Result<std::optional<ComparisonRecord>> comparison(const DeviceId& device) override;
  [[nodiscard]] Status put_comparison(const ComparisonRecord& record) override;
  [[nodiscard]] Result<std::vector<std::optional<StoredRow>>> fetch(
      TableId table, std::span<const RowId> ids) override;
  [[nodiscard]] Result<std::vector<RowId>> children(const ChildQuery& query) override;
  [[nodiscard]] Result<std::vector<Conflict>> conflicts_of(const RowKey& key) override;
  [[nodiscard]] Result<std::vector<Departure>> departures(const RowKey& key) override;
  [[nodiscard]] Result<std::vector<PastGrant>> past_grants(const DeviceId& device) override;
  [[nodiscard]] Status put_past_grant(const DeviceId& device, const PastGrant& grant) override;
  [[nodiscard]] Result<std::optional<TransactionRecord>> transaction(const DeviceId& device,
                                                                     Sequence sequence) override;
  [[nodiscard]] Status put_rows(std::span<const StoredRow> rows) override;
  [[nodiscard]] Status put_departures(std::span<const Departure> departures) override;
  [[nodiscard]] Status put_conflicts(std::span<const Conflict> conflicts) override;
  [[nodiscard]] Status put_transactions(std::span<const TransactionRecord> transactions) override;
  [[nodiscard]] Status put_quarantine(const QuarantineRecord& record) override;
  [[nodiscard]] Result<std::optional<QuarantineRecord>> quarantined(
      const TransactionId& id) override;
  [[nodiscard]] Result<std::optional<QuarantineRecord>> quarantined(const Hash& hash) override;
  [[nodiscard]] Result<std::optional<TransactionId>> resent(const Hash& original) override;
  [[nodiscard]] Status put_resent(const Hash& original, const TransactionId& by) override;
  [[nodiscard]] Result<std::vector<Hash>> quarantined_hashes(const DeviceId& device,
                                                             Sequence sequence) override;
  [[nodiscard]] Status put_salvage(const DeviceId& device, const Salvage& salvage) override;
  [[nodiscard]] Result<std::vector<Salvage>> salvage(const DeviceId& device,
                                                     Sequence sequence) override;
  [[nodiscard]] Status remove_salvage(const DeviceId& device, Sequence sequence) override;
  [[nodiscard]] Status add_digests(const DigestChanges& changes) override;
  [[nodiscard]] Status recount_digests(std::span<const ScopeId> scopes) override;
  [[nodiscard]] Result<Collected> collect(const CollectRequest& request) override;
  [[nodiscard]] Status put_horizon(std::int64_t horizon_ms) override;
  [[nodiscard]] Result<std::optional<BrokenRule>> check_rules(
      std::span<const RowKey> written) override;
  [[nodiscard]] Result<std::vector<FallenRow>> fallen(const DeviceId& device) override;
  [[nodiscard]] Status put_fallen(std::span<const FallenRow> rows) override;
  [[nodiscard]] Status put_code(const CodeRecord& code) override;
  [[nodiscard]] Result<std::optional<CodeRecord>> take_code(const Hash& secret_hash,
                                                            Instant now) override;
  [[nodiscard]] HubDuplicates& duplicates() override { return duplicates_; }
  [[nodiscard]] HubEpochs& epochs() override { return epochs_; }
  [[nodiscard]] Status savepoint(const std::function<Status()>& work) override;
  [[nodiscard]] Status commit(Instant now, const CommitToken& token) override;

 private:
  SqliteHubCommit(HubConnection& hub, HubSchemas& schemas, std::function<void()> release)
      : hub_(hub), schemas_(schemas), release_(std::move(release)) {}

  /// Runs `work` unless an earlier step failed, and remembers the first failure: SQLite ends a
  /// transaction by itself on some errors, and what came after would be committed on its own.
  template <class Work>
  [[nodiscard]] auto attempt(const Work& work) -> decltype(work());

  HubConnection& hub_;
  HubSchemas& schemas_;
  const HubSql* sql_ = nullptr;
  std::optional<std::pair<std::int64_t, Schema>> brought_;  // with its number in ds_schema
  Position position_;
  std::function<void()> release_;
  std::optional<Error> failure_;
  // Rows that fetch() has found nowhere and that nobody has put since. Nobody else writes
  // meanwhile.
  std::unordered_set<RowKey, RowKeyHash> absent_;
  SqliteHubDuplicates duplicates_{hub_, sql_, failure_};
  SqliteHubEpochs epochs_{hub_, position_, failure_};
};

}  // namespace doorstep
