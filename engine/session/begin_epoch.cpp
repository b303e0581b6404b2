#include "engine/session/begin_epoch.hpp"

namespace doorstep {

Result<Restored> begin_epoch(HubStore& store, const Hello& hello, Instant /*now*/,
                             const CommitToken& /*token*/) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto device, snapshot->device(hello.device));
  if (!device) return error(ErrorCode::device_unknown, hello.device.hex());
  Restored restored;
  restored.epoch = snapshot->head().epoch();
  restored.merged = device->merged;
  restored.head = device->head;
  DS_ASSIGN(const auto token_at, snapshot->token(device->cursor));
  if (token_at) {
    restored.at = device->cursor;
    restored.token = *token_at;
  }
  return restored;
}

}  // namespace doorstep
