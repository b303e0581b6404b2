#include "client-sdk/src/receipt_book.hpp"

#include <map>

#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/rejected_work.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "client-sdk/src/row_table.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

Receipt township_receipt(const ReplicaState& state) {
  Receipt receipt;
  receipt.position = state.cursor;
  receipt.at = state.last_sync;
  return receipt;
}

/// Of a transaction that the hub has, and took.
Result<Receipt> durable(sqlite::Database& db, const ReplicaState& state, Sequence transaction) {
  Receipt receipt = township_receipt(state);
  receipt.transaction = transaction;
  DS_ASSIGN(auto find, db.prepare("SELECT position, at_ms FROM ds_receipt WHERE last >= ?1"
                                  " ORDER BY last LIMIT 1"));
  find.bind_unsigned(1, transaction.value);
  DS_ASSIGN(const bool found, find.step());
  if (!found) return receipt;
  receipt.position = find.is_null(0) ? Position{} : find.position(0);
  receipt.at = Instant{find.integer(1)};
  return receipt;
}

Receipt refusal_receipt(const RejectedInfo& info) {
  Receipt receipt;
  receipt.state = Receipt::State::needs_attention;
  receipt.transaction = info.sequence;
  receipt.at = info.at;
  receipt.why = info.broken ? info.broken->message : info.reason.text();
  return receipt;
}

Result<Receipt> of_transaction(sqlite::Database& db, const ReplicaState& state,
                               Sequence transaction) {
  if (transaction.value == 0 || transaction > state.last) {
    return error(ErrorCode::not_found, "transaction " + std::to_string(transaction.value));
  }
  if (transaction > state.acknowledged) {
    Receipt receipt;
    receipt.state = Receipt::State::on_this_phone;
    receipt.transaction = transaction;
    receipt.why = state.waits_for;
    if (receipt.why.empty() && state.recovery == Recovery::restored) {
      receipt.why = "the township's hub was restored; it is offered again";
    }
    return receipt;
  }
  DS_ASSIGN(const auto rejected, find_rejected(db, transaction));
  if (!rejected && transaction > state.lost_after && transaction <= state.lost) {
    Receipt receipt;
    receipt.state = Receipt::State::needs_attention;
    receipt.transaction = transaction;
    receipt.why = "the township's hub has lost it, and this phone does not hold it any more";
    return receipt;
  }
  if (!rejected) return durable(db, state, transaction);
  if (rejected->state == RejectedInfo::State::waiting) return refusal_receipt(*rejected);
  // A later sequence each time, so this ends.
  if (rejected->resent_as > transaction) return of_transaction(db, state, rejected->resent_as);
  Receipt receipt = refusal_receipt(*rejected);
  receipt.state = Receipt::State::discarded;
  return receipt;
}

/// Rows that need attention by their keys: refused work first, then values that met another.
using Attention = std::map<RowKey, Receipt>;

Result<Attention> rows_in_need(sqlite::Database& db, const Schema& schema) {
  Attention rows;
  DS_ASSIGN(const auto rejected, read_rejected(db, schema));
  for (const RejectedInfo& info : rejected) {
    DS_ASSIGN(const Transaction content, rejected_content(db, schema, info.sequence));
    for (const RowChange& change : content.changes) {
      rows.emplace(RowKey{change.table, change.row}, refusal_receipt(info));
    }
  }
  DS_ASSIGN(auto conflicts, db.prepare("SELECT \"table\", \"row\", \"column\" FROM ds_conflict"
                                       " WHERE state = 'open' ORDER BY id"));
  for (;;) {
    DS_ASSIGN(const bool more, conflicts.step());
    if (!more) return rows;
    const auto table = schema.find_table(conflicts.text(0));
    if (!table) continue;
    const auto row = key_of(schema.table(*table), conflicts.value(1));
    if (!row) continue;
    const std::string column(conflicts.text(2));
    Receipt receipt;
    receipt.state = Receipt::State::needs_attention;
    receipt.why = column.empty() ? "it was deleted and edited at the same time"
                                 : "two values of " + column + " met";
    rows.emplace(RowKey{*table, *row}, receipt);
  }
}

