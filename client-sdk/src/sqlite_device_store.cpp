#include "client-sdk/src/sqlite_device_store.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/changes_applier.hpp"
#include "client-sdk/src/conflict_records.hpp"
#include "client-sdk/src/damage.hpp"
#include "client-sdk/src/departure_notes.hpp"
#include "client-sdk/src/device_identity.hpp"
#include "client-sdk/src/device_overlay.hpp"
#include "client-sdk/src/heal_notes.hpp"
#include "client-sdk/src/held_salvage.hpp"
#include "client-sdk/src/held_scopes.hpp"
#include "client-sdk/src/kept_work.hpp"
#include "client-sdk/src/own_chain.hpp"
#include "client-sdk/src/receipt_book.hpp"
#include "client-sdk/src/rejected_work.hpp"
#include "client-sdk/src/schema_upgrade.hpp"
#include "client-sdk/src/system_ports.hpp"
#include "engine/core/defect.hpp"
#include "engine/ports/fault.hpp"
#include "engine/ports/held_digests.hpp"
#include "engine/ports/outcome_kinds.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {
namespace {

Instant hub_time(const ReplicaState& state, const ClockProbe& now) {
  if (!state.met || state.met->at.boot != now.boot) return state.hub_seen;
  return std::max(state.hub_seen, state.met->hub + (now.boot_ms - state.met->at.boot_ms));
}

// Of a checkpoint that includes all that was written here only what it does not bring back itself
// is read in the outbox: inserts.
Status confirm_through(sqlite::Database& db, DeviceOverlay& overlay, ReplicaState& state,
                       Sequence included, bool own_left_out) {
  const bool all = included >= state.last && !own_left_out;
  if (all) DS_TRY(overlay.confirm_touched());
  DS_ASSIGN(const auto read, db.kept("SELECT sequence FROM ds_outbox WHERE sequence <= ?1"
                                     " AND (?2 = 0 OR oldest IS NOT NULL) ORDER BY sequence"));
  read->bind_unsigned(1, included.value);
  read->bind(2, std::int64_t{all ? 1 : 0});
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) break;
    DS_TRY(overlay.confirm(Sequence{read->unsigned_integer(0)}));
  }
  state.included = std::max(state.included, included);
  state.acknowledged = std::max(state.acknowledged, included);
  return {};
}

// What a restored hub has still not taken shows over its rows from here on.
Status reinstate(sqlite::Database& db, DeviceOverlay& overlay, ReplicaState& state,
                 Sequence included) {
  state.recovery = Recovery::none;
  DS_ASSIGN(const auto read, db.kept("SELECT sequence FROM ds_outbox WHERE again = 1"
                                     " AND sequence > ?1 ORDER BY sequence"));
  read->bind_unsigned(1, included.value);
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) break;
    DS_TRY(overlay.reinstate(Sequence{read->unsigned_integer(0)}));
  }
  DS_ASSIGN(const auto done, db.kept("UPDATE ds_outbox SET again = 0 WHERE again = 1"));
  return done->run();
}

// What a defect does (DS_DEFECT), and nothing else.
Status save_early(sqlite::Database& db, ReplicaState state, const Checkpoint& checkpoint) {
  state.cursor = checkpoint.position;
  state.token = checkpoint.token;
  DS_TRY(save_state(db, state));
  return db.run("COMMIT; BEGIN IMMEDIATE");
}

Applied own_needed(std::vector<ScopeId> differing) {
  Applied nothing;
  nothing.own_needed = true;
  nothing.differing = std::move(differing);
  return nothing;
}

Status keep_and_drop(sqlite::Database& db, ReplicaState& state, Sequence included,
                     const Checkpoint& checkpoint) {
  DS_TRY(keep_included(db, state, included, checkpoint.position));
  DS_ASSIGN(const Sequence forgotten, closed_work(db, included, state.hub_seen));
  DS_TRY(drop_kept(db, state, checkpoint.backed_up, forgotten));
  return forget_closed_work(db, included, state.hub_seen);
}

}  // namespace

