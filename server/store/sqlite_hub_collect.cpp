#include "server/store/sqlite_hub_collect.hpp"

#include <string>
#include <utility>
#include <vector>

#include "engine/core/limits.hpp"
#include "server/store/sqlite_hub_rows.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep {

namespace {

constexpr std::string_view put_dead_sql =
    "INSERT OR REPLACE INTO ds_dead (table_name, row_key, ds_scope, ds_position, death_author,"
    " death_stamp, death_stamp_lo) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
constexpr std::string_view raise_floor_sql =
    "UPDATE ds_scope SET floor = max(floor, ?2) WHERE scope = ?1";

class Collection {
 public:
  Collection(HubConnection& hub, const HubSql& sql, const CollectRequest& request,
             std::int64_t scope)
      : hub_(hub), sql_(sql), request_(request), scope_(scope) {}

  Result<Collected> run() {
    DS_TRY(tombstones());
    DS_ASSIGN(collected_.departures,
              remove("DELETE FROM ds_departure WHERE ds_row IN (SELECT ds_row FROM ds_departure"
                     " WHERE ds_scope = ?1 AND ds_position <= ?2 ORDER BY ds_position, ds_row"
                     " LIMIT ?3) RETURNING ds_position",
                     request_.passed, true));
    DS_ASSIGN(const std::uint64_t withdrawn,
              remove("DELETE FROM ds_conflict WHERE ds_row IN (SELECT ds_row FROM ds_conflict"
                     " WHERE ds_scope = ?1 AND ds_position <= ?2 AND withdrawn = 1"
                     " ORDER BY ds_position, ds_row LIMIT ?3) RETURNING ds_position",
                     request_.passed, true));
    DS_ASSIGN(const std::uint64_t automatic,
              remove("DELETE FROM ds_conflict WHERE ds_row IN (SELECT ds_row FROM ds_conflict"
                     " WHERE ds_scope = ?1 AND ds_position <= ?2 AND state = 'auto'"
                     " AND withdrawn = 0 ORDER BY ds_position, ds_row LIMIT ?3)"
                     " RETURNING ds_position",
                     request_.old, false));
    collected_.conflicts = withdrawn + automatic;
    DS_TRY(raise_floor());
    return collected_;
  }

 private:
  [[nodiscard]] std::uint64_t room() const {
    return request_.count_max - std::min<std::uint64_t>(request_.count_max, taken_);
  }

  // Read first: a statement must not meet rows that it takes away itself.
  Status tombstones() {
    std::vector<StoredRow> gone;
    {
      DS_ASSIGN(const HubQuery read,
                hub_.query(std::string(select_tombstone()) +
                           "WHERE ds_scope = ?1 AND ds_position <= ?2 AND NOT EXISTS (SELECT 1"
                           " FROM ds_conflict c WHERE c.table_name = ds_tombstone.table_name"
                           " AND c.row_key = ds_tombstone.row_key AND c.state = 'open'"
                           " AND c.withdrawn = 0) ORDER BY ds_position, ds_row"));
      read->bind(1, scope_);
      read->bind(2, request_.passed);
      for (;;) {
        DS_ASSIGN(const bool found, read->step());
        if (!found) break;
        if (gone.size() >= request_.count_max) {
          collected_.complete = false;
          break;
        }
        DS_ASSIGN(StoredRow row, tombstone_at(hub_, sql_, *read));
        if (!row.merged_into) gone.push_back(std::move(row));
      }
    }
    for (const StoredRow& row : gone) DS_TRY(bury(row));
    collected_.tombstones = gone.size();
    taken_ += gone.size();
    return {};
  }

  Status bury(const StoredRow& row) {
    const Table& table = sql_.schema.table(row.table);
    const CellVersion death = row.death.value_or(row.base);
    DS_ASSIGN(const std::int64_t author, hub_.number_of(death.author));
    DS_ASSIGN(const HubQuery put, hub_.query(put_dead_sql));
    put->bind(1, std::string_view(table.name));
    bind_key(*put, 2, table, row.id);
    put->bind(3, scope_);
    put->bind(4, row.position);
    put->bind(5, author);
    bind_stamp(*put, 6, death.stamp);
    DS_TRY(put->run());
    DS_ASSIGN(const HubQuery remove,
              hub_.query("DELETE FROM ds_tombstone WHERE table_name = ?1 AND row_key = ?2"));
    remove->bind(1, std::string_view(table.name));
    bind_key(*remove, 2, table, row.id);
    floor_ = std::max(floor_, row.position);
    return remove->run();
  }

