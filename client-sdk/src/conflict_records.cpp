#include "client-sdk/src/conflict_records.hpp"

#include <limits>

#include "client-sdk/src/replica_state.hpp"

namespace doorstep {
namespace {

constexpr std::string_view select_conflict =
    "SELECT id, \"table\", \"row\", \"column\", policy, winner, loser, winner_author, loser_author,"
    " winner_time, loser_time, order_uncertain, state, decided_by, decided_time, pending"
    " FROM ds_conflict ";

DeviceId device_of(std::string_view hex) {
  const auto bytes = from_hex(hex);
  return bytes ? DeviceId::from(*bytes).value_or(DeviceId{}) : DeviceId{};
}

ConflictInfo conflict_at(const sqlite::Statement& at, const DeviceId& self) {
  ConflictInfo conflict;
  conflict.id = at.id<ConflictId>(0);
  conflict.table = at.text(1);
  conflict.row = at.value(2);
  conflict.column = at.text(3);
  conflict.policy = at.text(4);
  conflict.winner = at.value(5);
  conflict.loser = at.value(6);
  conflict.winner_author = device_of(at.text(7));
  conflict.loser_author = device_of(at.text(8));
  conflict.winner_time = at.text(9);
  conflict.loser_time = at.text(10);
  conflict.order_uncertain = at.integer(11) != 0;
  conflict.state = at.text(12);
  conflict.pending = !at.is_null(15);
  if (conflict.state != name_of(ConflictState::decided)) return conflict;
  conflict.decided_by = conflict.pending ? self : device_of(at.text(13));
  if (!conflict.pending) conflict.decided_time = at.text(14);
  return conflict;
}

Value shown_key(const Schema& schema, const ConflictRecord& record) {
  const auto table = schema.find_table(record.table);
  return table ? value_of_key(schema.table(*table), record.row) : Value::blob(record.row.view());
}

Status run_with_sequence(sqlite::Database& db, std::string_view sql, Sequence sequence) {
  DS_ASSIGN(const auto update, db.kept(sql));
  update->bind_unsigned(1, sequence.value);
  return update->run();
}

}  // namespace

std::string list_conflicts_sql(const ConflictFilter& filter) {
  std::string sql(select_conflict);
  std::string_view joint = "WHERE ";
  const auto add = [&](bool wanted, std::string_view condition) {
    if (!wanted) return;
    sql += std::string(joint) + std::string(condition);
    joint = " AND ";
  };
  add(filter.row.has_value(), "\"row\" = ?3");
  add(!filter.table.empty(), "\"table\" = ?2");
  add(!filter.column.empty(), "\"column\" = ?4");
  add(!filter.state.empty(), "state = ?1");
  return sql + " ORDER BY position DESC, id LIMIT ?5";
}

Result<std::vector<ConflictInfo>> read_conflicts(sqlite::Database& db,
                                                 const ConflictFilter& filter) {
  DS_ASSIGN(const ReplicaState state, load_state(db));
  DS_ASSIGN(auto read, db.prepare(list_conflicts_sql(filter)));
  if (!filter.state.empty()) read.bind(1, std::string_view(filter.state));
  if (!filter.table.empty()) read.bind(2, std::string_view(filter.table));
  if (filter.row) read.bind(3, *filter.row);
  if (!filter.column.empty()) read.bind(4, std::string_view(filter.column));
  constexpr auto all = std::numeric_limits<std::int64_t>::max();
  read.bind(5, filter.limit == 0 || filter.limit > static_cast<std::size_t>(all)
                   ? all
                   : static_cast<std::int64_t>(filter.limit));
  std::vector<ConflictInfo> conflicts;
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) return conflicts;
    conflicts.push_back(conflict_at(read, state.device));
  }
}

