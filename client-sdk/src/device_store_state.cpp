// What a session asks of its replica with every message.
#include <sqlite3.h>

#include <algorithm>

#include "client-sdk/src/device_identity.hpp"
#include "client-sdk/src/held_scopes.hpp"
#include "client-sdk/src/schema_upgrade.hpp"
#include "client-sdk/src/sqlite_device_store.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {

// Several times for one message, and mostly nothing was written since: neither here, which SQLite
// counts in changes, nor by another connection, which it tells by the data version. With a dozen
// statements that were prepared each time and took a reader's lock each, a live change cost the
// sessions of two phones 1.7 times the processor time.
Result<DeviceState> SqliteDeviceStore::state() {
  DS_ASSIGN(const auto version, file_.db.one_kept("PRAGMA data_version"));
  const std::int64_t changes = sqlite3_total_changes64(file_.db.handle());
  if (known_ && known_->version == version && known_->changes == changes) return known_->state;
  known_.reset();
  {
    DS_ASSIGN(const auto begin, file_.db.kept("BEGIN"));
    DS_TRY(begin->run());
  }
  Result<DeviceState> state = state_now();
  // A disk that failed may have ended it already.
  if (file_.db.in_transaction()) {
    DS_ASSIGN(const auto end, file_.db.kept("ROLLBACK"));
    const Status ended = end->run();
    if (state && !ended) return ended.error();
  }
  if (state) known_ = Known{version, changes, *state};
  return state;
}

Result<DeviceState> SqliteDeviceStore::state_now() {
  sqlite::Database& db = file_.db;
  DS_TRY(refresh());
  DS_ASSIGN(const ReplicaState state, load_state(db));
  DS_ASSIGN(const Bytes seed, load_meta_blob(db, meta::key_seed));
  DS_ASSIGN(const Bytes hub, load_meta_blob(db, meta::hub));
  DS_ASSIGN(const Bytes hub_key, load_meta_blob(db, meta::hub_key));
  DeviceState out;
  out.device = state.device;
  const Nonce own_seed = Nonce::from(seed).value_or(Nonce{});
  if (!keys_ || keys_->seed != own_seed) keys_ = key_pair_of(own_seed);
  out.keys = *keys_;
  out.hub = HubId::from(hub).value_or(HubId{});
  out.hub_key = PublicKey::from(hub_key).value_or(PublicKey{});
  out.epoch = state.cursor.epoch();
  out.cursor = state.cursor;
  out.token = state.token;
  out.last = state.told(state.last);
  out.acknowledged = state.told(state.acknowledged);
  out.included = state.told(state.included);
  out.unheld = state.told(std::max(state.unheld, state.earlier));
  out.pending = state.last.value - state.acknowledged.value;
  DS_ASSIGN(out.scopes, granted_scopes(db));
  DS_ASSIGN(out.held, held_scopes(db));
  DS_ASSIGN(out.expected, expected_scopes(db));
  DS_ASSIGN(out.new_columns, doorstep::new_columns(db));
  DS_ASSIGN(out.hub_schema, hub_schema_fingerprint(db));
  DS_ASSIGN(auto staged, staged_.through());
  out.staged = std::move(staged.point);
  out.staged_rows = staged.rows;
  if (out.staged) {
    DS_ASSIGN(out.refill, staged_.refill());
  }
  if (state.forked) {
    DS_ASSIGN(out.successor, load_successor(db));
  }
  out.restoring = state.recovery != Recovery::none;
  if (state.recovery == Recovery::restored && state.recovering > state.earlier)
    out.recovering = state.told(state.recovering);
  out.differs = (state.cursor != Position{} || out.restoring) && !state.digest_matched;
  return out;
}

}  // namespace doorstep
