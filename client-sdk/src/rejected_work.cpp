#include "client-sdk/src/rejected_work.hpp"

#include <array>

#include "client-sdk/src/without_triggers.hpp"
#include "engine/core/change_name.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/overlay.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {
namespace {

constexpr std::string_view rejected_columns = "sequence, verdict, at_ms, state, resent_as";

RejectedInfo::State rejected_state_of(std::string_view name) {
  using State = RejectedInfo::State;
  for (const State state : {State::resent, State::discarded}) {
    if (name == name_of(state)) return state;
  }
  return State::waiting;
}

Result<RejectedInfo> info_at(const sqlite::Statement& row) {
  RejectedInfo info;
  info.sequence = Sequence{row.unsigned_integer(0)};
  DS_ASSIGN(Outcome verdict, decode_outcome(row.blob(1)));
  info.kind = verdict.kind;
  info.reason = verdict.reason.value_or(error(ErrorCode::internal));
  info.depends_on = verdict.depends_on;
  info.broken = std::move(verdict.broken);
  info.at = Instant{row.integer(2)};
  info.state = rejected_state_of(row.text(3));
  info.resent_as = Sequence{row.unsigned_integer(4)};
  return info;
}

std::vector<std::string> rows_of(const Schema& schema, const Transaction& transaction) {
  std::vector<std::string> rows;
  for (const RowChange& change : transaction.changes) {
    const Table& table = schema.table(change.table);
    rows.push_back(std::string(name_of(change.kind)) + " " + table.name + " " +
                   (table.key_type == ColumnType::uuid ? to_hex(change.row.view())
                                                       : std::string(change.row.text())));
  }
  return rows;
}

RejectedRow row_of(const Table& table, const RowChange& change,
                   const std::optional<RowImage>& now) {
  RejectedRow row{change.kind,     table.name, table.key, value_of_key(table, change.row),
                  now.has_value(), {}};
  if (change.kind == RowChange::Kind::remove) return row;
  // As an insert it shows what it wanted also where the row is gone.
  RowChange wanted = change;
  wanted.kind = RowChange::Kind::insert;
  const RowChange* const list[] = {&wanted};
  const auto image = fold(table, now, list);
  for (const CellChange& cell : change.cells) {
    const std::size_t i = cell.column.index;
    row.columns.push_back(
        {table.columns[i].name, now ? now->values[i] : Value::null(), image->values[i]});
  }
  return row;
}

Status write_row_again(const Table& table, RowTable& rows, const RowChange& change) {
  DS_ASSIGN(auto now, rows.read(change.row));
  if (change.kind == RowChange::Kind::remove) return now ? rows.remove(change.row) : Status();
  if (!now && change.kind == RowChange::Kind::update) {
    return error(ErrorCode::not_found,
                 table.name + " " + value_of_key(table, change.row).display() + " is gone");
  }
  const RowChange* const list[] = {&change};
  const auto image = fold(table, std::move(now), list);
  return image ? rows.put(change.row, *image) : Status();
}

}  // namespace

Status keep_rejected(sqlite::Database& db, const Ack::Item& item, Instant now) {
  DS_ASSIGN(auto move,
            db.prepare("INSERT OR REPLACE INTO ds_rejected"
                       " (sequence, hash, body, outcome, reason, code, message, depends_on, rule, "
                       "verdict, at_ms)"
                       " SELECT sequence, hash, body, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM ds_outbox"
                       " WHERE sequence = ?1"));
  const Error reason = item.outcome.reason.value_or(
      error(item.outcome.kind == Outcome::Kind::depends_on ? ErrorCode::depends_on_rejected
                                                           : ErrorCode::rule_broken));
  move.bind_unsigned(1, item.sequence.value);
  move.bind(2, name_of(item.outcome.kind));
  move.bind(3, name_of(reason.code));
  move.bind(4, static_cast<std::int64_t>(reason.code));
  move.bind(5, std::string_view(reason.detail));
  move.bind_unsigned(6, item.outcome.depends_on.value);
  if (item.outcome.broken) move.bind(7, std::string_view(item.outcome.broken->rule));
  Outcome verdict = item.outcome;
  verdict.reason = reason;
  const Bytes encoded = encode_outcome(verdict);
  move.bind(8, ByteView(encoded));
  move.bind(9, now.ms);
  DS_TRY(move.run());
  DS_ASSIGN(auto drop, db.prepare("DELETE FROM ds_outbox WHERE sequence = ?1"));
  drop.bind_unsigned(1, item.sequence.value);
  return drop.run();
}

Result<std::optional<RejectedInfo>> find_rejected(sqlite::Database& db, Sequence sequence) {
  DS_ASSIGN(auto read, db.prepare("SELECT " + std::string(rejected_columns) +
                                  " FROM ds_rejected WHERE sequence = ?1"));
  read.bind_unsigned(1, sequence.value);
  DS_ASSIGN(const bool found, read.step());
  if (!found) return std::optional<RejectedInfo>();
  DS_ASSIGN(RejectedInfo info, info_at(read));
  return std::optional(std::move(info));
}

Result<std::vector<RejectedInfo>> read_rejected(sqlite::Database& db, const Schema& schema) {
  DS_ASSIGN(auto read, db.prepare("SELECT " + std::string(rejected_columns) +
                                  " FROM ds_rejected WHERE state = 'waiting' ORDER BY sequence"));
  std::vector<RejectedInfo> rejected;
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) break;
    DS_ASSIGN(RejectedInfo info, info_at(read));
    rejected.push_back(std::move(info));
  }
  for (RejectedInfo& info : rejected) {
    DS_ASSIGN(const Transaction content, rejected_content(db, schema, info.sequence));
    info.rows = rows_of(schema, content);
  }
  return rejected;
}