  Result<std::uint64_t> remove(std::string_view delete_sql, Position through, bool raises) {
    const std::uint64_t most = room();
    DS_ASSIGN(const HubQuery drop, hub_.query(delete_sql));
    drop->bind(1, scope_);
    drop->bind(2, through);
    drop->bind(3, static_cast<std::int64_t>(std::min<std::uint64_t>(most, limits::feed_count_max)));
    std::uint64_t count = 0;
    for (;;) {
      DS_ASSIGN(const bool found, drop->step());
      if (!found) break;
      ++count;
      if (raises) floor_ = std::max(floor_, drop->position(0));
    }
    taken_ += count;
    // With no room left nobody has looked whether there is more.
    if (count == most || most == 0) collected_.complete = false;
    return count;
  }

  Status raise_floor() {
    if (floor_ == Position{}) return {};
    DS_ASSIGN(const HubQuery raise, hub_.query(raise_floor_sql));
    raise->bind(1, scope_);
    raise->bind(2, floor_);
    return raise->run();
  }

  HubConnection& hub_;
  const HubSql& sql_;
  const CollectRequest& request_;
  std::int64_t scope_;
  Collected collected_;
  std::uint64_t taken_ = 0;
  Position floor_;
};

}  // namespace

Result<Collected> collect_from(HubConnection& hub, const HubSql& sql,
                               const CollectRequest& request) {
  DS_ASSIGN(const auto scope, hub.find_scope(request.scope));
  if (!scope) return Collected{};
  return Collection(hub, sql, request, *scope).run();
}

Result<std::optional<StoredRow>> read_dead(HubConnection& hub, const HubSql& sql,
                                           const RowKey& key) {
  const Table& table = sql.schema.table(key.table);
  DS_ASSIGN(const HubQuery find,
            hub.query("SELECT ds_scope, ds_position, death_author, death_stamp, death_stamp_lo"
                      " FROM ds_dead WHERE table_name = ?1 AND row_key = ?2"));
  find->bind(1, std::string_view(table.name));
  bind_key(*find, 2, table, key.row);
  DS_ASSIGN(const bool found, find->step());
  if (!found) return std::optional<StoredRow>();
  StoredRow row;
  row.table = key.table;
  row.id = key.row;
  row.live = false;
  row.collected = true;
  DS_ASSIGN(row.scope, hub.scope_of(find->integer(0)));
  row.position = row.since = find->position(1);
  DS_ASSIGN(const DeviceId author, hub.device_of(find->integer(2)));
  row.base = CellVersion{row.position, author, stamp_at(*find, 3)};
  row.death = row.base;
  row.image.values.resize(table.columns.size());
  return std::optional(std::move(row));
}

Status forget_dead(HubConnection& hub, const Table& table, const RowId& id) {
  DS_ASSIGN(const HubQuery remove,
            hub.query("DELETE FROM ds_dead WHERE table_name = ?1 AND row_key = ?2"));
  remove->bind(1, std::string_view(table.name));
  bind_key(*remove, 2, table, id);
  return remove->run();
}

Result<Position> read_floor(HubConnection& hub, std::span<const ScopeId> scopes) {
  Position highest;
  DS_ASSIGN(const HubQuery find, hub.query("SELECT floor FROM ds_scope WHERE code = ?1"));
  for (const ScopeId& scope : scopes) {
    find->reset();
    find->bind(1, std::string_view(scope.code));
    DS_ASSIGN(const bool found, find->step());
    if (found) highest = std::max(highest, find->position(0));
  }
  return highest;
}

Result<Position> read_committed_by(HubConnection& hub, Instant time) {
  // Commits before the first that is younger: a clock that was set back makes old ones look young,
  // never young ones old.
  DS_ASSIGN(const HubQuery find,
            hub.query("SELECT max(position) FROM ds_commit WHERE position < coalesce((SELECT"
                      " min(position) FROM ds_commit WHERE time_ms > ?1), 9223372036854775807)"));
  find->bind(1, time.ms);
  DS_ASSIGN(const bool found, find->step());
  return found && !find->is_null(0) ? find->position(0) : Position{};
}

Result<std::int64_t> read_horizon(HubConnection& hub) {
  DS_ASSIGN(const HubQuery find, hub.query("SELECT value FROM ds_meta WHERE name = 'horizon_ms'"));
  DS_ASSIGN(const bool found, find->step());
  return found ? find->integer(0) : limits::horizon_ms_default;
}

Status put_horizon(HubConnection& hub, std::int64_t horizon_ms) {
  DS_ASSIGN(const HubQuery put, hub.query("INSERT OR REPLACE INTO ds_meta (name, value)"
                                          " VALUES ('horizon_ms', ?1)"));
  put->bind(1, horizon_ms);
  return put->run();
}

}  // namespace doorstep
