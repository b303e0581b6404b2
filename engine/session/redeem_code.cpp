#include "engine/session/merge_pushes.hpp"

#include <array>

#include "engine/core/hash.hpp"

namespace doorstep {

Result<DeviceRecord> redeem_code(HubStore& store, const Enrol& enrol, Instant now,
                                 const CommitToken& token) {
  DS_ASSIGN(auto commit, store.begin());
  DS_ASSIGN(const auto known, commit->device(enrol.device));
  if (known) {
    if (known->key != enrol.key) return error(ErrorCode::wrong_key, "the device id is taken");
    if (known->revoked) return error(ErrorCode::device_revoked);
    // The answer was lost and the device, which has just proved its key, asks again.
    return *known;
  }
  const std::array<ByteView, 1> secret{enrol.secret};
  DS_ASSIGN(const auto code, commit->take_code(hash_of(secret), now));
  if (!code) return error(ErrorCode::code_unknown);
  DeviceRecord device;
  device.id = enrol.device;
  device.key = enrol.key;
  device.name = code->name;
  device.role = code->role;
  device.scopes = code->scopes;
  device.enrolled = device.granted_since = commit->position();
  device.last_contact = now;
  device.clock_offset_ms = now.ms - enrol.clock.wall_ms;
  DS_TRY(commit->put_device(device));
  DS_TRY(commit->commit(now, token));
  return device;
}

}  // namespace doorstep
