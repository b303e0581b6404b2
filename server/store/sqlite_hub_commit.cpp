#include "server/store/sqlite_hub_commit.hpp"

#include <utility>

#include "engine/core/schema_difference.hpp"
#include "server/store/sqlite_hub_collect.hpp"
#include "server/store/sqlite_hub_devices.hpp"
#include "server/store/sqlite_hub_digests.hpp"
#include "server/store/sqlite_hub_fresh.hpp"
#include "server/store/sqlite_hub_quarantine.hpp"
#include "server/store/sqlite_hub_rows.hpp"
#include "server/store/sqlite_hub_rules.hpp"

namespace doorstep {

template <class Work>
auto SqliteHubCommit::attempt(const Work& work) -> decltype(work()) {
  DS_ASSERT(release_ != nullptr);  // nothing may follow commit()
  if (failure_) return *failure_;
  auto result = work();
  if (!result) failure_ = result.error();
  return result;
}

Result<std::unique_ptr<HubCommit>> SqliteHubCommit::begin(HubConnection& hub, HubSchemas& schemas,
                                                          std::function<void()> release) {
  // From here on the destructor ends the transaction and releases the connection, also on an error.
  std::unique_ptr<SqliteHubCommit> commit(new SqliteHubCommit(hub, schemas, std::move(release)));
  DS_TRY(hub.db().run("BEGIN IMMEDIATE"));
  DS_ASSIGN(commit->sql_, schemas.current(hub));
  DS_ASSIGN(const std::uint64_t epoch, read_epoch(hub.db()));
  DS_ASSIGN(const HubQuery head, hub.query("SELECT max(position) FROM ds_commit"));
  DS_ASSIGN(const bool found, head->step());
  const Position last = found ? head->position(0) : Position{};
  commit->position_ = Position::of(epoch, last.number() + 1);
  return std::unique_ptr<HubCommit>(std::move(commit));
}

SqliteHubCommit::~SqliteHubCommit() {
  if (!release_) return;
  if (hub_.db().in_transaction()) static_cast<void>(hub_.db().run("ROLLBACK"));
  hub_.forget_numbers();
  release_();
}

Result<std::optional<DeviceRecord>> SqliteHubCommit::device(const DeviceId& id) {
  return attempt([&] { return read_device(hub_, id); });
}

Result<std::optional<ComparisonRecord>> SqliteHubCommit::comparison(const DeviceId& device) {
  return attempt([&] { return read_comparison(hub_, device); });
}

Status SqliteHubCommit::put_comparison(const ComparisonRecord& record) {
  return attempt([&] { return doorstep::put_comparison(hub_, record); });
}

Status SqliteHubCommit::put_device(const DeviceRecord& device) {
  return attempt([&] { return doorstep::put_device(hub_, device); });
}

Result<std::vector<std::optional<StoredRow>>> SqliteHubCommit::fetch(TableId table,
                                                                     std::span<const RowId> ids) {
  using Rows = std::vector<std::optional<StoredRow>>;
  return attempt([&]() -> Result<Rows> {
    Rows rows;
    rows.resize(ids.size());
    KeyGap gap;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const bool is_known = gap.holds(ids[i]);
      if (!is_known) {
        DS_ASSIGN(rows[i], read_row(hub_, *sql_, {table, ids[i]}));
      }
      if (rows[i]) continue;
      absent_.insert({table, ids[i]});
      if (is_known || i + 1 == ids.size()) continue;
      DS_TRY(gap.look_beyond(hub_, *sql_, table, ids[i], ids[i + 1]));
    }
    return rows;
  });
}

