#include "client-sdk/src/device_identity.hpp"

#include <array>

#include "client-sdk/src/held_salvage.hpp"
#include "client-sdk/src/sqlite_device_store.hpp"
#include "engine/core/uuid.hpp"
#include "engine/ports/fault.hpp"

namespace doorstep {
namespace {

Result<Hash> sum_now(sqlite::Database& db) {
  std::vector<Bytes> parts;
  for (const std::string_view key : identity_parts) {
    DS_ASSIGN(const auto find, db.kept("SELECT value FROM ds_meta WHERE key = ?1"));
    find->bind(1, key);
    DS_ASSIGN(const bool found, find->step());
    const ByteView part = found ? find->blob(0) : ByteView{};
    parts.emplace_back(part.begin(), part.end());
  }
  return identity_sum(parts);
}

}  // namespace

Hash identity_sum(std::span<const Bytes> parts) {
  std::vector<ByteView> views;
  for (const Bytes& part : parts) views.emplace_back(part);
  return hash_of(views);
}

Status keep_identity_sum(sqlite::Database& db) {
  DS_ASSIGN(const Hash sum, sum_now(db));
  return save_meta(db, meta::identity_sum, Value::blob(sum.view()));
}

Status check_identity_sum(sqlite::Database& db) {
  DS_ASSIGN(const Bytes kept, load_meta_blob(db, meta::identity_sum));
  DS_ASSIGN(const Hash sum, sum_now(db));
  if (Hash::from(kept) != sum) return error(ErrorCode::corrupt, "ds_meta: the phone's identity");
  return {};
}

Successor new_device(const ClockProbe& now, Random& random) {
  std::array<std::uint8_t, 10> draw{};
  random.fill(draw);
  return {DeviceId{uuid7({now.wall_ms}, draw)}, key_pair_of(random.id<Nonce>())};
}

Result<std::optional<Successor>> load_successor(sqlite::Database& db) {
  DS_ASSIGN(const auto find, db.kept("SELECT id.value, seed.value FROM ds_meta id, ds_meta seed"
                                     " WHERE id.key = ?1 AND seed.key = ?2"));
  find->bind(1, meta::successor);
  find->bind(2, meta::successor_seed);
  DS_ASSIGN(const bool found, find->step());
  if (!found) return std::optional<Successor>();
  return std::optional(Successor{find->id<DeviceId>(0), key_pair_of(find->id<Nonce>(1))});
}

Status save_successor(sqlite::Database& db, const Successor& successor) {
  DS_TRY(save_meta(db, meta::successor, Value::blob(successor.device.view())));
  return save_meta(db, meta::successor_seed, Value::blob(successor.keys.seed.view()));
}

Status take_over(sqlite::Database& db, const Successor& successor) {
  DS_ASSIGN(const Bytes device, load_meta_blob(db, meta::device));
  DS_ASSIGN(const std::vector<DeviceId> before, earlier_devices(db));
  Bytes earlier;
  for (const DeviceId& one : before) {
    earlier.insert(earlier.end(), one.bytes.begin(), one.bytes.end());
  }
  earlier.insert(earlier.end(), device.begin(), device.end());
  DS_TRY(save_meta(db, meta::earlier_devices, Value::blob(earlier)));
  DS_TRY(save_meta(db, meta::device, Value::blob(successor.device.view())));
  DS_TRY(save_meta(db, meta::key_seed, Value::blob(successor.keys.seed.view())));
  DS_ASSIGN(auto forget, db.prepare("DELETE FROM ds_meta WHERE key IN (?1, ?2)"));
  forget.bind(1, meta::successor);
  forget.bind(2, meta::successor_seed);
  DS_TRY(forget.run());
  DS_TRY(keep_identity_sum(db));
  // Nobody offers again what the old identity wrote: the hub would take it for the copy's.
  DS_TRY(
      db.run("UPDATE ds_state SET earlier = last_sequence, head = NULL, unheld = last_sequence,"
             " unheld_hash = NULL, lost = 0; DELETE FROM ds_kept"));
  return seal_state(db);
}

Result<std::vector<DeviceId>> earlier_devices(sqlite::Database& db) {
  DS_ASSIGN(const auto find, db.kept("SELECT value FROM ds_meta WHERE key = ?1"));
  find->bind(1, meta::earlier_devices);
  DS_ASSIGN(const bool found, find->step());
  std::vector<DeviceId> devices;
  if (!found) return devices;
  const ByteView all = find->blob(0);
  for (std::size_t at = 0; at + DeviceId::size <= all.size(); at += DeviceId::size) {
    devices.push_back(*DeviceId::from(all.subspan(at, DeviceId::size)));
  }
  return devices;
}

Ack here(const Ack& told, const ReplicaState& state) {
  Ack ack = told;
  ack.through = state.here(told.through);
  for (Ack::Item& item : ack.items) {
    item.sequence = state.here(item.sequence);
    Sequence& root = item.outcome.depends_on;
    if (root.value != 0) root = state.here(root);
  }
  return ack;
}

Status SqliteDeviceStore::remember_successor(const Successor& successor) {
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file_.db));
  DS_ASSIGN(const ReplicaState state, locked_state());
  if (state.forked) return {};
  DS_TRY(save_successor(file_.db, successor));
  DS_FAULT("replica.fork.before_commit");
  return transaction.commit();
}

Result<bool> SqliteDeviceStore::become_successor() {
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file_.db));
  DS_ASSIGN(const ReplicaState state, locked_state());
  DS_ASSIGN(const auto successor, load_successor(file_.db));
  if (!successor) return error(ErrorCode::not_found, "there is no successor");
  DS_ASSIGN(const auto left, salvage());
  if (state.included != state.last || left) return false;
  DS_TRY(take_over(file_.db, *successor));
  DS_FAULT("replica.become.before_commit");
  DS_TRY(transaction.commit());
  return true;
}

}  // namespace doorstep
