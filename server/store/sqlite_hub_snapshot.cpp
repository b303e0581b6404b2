#include "server/store/sqlite_hub_snapshot.hpp"

#include <string>
#include <utility>

#include "server/store/sqlite_hub_collect.hpp"
#include "server/store/sqlite_hub_devices.hpp"
#include "server/store/sqlite_hub_digests.hpp"
#include "server/store/sqlite_hub_duplicates.hpp"
#include "server/store/sqlite_hub_epochs.hpp"
#include "server/store/sqlite_hub_feed.hpp"
#include "server/store/sqlite_hub_quarantine.hpp"
#include "server/store/sqlite_hub_rows.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep {

namespace {
using sqlite::quote_identifier;
}

Result<std::unique_ptr<HubSnapshot>> SqliteHubSnapshot::begin(std::unique_ptr<HubConnection> hub,
                                                              HubSchemas& schemas,
                                                              Release release) {
  std::unique_ptr<SqliteHubSnapshot> snapshot(
      new SqliteHubSnapshot(std::move(hub), std::move(release)));
  DS_TRY(snapshot->hub_->db().run("BEGIN"));
  {
    // The first read fixes what the transaction sees.
    DS_ASSIGN(const HubQuery head, snapshot->hub_->query("SELECT max(position) FROM ds_commit"));
    DS_ASSIGN(const bool found, head->step());
    if (found) snapshot->head_ = head->position(0);
  }
  DS_ASSIGN(snapshot->sql_, schemas.current(*snapshot->hub_));
  return std::unique_ptr<HubSnapshot>(std::move(snapshot));
}

SqliteHubSnapshot::~SqliteHubSnapshot() {
  if (hub_->db().in_transaction()) static_cast<void>(hub_->db().run("ROLLBACK"));
  release_(std::move(hub_));
}

Result<std::optional<CommitToken>> SqliteHubSnapshot::token(Position position) {
  DS_ASSIGN(const HubQuery find, hub_->query("SELECT token FROM ds_commit WHERE position = ?1"));
  find->bind(1, position);
  DS_ASSIGN(const bool found, find->step());
  if (!found) return std::optional<CommitToken>();
  return std::optional(find->id<CommitToken>(0));
}

Result<FeedBatch> SqliteHubSnapshot::feed(const FeedRequest& request) {
  return SqliteHubFeed(*hub_, *sql_, request, head_).read();
}

Result<std::vector<Digest>> SqliteHubSnapshot::digests(std::span<const ScopeId> scopes,
                                                       const SchemaView& view) {
  std::vector<Digest> sums;
  for (const ScopeId& scope : scopes) {
    DS_ASSIGN(const Digest sum, digest_of_scope(*hub_, *sql_, scope, view));
    sums.push_back(sum);
  }
  return sums;
}

Result<std::vector<Digest>> SqliteHubSnapshot::scan_digests(std::span<const ScopeId> scopes) {
  std::vector<Digest> sums;
  for (const ScopeId& scope : scopes) {
    DS_ASSIGN(const Digest sum, scan_digest_of_scope(*hub_, *sql_, scope));
    sums.push_back(sum);
  }
  return sums;
}

Result<std::optional<DeviceRecord>> SqliteHubSnapshot::device(const DeviceId& id) {
  return read_device(*hub_, id);
}

Result<std::optional<ComparisonRecord>> SqliteHubSnapshot::comparison(const DeviceId& device) {
  return read_comparison(*hub_, device);
}

Result<std::vector<DeviceRecord>> SqliteHubSnapshot::devices() { return read_devices(*hub_); }

Result<std::vector<TransactionRecord>> SqliteHubSnapshot::transactions(const DeviceId& device,
                                                                       Sequence after,
                                                                       Sequence through) {
  return read_transactions(*hub_, device, after, through);
}

Result<std::vector<Conflict>> SqliteHubSnapshot::conflicts(const ConflictQuery& query) {
  return read_conflicts(*hub_, *sql_, query);
}

Result<std::optional<Conflict>> SqliteHubSnapshot::conflict(const ConflictId& id) {
  return read_conflict(*hub_, *sql_, id);
}

Result<std::vector<Conflict>> SqliteHubSnapshot::conflicts_of(const RowKey& key) {
  return read_conflicts_of(*hub_, *sql_, key);
}

Result<std::vector<QuarantineRecord>> SqliteHubSnapshot::quarantine(const QuarantineQuery& query) {
  return read_quarantine(*hub_, query);
}

