// Departures and conflicts of sqlite_hub_rows.hpp.
#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "server/store/sqlite_hub_rows.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep {

namespace {

constexpr std::string_view put_departure_sql =
    "INSERT INTO ds_departure (table_name, row_key, ds_scope, to_scope, ds_position)"
    " VALUES (?1, ?2, ?3, ?4, ?5)"
    " ON CONFLICT (table_name, row_key, ds_position, ds_scope) DO UPDATE"
    " SET to_scope = excluded.to_scope";

constexpr std::string_view put_conflict_sql =
    "INSERT INTO ds_conflict (id, table_name, row_key, column_name, policy, state, winner, "
    "winner_author,"
    " winner_position, winner_stamp, winner_stamp_lo, loser, loser_author, loser_position, "
    "loser_stamp,"
    " loser_stamp_lo, order_uncertain, withdrawn, ds_scope, ds_position, decision_author,"
    " decision_position, decision_stamp, decision_stamp_lo) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
    " ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)"
    " ON CONFLICT (id) DO UPDATE SET policy = excluded.policy, state = excluded.state,"
    " winner = excluded.winner, winner_author = excluded.winner_author,"
    " winner_position = excluded.winner_position, winner_stamp = excluded.winner_stamp,"
    " winner_stamp_lo = excluded.winner_stamp_lo, loser = excluded.loser,"
    " loser_author = excluded.loser_author, loser_position = excluded.loser_position,"
    " loser_stamp = excluded.loser_stamp, loser_stamp_lo = excluded.loser_stamp_lo,"
    " order_uncertain = excluded.order_uncertain, withdrawn = excluded.withdrawn,"
    " ds_scope = excluded.ds_scope, ds_position = excluded.ds_position,"
    " decision_author = excluded.decision_author, decision_position = excluded.decision_position,"
    " decision_stamp = excluded.decision_stamp, decision_stamp_lo = excluded.decision_stamp_lo";

// Five columns: value, author, position, stamp, stamp_lo.
Status bind_contribution(HubConnection& hub, sqlite::Statement& to, int first,
                         const Contribution& one) {
  DS_ASSIGN(const std::int64_t author, hub.number_of(one.version.author));
  to.bind(first, one.value);
  to.bind(first + 1, author);
  to.bind(first + 2, one.version.position);
  bind_stamp(to, first + 3, one.version.stamp);
  return {};
}

Result<Contribution> contribution_at(HubConnection& hub, const sqlite::Statement& at, int first) {
  DS_ASSIGN(const DeviceId author, hub.device_of(at.integer(first + 1)));
  return Contribution{at.value(first), {at.position(first + 2), author, stamp_at(at, first + 3)}};
}

// Four columns: author, position, stamp, stamp_lo; all NULL without a decision.
Status bind_decision(HubConnection& hub, sqlite::Statement& to, int first,
                     const std::optional<CellVersion>& decision) {
  if (!decision) {
    for (int i = 0; i < 4; ++i) to.bind_null(first + i);
    return {};
  }
  DS_ASSIGN(const std::int64_t author, hub.number_of(decision->author));
  to.bind(first, author);
  to.bind(first + 1, decision->position);
  bind_stamp(to, first + 2, decision->stamp);
  return {};
}

Result<std::optional<CellVersion>> decision_at(HubConnection& hub, const sqlite::Statement& at,
                                               int first) {
  if (at.is_null(first)) return std::optional<CellVersion>();
  DS_ASSIGN(const DeviceId author, hub.device_of(at.integer(first)));
  return std::optional(CellVersion{at.position(first + 1), author, stamp_at(at, first + 2)});
}

Result<std::vector<Conflict>> collect(HubConnection& hub, const HubSql& sql,
                                      sqlite::Statement& list) {
  std::vector<Conflict> conflicts;
  for (;;) {
    DS_ASSIGN(const bool found, list.step());
    if (!found) return conflicts;
    DS_ASSIGN(Conflict conflict, conflict_at(hub, sql, list));
    conflicts.push_back(std::move(conflict));
  }
}

Result<bool> is_known(HubConnection& hub, const ConflictId& id) {
  DS_ASSIGN(const HubQuery find, hub.query("SELECT 1 FROM ds_conflict WHERE id = ?1"));
  find->bind(1, id.view());
  return find->step();
}

}  // namespace