Result<std::vector<RowId>> SqliteHubCommit::children(const ChildQuery& query) {
  return attempt([&]() -> Result<std::vector<RowId>> {
    const HubTableSql& table = sql_->tables[query.child.index];
    const Column& column = sql_->schema.table(query.child).column(query.via);
    DS_ASSIGN(const HubQuery find, hub_.query(table.children[query.via.index]));
    if (column.type == ColumnType::uuid) {
      find->bind(1, query.parent.view());
    } else {
      find->bind(1, query.parent.text());
    }
    std::vector<RowId> rows;
    for (;;) {
      DS_ASSIGN(const bool found, find->step());
      if (!found) return rows;
      const auto id = RowId::from(find->blob(0));
      if (!id) return error(ErrorCode::corrupt, "a row's key is empty or too long");
      rows.push_back(*id);
    }
  });
}

Result<std::vector<Conflict>> SqliteHubCommit::conflicts_of(const RowKey& key) {
  return attempt([&] { return read_conflicts_of(hub_, *sql_, key); });
}

Result<std::vector<Departure>> SqliteHubCommit::departures(const RowKey& key) {
  return attempt([&] { return departures_of(hub_, *sql_, key); });
}

Result<std::vector<PastGrant>> SqliteHubCommit::past_grants(const DeviceId& device) {
  return attempt([&] { return read_past_grants(hub_, device); });
}

Status SqliteHubCommit::put_past_grant(const DeviceId& device, const PastGrant& grant) {
  return attempt([&] { return doorstep::put_past_grant(hub_, device, grant); });
}

Result<std::optional<TransactionRecord>> SqliteHubCommit::transaction(const DeviceId& device,
                                                                      Sequence sequence) {
  return attempt([&]() -> Result<std::optional<TransactionRecord>> {
    if (sequence.value == 0) return std::optional<TransactionRecord>();
    DS_ASSIGN(std::vector<TransactionRecord> found,
              read_transactions(hub_, device, Sequence{sequence.value - 1}, sequence));
    if (found.empty()) return std::optional<TransactionRecord>();
    return std::optional(std::move(found.front()));
  });
}

Status SqliteHubCommit::put_rows(std::span<const StoredRow> rows) {
  return attempt([&]() -> Status {
    FreshRows fresh(hub_, *sql_);
    for (const StoredRow& row : rows) {
      const bool is_absent = absent_.erase(row.key()) > 0;
      DS_TRY(is_absent && row.live ? fresh.put(row) : put_row(hub_, *sql_, row, is_absent));
    }
    return fresh.finish();
  });
}

Status SqliteHubCommit::put_departures(std::span<const Departure> departures) {
  return attempt([&]() -> Status {
    for (const Departure& departure : departures) DS_TRY(put_departure(hub_, *sql_, departure));
    return {};
  });
}

Status SqliteHubCommit::put_conflicts(std::span<const Conflict> conflicts) {
  return attempt([&]() -> Status {
    for (const Conflict& conflict : conflicts) DS_TRY(put_conflict(hub_, *sql_, conflict));
    return {};
  });
}

Status SqliteHubCommit::put_transactions(std::span<const TransactionRecord> transactions) {
  return attempt([&] { return doorstep::put_transactions(hub_, transactions); });
}

Status SqliteHubCommit::put_quarantine(const QuarantineRecord& record) {
  return attempt([&] { return doorstep::put_quarantine(hub_, record); });
}

Result<std::vector<Hash>> SqliteHubCommit::quarantined_hashes(const DeviceId& device,
                                                              Sequence sequence) {
  return attempt([&] { return doorstep::quarantined_hashes(hub_, device, sequence); });
}

Result<std::optional<QuarantineRecord>> SqliteHubCommit::quarantined(const TransactionId& id) {
  return attempt([&] { return find_quarantined(hub_, id); });
}

Result<std::optional<QuarantineRecord>> SqliteHubCommit::quarantined(const Hash& hash) {
  return attempt([&] { return find_quarantined(hub_, hash); });
}

Result<std::optional<TransactionId>> SqliteHubCommit::resent(const Hash& original) {
  return attempt([&] { return find_resent(hub_, original); });
}

Status SqliteHubCommit::put_resent(const Hash& original, const TransactionId& by) {
  return attempt([&] { return doorstep::put_resent(hub_, original, by); });
}