Result<std::unique_ptr<DeviceStore>> open_device_store(const std::string& path,
                                                       const ReplicaOptions& options,
                                                       const ReplicaSeams& seams) {
  DS_ASSIGN(auto store, SqliteDeviceStore::open(path, options, seams));
  return std::unique_ptr<DeviceStore>(std::move(store));
}

Result<std::unique_ptr<SqliteDeviceStore>> SqliteDeviceStore::open(const std::string& path,
                                                                   const ReplicaOptions& options,
                                                                   const ReplicaSeams& seams) {
  initialise_crypto();
  DS_ASSIGN(auto file, open_replica_file(path, ReplicaAccess::write, options, seams));
  DS_TRY(check_waiting(file.db, path, files_of(seams)));
  // Remote rows are written as they are: no guards, no triggers of the app, no actions of foreign
  // keys.
  for (const int setting : {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_FKEY}) {
    if (sqlite3_db_config(file.db.handle(), setting, 0, nullptr) != SQLITE_OK) {
      return error(ErrorCode::internal, "SQLite does not let triggers be turned off");
    }
  }
  return std::unique_ptr<SqliteDeviceStore>(
      new SqliteDeviceStore(std::move(file), clock_of(seams), seams));
}

Result<bool> SqliteDeviceStore::refresh() {
  DS_ASSIGN(const bool other, refresh_schema(file_, seams_));
  if (!other) return false;
  tables_ = RowTables(file_.db, file_.schema);
  staged_.forget();
  return true;
}

Result<ReplicaState> SqliteDeviceStore::locked_state() {
  DS_ASSIGN(const bool other, refresh());
  if (other) return error(ErrorCode::schema_changed);
  return load_state(file_.db);
}

Result<Push> SqliteDeviceStore::outbox(Sequence after, std::size_t bytes_max) {
  DS_ASSIGN(const ReplicaState state, load_state(file_.db));
  DS_ASSIGN(const auto read,
            file_.db.kept("SELECT sequence, hash, body, CASE WHEN sequence > ?3 THEN was END"
                          " FROM ds_outbox WHERE sequence > ?1"
                          " UNION ALL"
                          " SELECT sequence, hash, body, CASE WHEN sequence > ?3"
                          " AND (state <> 'waiting' OR outcome <> 'quarantined') THEN ?2 END"
                          " FROM ds_rejected WHERE sequence > ?1 ORDER BY sequence"));
  read->bind_unsigned(1, std::max(state.here(after), state.unheld).value);
  read->bind(2, refused_before);
  read->bind_unsigned(3, state.acknowledged.value);
  Push push;
  if (state.has_gap() && state.here(after) == state.lost) push.missing = state.unheld_hash;
  std::vector<Hash> hashes;
  std::size_t bytes = 0;
  while (push.bodies.empty() ||
         (bytes < bytes_max && push.bodies.size() < limits::push_transactions_max)) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) break;
    const Sequence sequence = state.told(Sequence{read->unsigned_integer(0)});
    if (push.bodies.empty()) push.first = sequence;
    // Rejected ones stay, those around them go once a checkpoint includes them.
    if (sequence != push.next()) break;
    push.head = read->id<Hash>(1);
    hashes.push_back(push.head);
    DS_ASSIGN(Bytes body, body_of(read->blob(2)));
    bytes += body.size();
    push.bodies.push_back(std::move(body));
    push.was.push_back(read->is_null(3) ? Position{} : read->position(3));
  }
  const auto never = [](Position was) { return was.value == 0; };
  if (std::all_of(push.was.begin(), push.was.end(), never)) push.was.clear();
  if (push.bodies.empty()) push.missing.reset();
  DS_TRY(check_written(file_.db, state, push, hashes));
  return push;
}

