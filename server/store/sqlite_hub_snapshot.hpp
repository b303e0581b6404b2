// One read of a SqliteHubStore: a read transaction on a connection of its own.
#pragma once

#include <functional>
#include <memory>

#include "engine/ports/hub_store.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schemas.hpp"

namespace doorstep {

class SqliteHubSnapshot final : public HubSnapshot {
 public:
  /// Takes back the connection when the snapshot ends.
  using Release = std::function<void(std::unique_ptr<HubConnection>)>;
  /// Begins to read; `schemas` outlives the snapshot.
  [[nodiscard]] static Result<std::unique_ptr<HubSnapshot>> begin(
      std::unique_ptr<HubConnection> hub, HubSchemas& schemas, Release release);
  ~SqliteHubSnapshot() override;
  SqliteHubSnapshot(const SqliteHubSnapshot&) = delete;
  SqliteHubSnapshot& operator=(const SqliteHubSnapshot&) = delete;

  [[nodiscard]] Position head() const override { return head_; }
  [[nodiscard]] const SchemaHistory& schemas() const override { return sql_->schemas; }
  [[nodiscard]] Result<std::optional<CommitToken>> token(Position position) override;
  [[nodiscard]] Result<FeedBatch> feed(const FeedRequest& request) override;
  [[nodiscard]] Result<std::vector<Digest>> digests(std::span<const ScopeId> scopes,
                                                    const SchemaView& view) override;
  [[nodiscard]] Result<std::vector<Digest>> scan_digests(std::span<const ScopeId> scopes) override;
  [[nodiscard]] Result<std::optional<DeviceRecord>> device(const DeviceId& id) override;
  [[nodiscard]] Result<std::vector<DeviceRecord>> devices() override;
  [[nodiscard]] Result<std::optional<ComparisonRecord>> comparison(const DeviceId& device) override;
  [[nodiscard]] Result<std::vector<TransactionRecord>> transactions(const DeviceId& device,
                                                                    Sequence after,
                                                                    Sequence through) override;
  [[nodiscard]] Result<std::vector<Conflict>> conflicts(const ConflictQuery& query) override;
  [[nodiscard]] Result<std::optional<Conflict>> conflict(const ConflictId& id) override;
  [[nodiscard]] Result<std::vector<Conflict>> conflicts_of(const RowKey& key) override;
  [[nodiscard]] Result<std::vector<QuarantineRecord>> quarantine(
      const QuarantineQuery& query) override;
  [[nodiscard]] Result<std::vector<Salvage>> salvage(const DeviceId& device,
                                                     Sequence sequence) override;
  [[nodiscard]] Result<std::optional<Instant>> committed_at(Position position) override;
  [[nodiscard]] Result<std::vector<Duplicate>> duplicates(bool only_open,
                                                          std::size_t count_max) override;
  [[nodiscard]] Result<std::vector<std::pair<ScopeId, ScopeId>>> scope_tree() override;
  [[nodiscard]] Result<std::vector<ScopeId>> scopes() override;
  [[nodiscard]] Result<std::optional<StoredRow>> row(const RowKey& key) override;
  [[nodiscard]] Status scan(TableId table, std::span<const ScopeId> scopes,
                            const std::function<bool(const RowId&)>& wanted,
                            const std::function<Status(StoredRow)>& visit) override;
  [[nodiscard]] Result<std::vector<ScopeId>> feed_scopes() override;
  [[nodiscard]] Result<Position> floor(std::span<const ScopeId> scopes) override;
  [[nodiscard]] Result<Position> committed_by(Instant time) override;
  [[nodiscard]] Result<std::int64_t> horizon_ms() override;
  [[nodiscard]] Result<std::vector<EpochRecord>> epochs() override;
  [[nodiscard]] Result<std::vector<GapRecord>> gaps(const DeviceId& device) override;
  [[nodiscard]] Result<Position> backed_up() override;
  [[nodiscard]] Result<std::optional<std::string>> signed_by(Position position) override;

 private:
  SqliteHubSnapshot(std::unique_ptr<HubConnection> hub, Release release)
      : hub_(std::move(hub)), release_(std::move(release)) {}

  std::unique_ptr<HubConnection> hub_;
  const HubSql* sql_ = nullptr;
  Release release_;
  Position head_;
};

}  // namespace doorstep
