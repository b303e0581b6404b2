// What a replica does when its hub was restored or reset (SEMANTICS G2, G3).
#include "client-sdk/src/conflict_records.hpp"
#include "client-sdk/src/decision_notes.hpp"
#include "client-sdk/src/device_overlay.hpp"
#include "client-sdk/src/kept_work.hpp"
#include "client-sdk/src/rejected_work.hpp"
#include "client-sdk/src/sqlite_device_store.hpp"
#include "engine/core/defect.hpp"
#include "engine/ports/fault.hpp"

namespace doorstep {
namespace {

Status forget_receipts(sqlite::Database& db, Sequence after) {
  DS_ASSIGN(auto drop, db.prepare("DELETE FROM ds_receipt WHERE last > ?1"));
  drop.bind_unsigned(1, after.value);
  return drop.run();
}

// What waits there is handed over again with its rows; what is not offered again, in (merged,
// from], waits nowhere any more.
Status salvage_again(sqlite::Database& db, Sequence merged, Sequence from) {
  DS_ASSIGN(auto drop, db.prepare("UPDATE ds_rejected SET base = NULL, base_parts = 0,"
                                  " base_sent = 0 WHERE sequence > ?1 AND sequence <= ?2"));
  drop.bind_unsigned(1, merged.value);
  drop.bind_unsigned(2, from.value);
  DS_TRY(drop.run());
  DS_ASSIGN(auto again, db.prepare("UPDATE ds_rejected SET base_sent = 0"
                                   " WHERE sequence > ?1 AND state = 'waiting'"));
  again.bind_unsigned(1, from.value);
  return again.run();
}

Result<std::vector<Sequence>> in_outbox(sqlite::Database& db) {
  DS_ASSIGN(auto read, db.prepare("SELECT sequence FROM ds_outbox ORDER BY sequence"));
  std::vector<Sequence> all;
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) return all;
    all.push_back(Sequence{read.unsigned_integer(0)});
  }
}

/// Nothing is offered to a hub that was begun anew: what was never acknowledged waits for a person.
Status begin_anew(sqlite::Database& db, const Schema& schema, RowTables& tables,
                  ReplicaState& state, Sequence merged) {
  DeviceOverlay overlay(db, schema, tables, state);
  DS_ASSIGN(const std::vector<Sequence> own, in_outbox(db));
  for (const Sequence sequence : own) DS_TRY(overlay.withdraw(sequence));
  DS_TRY(overlay.settle());
  for (const Sequence sequence : own) {
    DS_TRY(withdraw_decisions(db, sequence));
    if (sequence <= state.acknowledged || DS_DEFECT("unsent_goes_with_reset")) continue;
    Ack::Item item;
    item.sequence = sequence;
    item.outcome.kind = Outcome::Kind::rejected;
    item.outcome.reason = error(ErrorCode::hub_reset);
    DS_TRY(keep_rejected(db, item, state.hub_seen));
  }
  DS_TRY(
      db.run("DELETE FROM ds_outbox; DELETE FROM ds_kept;"
             " UPDATE ds_rejected SET base = NULL, base_parts = 0, base_sent = 0"));
  DS_TRY(drop_all_set_aside(db));
  state.lost_after = merged;
  state.lost = merged < state.last ? state.last : Sequence{};
  state.unheld = state.acknowledged = state.included = state.last;
  state.unheld_hash = state.head;
  return {};
}

/// Through where the hub has what was written here. Another hash under a number, or numbers that
/// were never given here, are a copy's (SEMANTICS C5): then nobody knows, and all that is kept is
/// offered, to be told apart by its hashes.
Result<Sequence> common_with(sqlite::Database& db, const ReplicaState& state,
                             const Restored& restored) {
  const Sequence merged = state.here(restored.merged);
  if (restored.reset || merged <= state.earlier) return std::min(merged, state.last);
  DS_ASSIGN(const auto written, hash_written(db, state, merged));
  const bool another = written && *written != restored.head;
  return merged > state.last || another ? state.unheld : merged;
}

}  // namespace

Status SqliteDeviceStore::note_restored(const Restored& restored) {
  sqlite::Database& db = file_.db;
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(db));
  DS_ASSIGN(ReplicaState state, locked_state());
  DS_ASSIGN(const Sequence merged, common_with(db, state, restored));
  const bool stays =
      !restored.reset && restored.at == state.cursor && restored.token == state.token;
  DS_TRY(staged_.clear());
  if (restored.reset) {
    DS_TRY(begin_anew(db, file_.schema, tables_, state, merged));
  } else {
    const Sequence from = std::max(merged, state.unheld);
    if (merged < state.unheld) {
      state.lost_after = merged;
      state.lost = state.unheld;
    }
    DS_TRY(offer_again(db, state, from));
    DS_TRY(salvage_again(db, merged, from));
    state.acknowledged = std::min(state.acknowledged, from);
    state.included = std::min(state.included, from);
  }
  DS_TRY(forget_receipts(db, merged));
  state.waits_for.clear();
  if (!stays) {
    state.cursor = restored.reset ? Position{} : restored.at;
    state.token = restored.reset ? CommitToken{} : restored.token;
    state.digest_matched = false;
    state.recovery = restored.reset ? Recovery::reset : Recovery::restored;
    if (DS_DEFECT("lost_rows_stay")) {
      state.digest_matched = true;
      state.recovery = Recovery::none;
    }
    state.recovering = state.last;
  }
  DS_TRY(save_meta(db, meta::hub_lost_ms, Value::integer(state.hub_seen.ms)));
  DS_TRY(save_meta(db, meta::hub_lost_how, Value::text(restored.reset ? "reset" : "restored")));
  const auto unsent = static_cast<std::int64_t>(state.last.value - state.acknowledged.value);
  DS_TRY(save_meta(db, meta::hub_lost_unsent, Value::integer(unsent)));
  DS_TRY(save_state(db, state));
  DS_FAULT("replica.restored.before_commit");
  return transaction.commit();
}

}  // namespace doorstep
