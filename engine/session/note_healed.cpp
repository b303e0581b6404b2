#include "engine/session/note_healed.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/value_text.hpp"

namespace doorstep {
namespace {

std::string text_of_heal(const RowDifference& one) {
  std::string text = text_of_key(one.row) + " " + std::string(name_of(one.kind));
  for (std::size_t i = 0; i < one.columns.size(); ++i) {
    text += (i == 0 ? " " : ",") + one.columns[i];
  }
  return text;
}

struct ScopeRows {
  std::uint64_t count = 0;
  std::string rows;
};

struct LogLine {
  ScopeId scope;
  const TableDifference* table = nullptr;
  ScopeRows rows;
};

// The device does not keep scopes; the hub knows where each row lives or died.
Result<std::map<ScopeId, ScopeRows>> by_scope(HubCommit& commit, const TableDifference& table) {
  std::map<ScopeId, ScopeRows> scopes;
  const auto id = commit.schemas().newest().find_table(table.table);
  std::vector<RowId> keys;
  for (const RowDifference& one : table.rows) keys.push_back(one.row);
  std::vector<std::optional<StoredRow>> rows(keys.size());
  if (id) {
    DS_ASSIGN(rows, commit.fetch(*id, keys));
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ScopeRows& scope = scopes[rows[i] ? rows[i]->scope : ScopeId{}];
    ++scope.count;
    scope.rows += (scope.rows.empty() ? "" : "; ") + text_of_heal(table.rows[i]);
  }
  return scopes;
}

}  // namespace

Result<HealNoted> note_healed(HubStore& store, LogSink& log, const DeviceId& device,
                              const Healed& healed, Instant now, const CommitToken& token) {
  const HealNoted noted{healed.total};
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(auto record, commit->device(device));
  if (!record) return error(ErrorCode::device_unknown, device.hex());
  if (healed.total == record->healed) return noted;
  std::vector<LogLine> lines;
  for (const TableDifference& table : healed.tables) {
    DS_ASSIGN(auto scopes, by_scope(*commit, table));
    for (auto& [scope, rows] : scopes) lines.push_back({scope, &table, std::move(rows)});
  }
  // Less: its file was made anew, and the count in it lost. What it says is news all the same.
  record->healed = std::max(record->healed, healed.total);
  record->healed_at = now;
  DS_TRY(commit->put_device(*record));
  DS_TRY(commit->commit(now, token));
  for (const LogLine& line : lines) {
    log.write(LogLevel::warning, "healed",
              {{"device", device.hex()},
               {"scope", line.scope.code},
               {"table", line.table->table},
               {"rows", std::to_string(line.rows.count)},
               {"of", std::to_string(line.table->count())},
               {"differed", line.rows.rows}});
  }
  return noted;
}

}  // namespace doorstep