Result<Transaction> rejected_content(sqlite::Database& db, const Schema& schema,
                                     Sequence sequence) {
  DS_ASSIGN(auto read, db.prepare("SELECT body FROM ds_rejected WHERE sequence = ?1"));
  read.bind_unsigned(1, sequence.value);
  DS_ASSIGN(const bool found, read.step());
  if (!found) {
    return error(ErrorCode::not_found, "rejected transaction " + std::to_string(sequence.value));
  }
  auto content = transaction_in(schema, read.blob(0));
  return content ? std::move(content).value() : Transaction{};
}

Result<RejectedDetail> read_rejected_detail(sqlite::Database& db, const Schema& schema,
                                            Sequence sequence) {
  RejectedDetail detail;
  DS_ASSIGN(const Transaction content, rejected_content(db, schema, sequence));
  DS_ASSIGN(auto info, find_rejected(db, sequence));
  if (!info) return error(ErrorCode::not_found);
  detail.info = *std::move(info);
  detail.info.rows = rows_of(schema, content);
  RowTables tables(db, schema, RowAccess::read);
  for (const RowChange& change : content.changes) {
    DS_ASSIGN(RowTable* const rows, tables.of(change.table));
    DS_ASSIGN(const auto now, rows->read(change.row));
    detail.rows.push_back(row_of(schema.table(change.table), change, now));
  }
  if (detail.info.state == RejectedInfo::State::waiting) {
    DS_ASSIGN(detail.group, waiting_group(db, sequence));
  }
  return detail;
}

Result<std::vector<Sequence>> waiting_group(sqlite::Database& db, Sequence sequence) {
  DS_ASSIGN(const auto info, find_rejected(db, sequence));
  if (!info || info->state != RejectedInfo::State::waiting) {
    return error(ErrorCode::not_found, "rejected transaction " + std::to_string(sequence.value) +
                                           (info ? " is closed" : ""));
  }
  const Sequence first = info->depends_on.value != 0 ? info->depends_on : sequence;
  DS_ASSIGN(auto read, db.prepare("SELECT sequence FROM ds_rejected WHERE state = 'waiting'"
                                  " AND (sequence = ?1 OR depends_on = ?1) ORDER BY sequence"));
  read.bind_unsigned(1, first.value);
  std::vector<Sequence> group;
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) return group;
    group.push_back(Sequence{read.unsigned_integer(0)});
  }
}

Status write_again(sqlite::Database& db, const Schema& schema, RowTables& tables,
                   Sequence sequence) {
  DS_ASSIGN(const Transaction content, rejected_content(db, schema, sequence));
  const WithoutTriggers quiet(db);
  for (const RowChange& change : content.changes) {
    DS_ASSIGN(RowTable* const rows, tables.of(change.table));
    DS_TRY(write_row_again(schema.table(change.table), *rows, change));
  }
  return {};
}

Result<Hash> original_of(sqlite::Database& db, const Schema& schema, Sequence sequence) {
  DS_ASSIGN(const Transaction content, rejected_content(db, schema, sequence));
  if (content.resends) return *content.resends;
  DS_ASSIGN(auto read, db.prepare("SELECT hash FROM ds_rejected WHERE sequence = ?1"));
  read.bind_unsigned(1, sequence.value);
  DS_ASSIGN(const bool found, read.step());
  if (!found) return error(ErrorCode::not_found);
  return read.id<Hash>(0);
}

Status close_rejected(sqlite::Database& db, Sequence sequence, RejectedInfo::State state,
                      Sequence resent_as, Instant now) {
  DS_ASSIGN(auto close, db.prepare("UPDATE ds_rejected SET state = ?2, resent_as = ?3,"
                                   " closed_ms = ?4 WHERE sequence = ?1"));
  close.bind_unsigned(1, sequence.value);
  close.bind(2, name_of(state));
  if (resent_as.value != 0) close.bind_unsigned(3, resent_as.value);
  close.bind(4, now.ms);
  return close.run();
}

Result<Sequence> closed_work(sqlite::Database& db, Sequence included, Instant now) {
  DS_ASSIGN(const auto read, db.kept("SELECT max(sequence) FROM ds_rejected"
                                     " WHERE closed_ms < ?1 AND sequence <= ?2"));
  read->bind(1, now.ms - limits::acked_kept_ms);
  read->bind_unsigned(2, included.value);
  DS_ASSIGN(const bool found, read->step());
  return !found || read->is_null(0) ? Sequence{} : Sequence{read->unsigned_integer(0)};
}

Status forget_closed_work(sqlite::Database& db, Sequence included, Instant now) {
  DS_ASSIGN(const auto drop,
            db.kept("DELETE FROM ds_rejected WHERE closed_ms < ?1 AND sequence <= ?2"));
  drop->bind(1, now.ms - limits::acked_kept_ms);
  drop->bind_unsigned(2, included.value);
  return drop->run();
}

std::string_view name_of(RejectedInfo::State state) {
  using State = RejectedInfo::State;
  switch (state) {
    case State::waiting:
      return "waiting";
    case State::resent:
      return "resent";
    case State::discarded:
      return "discarded";
  }
  return "";
}

}  // namespace doorstep