/// Of the row's newest own transaction; nullopt when it has none that is not confirmed.
Result<std::optional<Receipt>> pending_receipt(sqlite::Database& db, const ReplicaState& state,
                                               PendingRows& pending, const RowKey& key) {
  DS_ASSIGN(const auto row, pending.find(key));
  if (!row || row->sequences.empty()) return std::optional<Receipt>();
  DS_ASSIGN(Receipt receipt, of_transaction(db, state, row->sequences.back()));
  return std::optional(std::move(receipt));
}

}  // namespace

Status note_receipt(sqlite::Database& db, Sequence last, Position position, Instant now) {
  DS_ASSIGN(const auto put, db.kept("INSERT OR REPLACE INTO ds_receipt (last, position, at_ms)"
                                    " VALUES (?1, ?2, ?3)"));
  put->bind_unsigned(1, last.value);
  if (position.value != 0) {
    put->bind(2, position);
  } else {
    put->bind_null(2);
  }
  put->bind(3, now.ms);
  DS_TRY(put->run());
  DS_ASSIGN(const auto trim,
            db.kept("DELETE FROM ds_receipt WHERE last <= (SELECT last FROM ds_receipt"
                    " ORDER BY last DESC LIMIT 1 OFFSET ?1)"));
  trim->bind(1, static_cast<std::int64_t>(limits::receipts_kept_max));
  return trim->run();
}

Status place_receipts(sqlite::Database& db, Sequence included, Position position) {
  DS_ASSIGN(const auto place, db.kept("UPDATE ds_receipt SET position = ?2"
                                      " WHERE position IS NULL AND last <= ?1"));
  place->bind_unsigned(1, included.value);
  place->bind(2, position);
  return place->run();
}

Result<Receipt> receipt_of(sqlite::Database& db, Sequence transaction) {
  DS_ASSIGN(const ReplicaState state, load_state(db));
  return of_transaction(db, state, transaction);
}

Result<Receipt> receipt_of(sqlite::Database& db, const Schema& schema, std::string_view table,
                           const Value& id) {
  const auto found = schema.find_table(table);
  if (!found) return error(ErrorCode::unknown_table, std::string(table));
  DS_ASSIGN(const RowId row, key_of(schema.table(*found), id));
  const RowKey key{*found, row};
  DS_ASSIGN(const Attention attention, rows_in_need(db, schema));
  if (const auto need = attention.find(key); need != attention.end()) return need->second;
  DS_ASSIGN(const ReplicaState state, load_state(db));
  PendingRows pending(db, schema);
  DS_ASSIGN(auto own, pending_receipt(db, state, pending, key));
  if (own) return *std::move(own);
  DS_ASSIGN(auto rows, RowTable::prepare(db, schema.table(*found), RowAccess::read));
  DS_ASSIGN(const auto image, rows.read(row));
  if (!image) return error(ErrorCode::not_found, std::string(table) + " " + id.display());
  return township_receipt(state);
}

Result<RecordReceipts> read_receipts(sqlite::Database& db, const Schema& schema) {
  DS_ASSIGN(const ReplicaState state, load_state(db));
  DS_ASSIGN(Attention rows, rows_in_need(db, schema));
  PendingRows pending(db, schema);
  DS_ASSIGN(const std::vector<RowKey> keys, pending.keys());
  RecordReceipts out;
  for (const RowKey& key : keys) {
    if (rows.contains(key)) continue;
    DS_ASSIGN(auto own, pending_receipt(db, state, pending, key));
    if (own && own->state == Receipt::State::on_this_phone) {
      rows.emplace(key, *std::move(own));
    } else if (own) {
      ++out.at_township;
    }
  }
  for (auto& [key, receipt] : rows) {
    (receipt.state == Receipt::State::on_this_phone ? out.on_this_phone : out.needs_attention) += 1;
    const Table& table = schema.table(key.table);
    out.records.push_back({table.name, value_of_key(table, key.row), std::move(receipt)});
  }
  return out;
}

std::string_view name_of(Receipt::State state) {
  switch (state) {
    case Receipt::State::on_this_phone:
      return "on_this_phone";
    case Receipt::State::at_township:
      return "at_township";
    case Receipt::State::needs_attention:
      return "needs_attention";
    case Receipt::State::discarded:
      return "discarded";
  }
  return "";
}

}  // namespace doorstep