std::string_view select_departure() {
  return "SELECT table_name, row_key, ds_scope, to_scope, ds_position FROM ds_departure ";
}

std::string_view select_conflict() {
  return "SELECT id, table_name, row_key, column_name, policy, state, winner, winner_author,"
         " winner_position, winner_stamp, winner_stamp_lo, loser, loser_author, loser_position, "
         "loser_stamp,"
         " loser_stamp_lo, order_uncertain, withdrawn, ds_scope, ds_position, decision_author,"
         " decision_position, decision_stamp, decision_stamp_lo FROM ds_conflict ";
}

Status put_departure(HubConnection& hub, const HubSql& sql, const Departure& departure) {
  const Table& table = sql.schema.table(departure.key.table);
  DS_ASSIGN(const std::int64_t from, hub.number_of(departure.from));
  DS_ASSIGN(const std::int64_t to, hub.number_of(departure.to));
  DS_ASSIGN(const HubQuery upsert, hub.query(put_departure_sql));
  upsert->bind(1, std::string_view(table.name));
  bind_key(*upsert, 2, table, departure.key.row);
  upsert->bind(3, from);
  upsert->bind(4, to);
  upsert->bind(5, departure.position);
  return upsert->run();
}

Result<Departure> departure_at(HubConnection& hub, const HubSql& sql, const sqlite::Statement& at) {
  Departure departure;
  DS_ASSIGN(departure.key.table, table_at(sql.schema, at, 0));
  DS_ASSIGN(departure.key.row, row_id_at(at, 1));
  DS_ASSIGN(departure.from, hub.scope_of(at.integer(2)));
  DS_ASSIGN(departure.to, hub.scope_of(at.integer(3)));
  departure.position = at.position(4);
  return departure;
}

Result<std::vector<Departure>> departures_of(HubConnection& hub, const HubSql& sql,
                                             const RowKey& key) {
  static const std::string of_row = std::string(select_departure()) +
                                    "WHERE table_name = ?1 AND row_key = ?2 ORDER BY ds_position";
  const Table& table = sql.schema.table(key.table);
  DS_ASSIGN(const HubQuery all, hub.query(of_row));
  all->bind(1, std::string_view(table.name));
  bind_key(*all, 2, table, key.row);
  std::vector<Departure> departures;
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return departures;
    DS_ASSIGN(Departure departure, departure_at(hub, sql, *all));
    departures.push_back(std::move(departure));
  }
}

Status put_conflict(HubConnection& hub, const HubSql& sql, const Conflict& conflict) {
  if (conflict.withdrawn) {
    DS_ASSIGN(const bool known, is_known(hub, conflict.id));
    if (!known) return {};
  }
  const Table& table = sql.schema.table(conflict.key.table);
  DS_ASSIGN(const std::int64_t scope, hub.number_of(conflict.scope));
  DS_ASSIGN(const HubQuery upsert, hub.query(put_conflict_sql));
  upsert->bind(1, conflict.id.view());
  upsert->bind(2, std::string_view(table.name));
  bind_key(*upsert, 3, table, conflict.key.row);
  if (conflict.column) {
    upsert->bind(4, std::string_view(table.column(*conflict.column).name));
  } else {
    upsert->bind_null(4);
  }
  upsert->bind(5, name_of(conflict.policy));
  upsert->bind(6, name_of(conflict.state));
  DS_TRY(bind_contribution(hub, *upsert, 7, conflict.winner));
  DS_TRY(bind_contribution(hub, *upsert, 12, conflict.loser));
  upsert->bind(17, std::int64_t{conflict.order_uncertain});
  upsert->bind(18, std::int64_t{conflict.withdrawn});
  upsert->bind(19, scope);
  upsert->bind(20, conflict.position);
  DS_TRY(bind_decision(hub, *upsert, 21, conflict.decision));
  return upsert->run();
}

