#include "engine/session/begin_epoch.hpp"

#include <algorithm>
#include <string>

#include "engine/core/defect.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

/// A hub that was begun anew since the device was there (SEMANTICS G2).
bool is_reset(const std::vector<EpochRecord>& epochs, const Hello& hello) {
  return std::any_of(epochs.begin(), epochs.end(), [&](const EpochRecord& one) {
    return !one.parent && one.epoch > hello.cursor.epoch();
  });
}

/// Of two restores the older common point holds for as long as work from before it is under way.
void cut(DeviceRecord& device, std::uint64_t epoch, Position common, Sequence through) {
  const bool under_way = device.cut_epoch != 0 && device.merged < device.cut_through;
  device.cut = under_way ? std::min(device.cut, common) : common;
  device.cut_through = std::max(device.cut_through, through);
  device.cut_epoch = epoch;
}

}  // namespace

Result<Restored> begin_epoch(HubStore& store, const Hello& hello, Instant now,
                             const CommitToken& token) {
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(auto device, commit->device(hello.device));
  if (!device) return error(ErrorCode::device_unknown, hello.device.hex());
  if (hello.cursor.epoch() >= limits::epoch_max) {
    return error(ErrorCode::malformed, "epoch " + std::to_string(hello.cursor.epoch()));
  }
  DS_ASSIGN(auto epochs, commit->epochs().all());
  const std::uint64_t parent = epochs.back().epoch;
  if (hello.cursor.epoch() >= parent) {
    epochs.push_back({hello.cursor.epoch() + 1, parent, snapshot->head(), now, false});
    DS_TRY(commit->epochs().begin(epochs.back()));
  }
  Restored restored;
  restored.epoch = epochs.back().epoch;
  restored.merged = device->merged;
  restored.head = device->head;
  DS_ASSIGN(const bool unaware, is_unaware_of_reset(*snapshot, *device, hello));
  restored.reset = unaware || (hello.cursor.value != 0 && is_reset(epochs, hello));
  if (DS_DEFECT("reset_unsaid")) restored.reset = false;
  // What it had when it last called here is a part of both histories.
  DS_ASSIGN(const auto held, snapshot->token(device->cursor));
  if (held && !restored.reset) {
    restored.at = device->cursor;
    restored.token = *held;
  }
  if (!DS_DEFECT("cut_forgotten")) cut(*device, restored.epoch, restored.at, hello.last);
  DS_TRY(commit->put_device(*device));
  DS_TRY(commit->commit(now, token));
  return restored;
}

Result<bool> is_unaware_of_reset(HubSnapshot& snapshot, const DeviceRecord& device,
                                 const Hello& hello) {
  if (hello.cursor != Position{} || device.merged.value == 0) return false;
  // Once it has heard, all that it wrote before counts as settled.
  if (hello.last.value >= hello.pending + device.merged.value) return false;
  DS_ASSIGN(const auto records,
            snapshot.transactions(device.id, Sequence{device.merged.value - 1}, device.merged));
  return records.empty();
}

}  // namespace doorstep