Result<std::vector<Salvage>> SqliteHubSnapshot::salvage(const DeviceId& device, Sequence sequence) {
  return read_salvage(*hub_, device, sequence);
}

Result<std::optional<Instant>> SqliteHubSnapshot::committed_at(Position position) {
  DS_ASSIGN(const HubQuery one, hub_->query("SELECT time_ms FROM ds_commit WHERE position = ?1"));
  one->bind(1, position);
  DS_ASSIGN(const bool found, one->step());
  return found ? std::optional(Instant{one->integer(0)}) : std::nullopt;
}

Result<std::vector<Duplicate>> SqliteHubSnapshot::duplicates(bool only_open,
                                                             std::size_t count_max) {
  return read_duplicates(*hub_, *sql_, only_open, count_max);
}

Result<std::vector<std::pair<ScopeId, ScopeId>>> SqliteHubSnapshot::scope_tree() {
  std::vector<std::pair<ScopeId, ScopeId>> tree;
  const auto& declared = sql_->schema.tree();
  if (!declared) return tree;
  const Table& table = sql_->schema.table(declared->table);
  DS_ASSIGN(const HubQuery all,
            hub_->query("SELECT " + quote_identifier(table.key) + ", " +
                        quote_identifier(table.column(declared->parent).name) + " FROM " +
                        quote_identifier(table.name) + " ORDER BY 1"));
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return tree;
    tree.emplace_back(ScopeId{std::string(all->text(0))}, ScopeId{std::string(all->text(1))});
  }
}

Result<std::vector<ScopeId>> SqliteHubSnapshot::scopes() {
  std::string sql = "SELECT code FROM ds_scope WHERE 0";
  for (const Table& table : sql_->schema.tables()) {
    sql += " OR EXISTS (SELECT 1 FROM " + quote_identifier(table.name) + " WHERE ds_scope = scope)";
  }
  DS_ASSIGN(const HubQuery all, hub_->query(sql + " ORDER BY code"));
  std::vector<ScopeId> scopes;
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return scopes;
    scopes.push_back({std::string(all->text(0))});
  }
}

Result<std::optional<StoredRow>> SqliteHubSnapshot::row(const RowKey& key) {
  return read_row(*hub_, *sql_, key);
}

Status SqliteHubSnapshot::scan(TableId table, std::span<const ScopeId> scopes,
                               const std::function<bool(const RowId&)>& wanted,
                               const std::function<Status(StoredRow)>& visit) {
  DS_ASSIGN(const HubQuery all, hub_->query(sql_->tables[table.index].select_scope));
  for (const ScopeId& scope : scopes) {
    DS_ASSIGN(const std::optional<std::int64_t> number, hub_->find_scope(scope));
    if (!number) continue;
    all->reset();
    all->bind(1, *number);
    for (;;) {
      DS_ASSIGN(const bool found, all->step());
      if (!found) break;
      DS_ASSIGN(const RowId id, row_id_at(*all, 0));
      if (!wanted(id)) continue;
      DS_ASSIGN(StoredRow row, live_row_at(*hub_, *sql_, table, *all));
      DS_TRY(visit(std::move(row)));
    }
  }
  return {};
}

Result<std::vector<ScopeId>> SqliteHubSnapshot::feed_scopes() {
  DS_ASSIGN(const HubQuery all, hub_->query("SELECT code FROM ds_scope ORDER BY code"));
  std::vector<ScopeId> scopes;
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return scopes;
    scopes.push_back({std::string(all->text(0))});
  }
}

Result<Position> SqliteHubSnapshot::floor(std::span<const ScopeId> scopes) {
  return read_floor(*hub_, scopes);
}

Result<Position> SqliteHubSnapshot::committed_by(Instant time) {
  return read_committed_by(*hub_, time);
}

Result<std::int64_t> SqliteHubSnapshot::horizon_ms() { return read_horizon(*hub_); }

Result<std::vector<EpochRecord>> SqliteHubSnapshot::epochs() { return read_epochs(*hub_); }

Result<std::vector<GapRecord>> SqliteHubSnapshot::gaps(const DeviceId& device) {
  return read_gaps(*hub_, device);
}

Result<Position> SqliteHubSnapshot::backed_up() { return read_backed_up(*hub_); }

Result<std::optional<std::string>> SqliteHubSnapshot::signed_by(Position position) {
  return read_signed_by(*hub_, position);
}

}  // namespace doorstep