Status SqliteDeviceStore::acknowledge(const Ack& told) {
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file_.db));
  DS_ASSIGN(ReplicaState state, locked_state());
  const Ack ack = here(told, state);
  if (ack.through > state.last) {
    return error(ErrorCode::unexpected_message, "ack of a transaction that was not written here");
  }
  DeviceOverlay overlay(file_.db, file_.schema, tables_, state);
  HeldSalvage salvage(file_.db, file_.schema, tables_);
  state.waits_for.clear();
  for (const Ack::Item& item : ack.items) {
    if (lacks_row(item.outcome)) DS_TRY(salvage.gather(item.sequence, state.told(item.sequence)));
    if (item.outcome.kind == Outcome::Kind::not_yet) {
      state.waits_for = item.outcome.reason.value_or(error(ErrorCode::hub_too_old)).text();
    }
    // Once included, the checkpoint has said what stands; a repeated verdict changes nothing.
    if (!changed_nothing(item.outcome.kind) || item.sequence <= state.included) continue;
    if (!DS_DEFECT("lost_revert")) DS_TRY(overlay.withdraw(item.sequence));
  }
  DS_TRY(overlay.settle());
  std::vector<Sequence> refused;
  for (const Ack::Item& item : ack.items) {
    if (!changed_nothing(item.outcome.kind)) continue;
    refused.push_back(item.sequence);
    DS_TRY(keep_rejected(file_.db, item, ack.now));
    DS_TRY(withdraw_decisions(file_.db, item.sequence));
  }
  std::sort(refused.begin(), refused.end());
  DS_TRY(take_back(file_.db, state, ack.through, refused));
  DS_TRY(salvage.keep());
  if (ack.through > state.acknowledged) {
    DS_TRY(note_receipt(file_.db, ack.through, ack.position, ack.now));
  }
  const Sequence through = DS_DEFECT("ack_takes_newer") ? state.last : ack.through;
  state.acknowledged = std::max(state.acknowledged, through);
  state.hub_seen = std::max(state.hub_seen, ack.now);
  DS_TRY(save_state(file_.db, state));
  DS_FAULT("replica.acknowledge.before_commit");
  return transaction.commit();
}

Result<std::optional<Salvage>> SqliteDeviceStore::salvage() {
  DS_ASSIGN(const ReplicaState state, load_state(file_.db));
  DS_ASSIGN(auto aside, next_set_aside(file_.db));
  if (aside) return aside;
  return next_salvage(file_.db, state.earlier, state.acknowledged);
}

Status SqliteDeviceStore::salvaged(const Salvaged& confirmed) {
  if (confirmed.sequence.value == 0) {
    DS_TRY(drop_set_aside(file_.db, confirmed.part));
    return shrink_when_idle(file_.db);
  }
  DS_ASSIGN(const ReplicaState state, load_state(file_.db));
  const Sequence here = state.here(confirmed.sequence);
  DS_TRY(note_salvaged(file_.db, state.earlier, here, confirmed.part));
  DS_FAULT("replica.salvaged.after_commit");
  return {};
}

Result<std::vector<BucketSums>> SqliteDeviceStore::bucket_sums() {
  return scan_buckets(file_.db, file_.schema);
}

Status SqliteDeviceStore::check_rows(bool now) {
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file_.db));
  DS_ASSIGN(const ReplicaState state, load_state(file_.db));
  DS_TRY(check_base(file_.db, file_.schema, hub_time(state, clock_->read()), now));
  return transaction.commit();
}

// Removals, rows and conflicts of what is staged and of the last batch.
Status SqliteDeviceStore::apply_batches(ChangesApplier& applier, Changes last, Applied& applied) {
  if (!last.refill && !DS_DEFECT("stage_forgotten")) {
    DS_TRY(staged_.take_all(
        [&](ReadyBatch batch) { return applier.apply(std::move(batch), applied); }));
  }
  return applier.apply({std::move(last), {}}, applied);
}

