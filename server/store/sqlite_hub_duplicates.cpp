#include "server/store/sqlite_hub_duplicates.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "engine/wire/codec.hpp"
#include "server/store/sqlite_hub_rows.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep {

namespace {

constexpr std::string_view select_duplicate =
    "SELECT id, table_name, first, second, score, reasons, state, proposed, survivor, decided,"
    " decided_ms, decided_by FROM ds_duplicate ";

constexpr std::string_view put_duplicate_sql =
    "INSERT INTO ds_duplicate (id, table_name, first, second, score, reasons, state, proposed,"
    " survivor, decided, decided_ms, decided_by)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    " ON CONFLICT (id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons,"
    " state = excluded.state, proposed = excluded.proposed, survivor = excluded.survivor,"
    " decided = excluded.decided, decided_ms = excluded.decided_ms,"
    " decided_by = excluded.decided_by";

/// "same_address=92 phone=100": names of keys hold neither blanks nor equals signs.
std::string text_of(const std::vector<MatchReason>& reasons) {
  std::string text;
  for (const MatchReason& reason : reasons) {
    if (!text.empty()) text += ' ';
    text += reason.key + '=' + std::to_string(reason.similarity);
  }
  return text;
}

Result<std::vector<MatchReason>> reasons_of(std::string_view text) {
  std::vector<MatchReason> reasons;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) return error(ErrorCode::corrupt, "reasons of a pair");
    MatchReason& reason = reasons.emplace_back();
    reason.key = one.substr(0, equals);
    const std::string_view number = one.substr(equals + 1);
    const auto read =
        std::from_chars(number.data(), number.data() + number.size(), reason.similarity);
    if (read.ec != std::errc{}) return error(ErrorCode::corrupt, "reasons of a pair");
  }
  return reasons;
}

Result<Duplicate> duplicate_at(const HubSql& sql, const sqlite::Statement& at) {
  Duplicate pair;
  pair.id = at.id<DuplicateId>(0);
  DS_ASSIGN(pair.table, table_at(sql.schema, at, 1));
  DS_ASSIGN(pair.first, row_id_at(at, 2));
  DS_ASSIGN(pair.second, row_id_at(at, 3));
  pair.score = static_cast<int>(at.integer(4));
  DS_ASSIGN(pair.reasons, reasons_of(at.text(5)));
  const auto state = duplicate_state_of(at.text(6));
  if (!state) return error(ErrorCode::corrupt, "a pair has an unknown state");
  pair.state = *state;
  pair.proposed = at.position(7);
  if (!at.is_null(8)) {
    DS_ASSIGN(pair.survivor, row_id_at(at, 8));
  }
  pair.decided = at.position(9);
  pair.decided_at = {at.integer(10)};
  pair.decided_by = at.text(11);
  return pair;
}

Result<std::vector<Duplicate>> all_of(const HubSql& sql, sqlite::Statement& query) {
  std::vector<Duplicate> pairs;
  for (;;) {
    DS_ASSIGN(const bool found, query.step());
    if (!found) return pairs;
    DS_ASSIGN(Duplicate pair, duplicate_at(sql, query));
    pairs.push_back(std::move(pair));
  }
}

}  // namespace

Result<std::vector<Duplicate>> read_duplicates(HubConnection& hub, const HubSql& sql,
                                               bool only_open, std::size_t count_max) {
  static const std::string newest = " ORDER BY proposed DESC, id LIMIT ?1";
  static const std::string all = std::string(select_duplicate) + newest;
  static const std::string open = std::string(select_duplicate) + "WHERE state = 'open'" + newest;
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  DS_ASSIGN(const HubQuery query, hub.query(only_open ? open : all));
  query->bind(1, static_cast<std::int64_t>(std::min(count_max, most)));
  return all_of(sql, *query);
}

Result<HubQuery> SqliteHubDuplicates::about(std::string_view sql, const RowKey& row) {
  DS_ASSIGN(HubQuery query, hub_.query(sql));
  const Table& table = sql_->schema.table(row.table);
  query->bind(1, std::string_view(table.name));
  bind_key(*query, 2, table, row.row);
  return query;
}

Result<std::optional<RowId>> SqliteHubDuplicates::merged_into(const RowKey& key) {
  return attempt([&]() -> Result<std::optional<RowId>> {
    DS_ASSIGN(
        const HubQuery find,
        about("SELECT merged_into FROM ds_tombstone WHERE table_name = ?1 AND row_key = ?2", key));
    DS_ASSIGN(const bool found, find->step());
    if (!found || find->is_null(0)) return std::optional<RowId>();
    DS_ASSIGN(const RowId into, row_id_at(*find, 0));
    return std::optional(into);
  });
}

