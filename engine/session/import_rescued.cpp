#include "engine/session/import_rescued.hpp"

#include <algorithm>
#include <utility>

namespace doorstep {
namespace {

/// Each follows the one before it in the device's chain, wherever both are there.
bool has_written(const DeviceId& device, const std::vector<RescuedTransaction>& transactions) {
  bool proven = false;
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    const RescuedTransaction& one = transactions[i];
    const bool first = one.sequence.value == 1;
    const bool follows = i > 0 && transactions[i - 1].sequence.next() == one.sequence;
    if (!first && !follows) continue;
    const Hash before = first ? Hash{} : transactions[i - 1].hash;
    proven = proven || chain_hash(before, device, one.sequence, one.body) == one.hash;
  }
  return proven;
}

Result<DeviceId> author_of(HubStore& store, const RescueImport& request) {
  if (request.device) return *request.device;
  if (request.work.device) return *request.work.device;
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto devices, snapshot->devices());
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const DeviceRecord& one) {
    return has_written(one.id, request.work.transactions);
  });
  if (found == devices.end()) {
    return error(ErrorCode::device_unknown, "the file does not say whose it is; name the device");
  }
  return found->id;
}

/// The hub has merged it, or keeps it for a person already.
Result<bool> is_known(HubCommit& commit, const TransactionId& id) {
  DS_ASSIGN(const auto quarantined, commit.quarantined(id));
  if (quarantined) return true;
  DS_ASSIGN(const auto recorded, commit.transaction(id.device, id.sequence));
  if (!recorded || recorded->id != id) return false;
  return recorded->outcome.kind == Outcome::Kind::accepted ||
         recorded->outcome.kind == Outcome::Kind::merged;
}

}  // namespace

Result<Imported> import_rescued(HubStore& store, const RescueImport& request) {
  Imported imported;
  DS_ASSIGN(imported.device, author_of(store, request));
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(const auto device, commit->device(imported.device));
  if (!device) return error(ErrorCode::device_unknown, imported.device.hex());
  for (const RescuedTransaction& one : request.work.transactions) {
    if (one.on_phone) {
      ++imported.on_phone;
      continue;
    }
    const TransactionId id{imported.device, one.sequence, one.hash};
    DS_ASSIGN(const bool known, is_known(*commit, id));
    if (known) {
      ++imported.known;
      continue;
    }
    QuarantineRecord record;
    record.id = id;
    record.position = commit->position();
    record.reason = error(ErrorCode::rescued_work, one.rejected ? "it had been rejected" : "");
    record.body = one.body;
    DS_TRY(commit->put_quarantine(record));
    ++imported.waiting;
  }
  if (imported.waiting == 0) return imported;
  DS_TRY(commit->commit(request.now, request.token));
  return imported;
}

}  // namespace doorstep