Result<Applied> SqliteDeviceStore::apply(Changes changes) {
  if (!changes.checkpoint) return error(ErrorCode::unexpected_message, "there is no checkpoint");
  const Checkpoint checkpoint = *std::move(changes.checkpoint);
  const LeftOut own_left_out = changes.own_left_out;
  sqlite::Database& db = file_.db;
  Applied applied;
  {
    DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(db));
    DS_ASSIGN(ReplicaState state, locked_state());
    if (changes.from != state.cursor) {
      return error(ErrorCode::unexpected_message, "a checkpoint that does not continue the cursor");
    }
    // Of a copy the hub counts what the other one wrote; all that is durable of this one is in it.
    const Sequence included = state.forked ? state.acknowledged : state.here(checkpoint.included);
    if (included > state.last) {
      return error(ErrorCode::device_forked, "the hub has a transaction that was not written here");
    }
    const Sequence before = state.included;
    DeviceOverlay overlay(db, file_.schema, tables_, state);
    const Instant now = hub_time(state, clock_->read());
    DepartureNotes notes(db, file_.schema, checkpoint.position, now);
    DS_ASSIGN(auto digests, held_digests(db));
    DS_ASSIGN(digests, all_digests(std::move(digests), checkpoint));
    const auto held = scopes_of(digests);
    ChangesApplier applier(db, file_.schema, overlay, notes, held);
    if (DS_DEFECT("cursor_before_rows")) DS_TRY(save_early(db, state, checkpoint));
    std::optional<Refill> refill = changes.refill;
    if (!refill) {
      DS_ASSIGN(refill, staged_.refill());
    }
    DS_TRY(applier.begin_leaving());
    if (refill) DS_TRY(applier.begin_refill(*refill));
    if (refill && state.recovery == Recovery::restored) overlay.keep_changed();
    DS_TRY(apply_batches(applier, std::move(changes), applied));
    if (refill) DS_TRY(applier.end_refill(applied));
    DS_ASSIGN(const auto changed, overlay.take_changed());
    DS_TRY(set_aside(db, file_.schema, changed));
    DS_TRY(applier.leave_lost_scopes(applied));
    DS_TRY(notes.keep_newest());
    DS_FAULT("replica.apply.after_rows");
    const Sequence ended = DS_DEFECT("overlay_ended_by_ack") ? state.acknowledged : included;
    DS_TRY(confirm_through(db, overlay, state, ended, own_left_out.rows > 0));
    if (own_left_out.rows > 0 && !overlay.take_own_inserts(own_left_out)) return own_needed({});
    if (refill) DS_TRY(reinstate(db, overlay, state, included));
    DS_TRY(overlay.settle());
    DS_TRY(confirm_decisions(db, included));
    if (included > before) DS_TRY(keep_link(db, included));
    DS_TRY(place_receipts(db, included, checkpoint.position));
    DS_TRY(keep_and_drop(db, state, included, checkpoint));
    DS_TRY(staged_.clear());
    state.cursor = checkpoint.position;
    state.view.reset();  // what was new has come
    state.token = checkpoint.token;
    state.last_sync = state.hub_seen = now;
    DS_TRY(hold_scopes(db, digests));
    DS_ASSIGN(applied.differing, compare_digests(db, file_.schema, digests, state));
    if (own_left_out.rows > 0 && !applied.differing.empty())
      return own_needed(std::move(applied.differing));
    if (applied.reconciled) DS_TRY(note_healed(db, state.hub_seen, applied.healed));
    DS_TRY(save_state(db, state));
    DS_FAULT("replica.apply.before_commit");
    DS_TRY(transaction.commit());
  }
  // The rows are safe already; a file that stays larger for a while is no reason to report a
  // failure.
  static_cast<void>(shrink_when_idle(db));
  return applied;
}

Result<Hash> SqliteDeviceStore::digests_held() {
  DS_ASSIGN(const auto digests, held_digests(file_.db));
  return digests_hash(digests);
}

Status SqliteDeviceStore::note_welcome(const Welcome& welcome, const ClockProbe& at) {
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file_.db));
  DS_ASSIGN(ReplicaState state, locked_state());
  state.met = HubMeeting{welcome.now, at};
  state.hub_seen = std::max(state.hub_seen, welcome.now);
  DS_TRY(save_state(file_.db, state));
  DS_TRY(grant_scopes(file_.db, welcome.scopes));
  if (welcome.visible) DS_TRY(expect_scopes(file_.db, *welcome.visible));
  if (!welcome.schema_text.empty()) {
    DS_TRY(keep_hub_schema(file_.db, welcome.schema, welcome.schema_text));
  }
  DS_TRY(transaction.commit());
  if (welcome.schema_known) return {};
  DS_ASSIGN(const std::string text, hub_schema_text(file_.db));
  return check_fits_hub(file_.schema, text, seams_);
}

}  // namespace doorstep