Result<std::optional<ConflictInfo>> find_conflict(sqlite::Database& db, const ConflictId& id) {
  DS_ASSIGN(const ReplicaState state, load_state(db));
  DS_ASSIGN(auto read, db.prepare(std::string(select_conflict) + "WHERE id = ?1"));
  read.bind(1, id.view());
  DS_ASSIGN(const bool found, read.step());
  if (!found) return std::optional<ConflictInfo>();
  return std::optional(conflict_at(read, state.device));
}

Status put_conflict(sqlite::Database& db, const Schema& schema, const ConflictRecord& record) {
  if (record.withdrawn) {
    DS_ASSIGN(const auto remove, db.kept("DELETE FROM ds_conflict WHERE id = ?1"));
    remove->bind(1, record.id.view());
    return remove->run();
  }
  DS_ASSIGN(
      const auto put,
      db.kept("INSERT INTO ds_conflict (id, \"table\", \"row\", \"column\", policy, winner,"
              " loser, winner_author, loser_author, winner_time, loser_time, order_uncertain,"
              " state, position, decided_by, decided_time, hub_state)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
              " ?13) ON CONFLICT (id) DO UPDATE SET policy = excluded.policy,"
              " winner = excluded.winner, winner_author = excluded.winner_author,"
              " winner_time = excluded.winner_time, order_uncertain = excluded.order_uncertain,"
              " state = CASE WHEN pending IS NULL THEN excluded.state ELSE state END,"
              " position = excluded.position, decided_by = excluded.decided_by,"
              " decided_time = excluded.decided_time, hub_state = excluded.hub_state"));
  const Value key = shown_key(schema, record);
  const std::string winner_author = record.winner.version.author.hex();
  const std::string loser_author = record.loser.version.author.hex();
  const std::string winner_time = to_rfc3339(record.winner.version.stamp.latest());
  const std::string loser_time = to_rfc3339(record.loser.version.stamp.latest());
  const std::string decided_by = record.decision ? record.decision->author.hex() : std::string();
  const std::string decided_time =
      record.decision ? to_rfc3339(record.decision->stamp.latest()) : std::string();
  put->bind(1, record.id.view());
  put->bind(2, std::string_view(record.table));
  put->bind(3, key);
  put->bind(4, std::string_view(record.column));
  put->bind(5, name_of(record.policy));
  put->bind(6, record.winner.value);
  put->bind(7, record.loser.value);
  put->bind(8, std::string_view(winner_author));
  put->bind(9, std::string_view(loser_author));
  put->bind(10, std::string_view(winner_time));
  put->bind(11, std::string_view(loser_time));
  put->bind(12, std::int64_t{record.order_uncertain ? 1 : 0});
  put->bind(13, name_of(record.state));
  put->bind(14, record.position);
  if (record.decision) {
    put->bind(15, std::string_view(decided_by));
    put->bind(16, std::string_view(decided_time));
  } else {
    put->bind_null(15);
    put->bind_null(16);
  }
  return put->run();
}

Status show_decision(sqlite::Database& db, const Table& table, const RowId& row,
                     std::string_view column, ConflictState state, Sequence sequence) {
  DS_ASSIGN(auto show, db.prepare("UPDATE ds_conflict SET state = ?4, pending = ?5"
                                  " WHERE \"table\" = ?1 AND \"row\" = ?2 AND \"column\" = ?3"));
  const Value key = value_of_key(table, row);
  show.bind(1, std::string_view(table.name));
  show.bind(2, key);
  show.bind(3, column);
  show.bind(4, name_of(state));
  show.bind_unsigned(5, sequence.value);
  return show.run();
}

Status confirm_decisions(sqlite::Database& db, Sequence included) {
  return run_with_sequence(
      db, "UPDATE ds_conflict SET state = hub_state, pending = NULL WHERE pending <= ?1", included);
}

Status withdraw_decisions(sqlite::Database& db, Sequence rejected) {
  return run_with_sequence(
      db, "UPDATE ds_conflict SET state = hub_state, pending = NULL WHERE pending = ?1", rejected);
}

}  // namespace doorstep
