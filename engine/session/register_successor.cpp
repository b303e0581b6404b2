#include "engine/session/hub_greeting.hpp"
#include "engine/session/merge_pushes.hpp"

namespace doorstep {

Result<DeviceRecord> register_successor(HubStore& store, const SuccessorRequest& request,
                                        Instant now, const CommitToken& token) {
  DS_ASSIGN(auto commit, store.begin());
  DS_ASSIGN(const auto device, commit->device(request.device));
  if (!device) return error(ErrorCode::device_unknown, request.device.hex());
  if (const auto over = ended(*device)) return error(*over);
  DS_ASSIGN(const auto known, commit->device(request.fork.successor));
  if (known) {
    const bool same = known->key == request.fork.key && known->predecessor == request.device;
    if (!same) return error(ErrorCode::wrong_key, "the device id is taken");
    if (const auto over = ended(*known)) return error(*over);
    return *known;
  }
  DeviceRecord successor;
  successor.id = request.fork.successor;
  successor.key = request.fork.key;
  successor.predecessor = device->id;
  successor.name = device->name;
  successor.role = device->role;
  successor.scopes = device->scopes;
  successor.granted_since = device->granted_since;
  // It becomes the successor with a checkpoint from after this commit: it has seen all before.
  successor.enrolled = successor.cursor = successor.settled = commit->position();
  successor.last_contact = now;
  successor.clock_offset_ms = device->clock_offset_ms;
  successor.software = device->software;
  successor.free_bytes = device->free_bytes;
  successor.schema = device->schema;
  DS_TRY(commit->put_device(successor));
  DS_ASSIGN(const auto grants, commit->past_grants(device->id));
  for (const PastGrant& grant : grants) DS_TRY(commit->put_past_grant(successor.id, grant));
  DS_TRY(commit->commit(now, token));
  return successor;
}

}  // namespace doorstep