Result<bool> SqliteHubDuplicates::has_merged_rows() {
  return attempt([&]() -> Result<bool> {
    DS_ASSIGN(const HubQuery find,
              hub_.query("SELECT 1 FROM ds_tombstone WHERE merged_into IS NOT NULL LIMIT 1"));
    return find->step();
  });
}

Status SqliteHubDuplicates::change_blocks(const RowKey& key, std::span<const MatchBlock> left,
                                          std::span<const MatchBlock> joined) {
  const Table& table = sql_->schema.table(key.table);
  const auto run = [&](std::string_view sql, std::span<const MatchBlock> blocks) -> Status {
    if (blocks.empty()) return {};
    DS_ASSIGN(const HubQuery query, hub_.query(sql));
    for (const MatchBlock block : blocks) {
      query->bind_unsigned(1, block.value);
      bind_key(*query, 2, table, key.row);
      DS_TRY(query->run());
    }
    return {};
  };
  return attempt([&]() -> Status {
    DS_TRY(run("DELETE FROM ds_match WHERE block = ?1 AND row_key = ?2", left));
    return run("INSERT OR IGNORE INTO ds_match (block, row_key) VALUES (?1, ?2)", joined);
  });
}

Result<std::vector<RowId>> SqliteHubDuplicates::rows_in(MatchBlock block, std::size_t count_max) {
  return attempt([&]() -> Result<std::vector<RowId>> {
    DS_ASSIGN(
        const HubQuery query,
        hub_.query("SELECT row_key FROM ds_match WHERE block = ?1 ORDER BY row_key LIMIT ?2"));
    query->bind_unsigned(1, block.value);
    query->bind(2, static_cast<std::int64_t>(count_max));
    std::vector<RowId> rows;
    for (;;) {
      DS_ASSIGN(const bool found, query->step());
      if (!found) return rows;
      DS_ASSIGN(const RowId row, row_id_at(*query, 0));
      rows.push_back(row);
    }
  });
}

Result<std::optional<Duplicate>> SqliteHubDuplicates::find(const DuplicateId& id) {
  static const std::string by_id = std::string(select_duplicate) + "WHERE id = ?1";
  return attempt([&]() -> Result<std::optional<Duplicate>> {
    DS_ASSIGN(const HubQuery query, hub_.query(by_id));
    query->bind(1, id.view());
    DS_ASSIGN(const bool found, query->step());
    if (!found) return std::optional<Duplicate>();
    DS_ASSIGN(Duplicate pair, duplicate_at(*sql_, *query));
    return std::optional(std::move(pair));
  });
}

Result<std::vector<Duplicate>> SqliteHubDuplicates::of_row(const RowKey& key) {
  static const std::string by_row =
      std::string(select_duplicate) + "WHERE table_name = ?1 AND first = ?2 UNION ALL " +
      std::string(select_duplicate) + "WHERE table_name = ?1 AND second = ?2 ORDER BY id";
  return attempt([&]() -> Result<std::vector<Duplicate>> {
    DS_ASSIGN(const HubQuery query, about(by_row, key));
    return all_of(*sql_, *query);
  });
}

Status SqliteHubDuplicates::put(const Duplicate& pair) {
  return attempt([&]() -> Status {
    const Table& table = sql_->schema.table(pair.table);
    const std::string reasons = text_of(pair.reasons);
    DS_ASSIGN(const HubQuery upsert, hub_.query(put_duplicate_sql));
    upsert->bind(1, pair.id.view());
    upsert->bind(2, std::string_view(table.name));
    bind_key(*upsert, 3, table, pair.first);
    bind_key(*upsert, 4, table, pair.second);
    upsert->bind(5, std::int64_t{pair.score});
    upsert->bind(6, std::string_view(reasons));
    upsert->bind(7, name_of(pair.state));
    upsert->bind(8, pair.proposed);
    if (pair.survivor) {
      bind_key(*upsert, 9, table, *pair.survivor);
    } else {
      upsert->bind_null(9);
    }
    upsert->bind(10, pair.decided);
    upsert->bind(11, pair.decided_at.ms);
    upsert->bind(12, std::string_view(pair.decided_by));
    return upsert->run();
  });
}

Status SqliteHubDuplicates::remove(const DuplicateId& id) {
  return attempt([&]() -> Status {
    DS_ASSIGN(const HubQuery query, hub_.query("DELETE FROM ds_duplicate WHERE id = ?1"));
    query->bind(1, id.view());
    return query->run();
  });
}

}  // namespace doorstep