Status SqliteHubCommit::put_salvage(const DeviceId& device, const Salvage& salvage) {
  return attempt([&] { return doorstep::put_salvage(hub_, device, salvage, position_); });
}

Result<std::vector<Salvage>> SqliteHubCommit::salvage(const DeviceId& device, Sequence sequence) {
  return attempt([&] { return read_salvage(hub_, device, sequence); });
}

Status SqliteHubCommit::remove_salvage(const DeviceId& device, Sequence sequence) {
  return attempt([&] { return doorstep::remove_salvage(hub_, device, sequence); });
}

Status SqliteHubCommit::add_digests(const DigestChanges& changes) {
  return attempt([&] { return add_to_digests(hub_, *sql_, changes); });
}

Status SqliteHubCommit::put_schema(const Schema& schema, Instant now) {
  return attempt([&]() -> Status {
    DS_ASSERT(difference_of(sql_->schema, schema).is_additive());
    DS_ASSIGN(const std::int64_t number,
              add_hub_schema(hub_, sql_->schema, schema, position_, now));
    brought_.emplace(number, schema);
    return {};
  });
}

Result<std::optional<BrokenRule>> SqliteHubCommit::check_rules(std::span<const RowKey> written) {
  return attempt([&] { return find_broken_rule(hub_, sql_->schema, written); });
}

Result<std::vector<FallenRow>> SqliteHubCommit::fallen(const DeviceId& device) {
  return attempt([&] { return read_fallen(hub_, sql_->schema, device); });
}

Status SqliteHubCommit::put_fallen(std::span<const FallenRow> rows) {
  return attempt([&]() -> Status {
    for (const FallenRow& row : rows) DS_TRY(put_fallen_row(hub_, sql_->schema, row));
    return {};
  });
}

Status SqliteHubCommit::recount_digests(std::span<const ScopeId> scopes) {
  return attempt([&]() -> Status {
    for (const ScopeId& scope : scopes) DS_TRY(recount_digests_of_scope(hub_, *sql_, scope));
    return {};
  });
}

Result<Collected> SqliteHubCommit::collect(const CollectRequest& request) {
  return attempt([&] { return collect_from(hub_, *sql_, request); });
}

Status SqliteHubCommit::put_horizon(std::int64_t horizon_ms) {
  return attempt([&] { return doorstep::put_horizon(hub_, horizon_ms); });
}

Status SqliteHubCommit::put_code(const CodeRecord& code) {
  return attempt([&] { return doorstep::put_code(hub_, code); });
}

Result<std::optional<CodeRecord>> SqliteHubCommit::take_code(const Hash& secret_hash, Instant now) {
  return attempt([&] { return doorstep::take_code(hub_, secret_hash, now); });
}

Status SqliteHubCommit::savepoint(const std::function<Status()>& work) {
  DS_TRY(attempt([&] { return hub_.db().run("SAVEPOINT ds_work"); }));
  Status status = work();
  if (failure_) return *failure_;
  if (!status) {
    DS_TRY(attempt([&] { return hub_.db().run("ROLLBACK TO ds_work"); }));
    hub_.forget_numbers();
  }
  DS_TRY(attempt([&] { return hub_.db().run("RELEASE ds_work"); }));
  return status;
}

Status SqliteHubCommit::commit(Instant now, const CommitToken& token) {
  DS_TRY(attempt([&]() -> Status {
    DS_ASSIGN(const HubQuery insert,
              hub_.query("INSERT INTO ds_commit (position, token, time_ms) VALUES (?1, ?2, ?3)"));
    insert->bind(1, position_);
    insert->bind(2, token.view());
    insert->bind(3, now.ms);
    return insert->run();
  }));
  DS_TRY(attempt([&] { return hub_.db().run("COMMIT"); }));
  if (brought_) schemas_.know(brought_->first, brought_->second);
  std::exchange(release_, nullptr)();
  return {};
}

}  // namespace doorstep
