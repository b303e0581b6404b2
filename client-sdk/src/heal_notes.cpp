#include "client-sdk/src/heal_notes.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "engine/core/defect.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

Result<std::optional<Instant>> time_of(sqlite::Database& db, std::string_view key) {
  DS_ASSIGN(const auto read, db.kept("SELECT value FROM ds_meta WHERE key = ?1"));
  read->bind(1, key);
  DS_ASSIGN(const bool found, read->step());
  return found ? std::optional(Instant{read->integer(0)}) : std::nullopt;
}

Result<std::uint64_t> count_at(sqlite::Database& db, std::string_view key) {
  DS_ASSIGN(const auto at, time_of(db, key));
  return at && at->ms > 0 ? static_cast<std::uint64_t>(at->ms) : 0;
}

// "0190... changed phone,name" a line; keys in hex.
std::string heal_text(const std::vector<RowDifference>& rows) {
  std::string text;
  for (const RowDifference& one : rows) {
    text += to_hex(one.row.view()) + " " + std::string(name_of(one.kind));
    for (std::size_t i = 0; i < one.columns.size(); ++i) {
      text += (i == 0 ? ' ' : ',') + one.columns[i];
    }
    text += '\n';
  }
  return text;
}

std::vector<std::string> columns_in(std::string_view text) {
  std::vector<std::string> columns;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    columns.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return columns;
}

std::vector<RowDifference> rows_in(std::string_view text) {
  std::vector<RowDifference> rows;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::size_t gap = line.find(' ');
    if (gap == std::string_view::npos) continue;
    const auto bytes = from_hex(line.substr(0, gap));
    const auto row = bytes ? RowId::from(*bytes) : std::nullopt;
    const std::string_view rest = line.substr(gap + 1);
    const std::size_t next = std::min(rest.find(' '), rest.size());
    const std::string_view columns = rest.substr(std::min(next + 1, rest.size()));
    using Kind = RowDifference::Kind;
    for (const Kind kind : {Kind::missing, Kind::surplus, Kind::changed}) {
      if (row && rest.substr(0, next) == name_of(kind)) {
        rows.push_back({*row, kind, columns_in(columns)});
      }
    }
  }
  return rows;
}

}  // namespace

Status note_healed(sqlite::Database& db, Instant at, const std::vector<TableDifference>& tables) {
  DS_TRY(save_meta(db, meta::reconciled_ms, Value::integer(at.ms)));
  if (!tables.empty()) {
    DS_ASSIGN(std::uint64_t total, count_at(db, meta::heal_total));
    for (const TableDifference& one : tables) total += one.count();
    DS_TRY(save_meta(db, meta::heal_total, Value::integer(static_cast<std::int64_t>(total))));
    DS_TRY(save_meta(db, meta::heal_ms, Value::integer(at.ms)));
  }
  DS_TRY(db.run("DELETE FROM ds_meta WHERE key GLOB 'healed:*'"));
  DS_ASSIGN(auto put, db.prepare("INSERT INTO ds_meta (key, value) VALUES ('healed:' || ?1,"
                                 " json_array(?2, ?3, ?4, ?5))"));
  for (const TableDifference& one : tables) {
    put.bind(1, std::string_view(one.table));
    put.bind_unsigned(2, one.missing);
    put.bind_unsigned(3, one.surplus);
    put.bind_unsigned(4, one.changed);
    const std::string rows = heal_text(one.rows);
    put.bind(5, std::string_view(rows));
    DS_TRY(put.run());
  }
  return {};
}

Result<std::optional<HealNote>> read_healed(sqlite::Database& db) {
  DS_ASSIGN(const auto at, time_of(db, meta::reconciled_ms));
  if (!at) return std::optional<HealNote>();
  HealNote note{*at, {}, 0, {}};
  DS_ASSIGN(note.total, count_at(db, meta::heal_total));
  DS_ASSIGN(note.healed_at, time_of(db, meta::heal_ms));
  DS_ASSIGN(auto read, db.prepare("SELECT substr(key, 8), value ->> 0, value ->> 1, value ->> 2,"
                                  " value ->> 3 FROM ds_meta"
                                  " WHERE key GLOB 'healed:*' ORDER BY key"));
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) return std::optional(std::move(note));
    note.tables.push_back({std::string(read.text(0)), read.unsigned_integer(1),
                           read.unsigned_integer(2), read.unsigned_integer(3),
                           rows_in(read.text(4))});
  }
}

Result<std::optional<Healed>> unnoted_heal(sqlite::Database& db) {
  DS_ASSIGN(const std::uint64_t total, count_at(db, meta::heal_total));
  DS_ASSIGN(const std::uint64_t noted, count_at(db, meta::heal_noted));
  if (total <= noted) return std::optional<Healed>();
  DS_ASSIGN(auto note, read_healed(db));
  Healed healed{total, {}};
  if (note) healed.tables = std::move(note->tables);
  return std::optional(std::move(healed));
}

Status note_heal_noted(sqlite::Database& db, std::uint64_t total) {
  DS_ASSIGN(const std::uint64_t known, count_at(db, meta::heal_total));
  if (total != known) return {};
  return save_meta(db, meta::heal_noted, Value::integer(static_cast<std::int64_t>(total)));
}

Result<std::optional<ReplicaStatus::HubLoss>> read_hub_loss(sqlite::Database& db) {
  DS_ASSIGN(const auto at, time_of(db, meta::hub_lost_ms));
  if (!at) return std::optional<ReplicaStatus::HubLoss>();
  ReplicaStatus::HubLoss loss;
  loss.at = *at;
  DS_ASSIGN(const std::string how, load_meta_text(db, meta::hub_lost_how));
  loss.reset = how == "reset";
  DS_ASSIGN(const Value unsent, load_meta(db, meta::hub_lost_unsent));
  if (unsent.kind() == Value::Kind::integer) {
    loss.unsent = static_cast<std::uint64_t>(unsent.as_integer());
  }
  DS_ASSIGN(auto waiting, db.prepare("SELECT count(*) FROM ds_rejected WHERE state = 'waiting'"
                                     " AND code = ?1"));
  waiting.bind(1, static_cast<std::int64_t>(ErrorCode::hub_reset));
  DS_ASSIGN(const bool counted, waiting.step());
  loss.waiting = counted ? waiting.unsigned_integer(0) : 0;
  return std::optional(loss);
}

Status check_base(sqlite::Database& db, const Schema& schema, Instant time, bool now) {
  DS_ASSIGN(const auto last, time_of(db, meta::checked_ms));
  if (DS_DEFECT("rows_never_checked")) return {};
  if (!now && time - last.value_or(Instant{}) < limits::check_interval_ms) return {};
  DS_ASSIGN(ReplicaState state, load_state(db));
  DS_ASSIGN(const BaseDigests found, scan_base(db, schema));
  if (found.total != state.digest) {
    state.digest = found.total;
    state.digest_matched = false;
    DS_TRY(save_state(db, state));
  }
  return save_meta(db, meta::checked_ms, Value::integer(time.ms));
}

}  // namespace doorstep