Result<Conflict> conflict_at(HubConnection& hub, const HubSql& sql, const sqlite::Statement& at) {
  Conflict conflict;
  conflict.id = at.id<ConflictId>(0);
  DS_ASSIGN(conflict.key.table, table_at(sql.schema, at, 1));
  DS_ASSIGN(conflict.key.row, row_id_at(at, 2));
  if (!at.is_null(3)) {
    conflict.column = sql.schema.table(conflict.key.table).find_column(at.text(3));
    if (!conflict.column) return error(ErrorCode::corrupt, "a conflict names an unknown column");
  }
  const auto policy = merge_policy_of(at.text(4));
  const auto state = conflict_state_of(at.text(5));
  if (!policy || !state)
    return error(ErrorCode::corrupt, "a conflict has an unknown policy or state");
  conflict.policy = *policy;
  conflict.state = *state;
  DS_ASSIGN(conflict.winner, contribution_at(hub, at, 6));
  DS_ASSIGN(conflict.loser, contribution_at(hub, at, 11));
  conflict.order_uncertain = at.integer(16) != 0;
  conflict.withdrawn = at.integer(17) != 0;
  DS_ASSIGN(conflict.scope, hub.scope_of(at.integer(18)));
  conflict.position = at.position(19);
  DS_ASSIGN(conflict.decision, decision_at(hub, at, 20));
  return conflict;
}

std::string list_conflicts_sql(const ConflictQuery& query) {
  std::string sql(select_conflict());
  // Without statistics SQLite takes the index of all conflicts for as good.
  if (query.state == ConflictState::open && !query.table) sql += "INDEXED BY ds_conflict_open ";
  sql += "WHERE withdrawn = 0";
  // Written out, so that SQLite can use the index of that state.
  if (query.state) sql += " AND state = '" + std::string(name_of(*query.state)) + "'";
  if (query.table) sql += " AND table_name = ?2";
  return sql + " ORDER BY ds_position DESC, id LIMIT ?1";
}

std::string conflicts_of_row_sql() {
  return std::string(select_conflict()) +
         "WHERE table_name = ?1 AND row_key = ?2 AND withdrawn = 0 ORDER BY id";
}

Result<std::vector<Conflict>> read_conflicts(HubConnection& hub, const HubSql& sql,
                                             const ConflictQuery& query) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  DS_ASSIGN(const HubQuery list, hub.query(list_conflicts_sql(query)));
  list->bind(1, static_cast<std::int64_t>(std::min(query.count_max, most)));
  if (query.table) list->bind(2, std::string_view(sql.schema.table(*query.table).name));
  return collect(hub, sql, *list);
}

Result<std::optional<Conflict>> read_conflict(HubConnection& hub, const HubSql& sql,
                                              const ConflictId& id) {
  DS_ASSIGN(const HubQuery find, hub.query(std::string(select_conflict()) + "WHERE id = ?1"));
  find->bind(1, id.view());
  DS_ASSIGN(const bool found, find->step());
  if (!found) return std::optional<Conflict>();
  DS_ASSIGN(Conflict conflict, conflict_at(hub, sql, *find));
  return std::optional(std::move(conflict));
}

Result<std::vector<Conflict>> read_conflicts_of(HubConnection& hub, const HubSql& sql,
                                                const RowKey& key) {
  const Table& table = sql.schema.table(key.table);
  DS_ASSIGN(const HubQuery list, hub.query(conflicts_of_row_sql()));
  list->bind(1, std::string_view(table.name));
  bind_key(*list, 2, table, key.row);
  return collect(hub, sql, *list);
}

}  // namespace doorstep
