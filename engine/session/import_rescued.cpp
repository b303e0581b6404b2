#include "engine/session/import_rescued.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/defect.hpp"

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

class Import {
 public:
  Import(HubCommit& commit, const RescueImport& request, Imported& imported)
      : commit_(commit), request_(request), imported_(imported) {}

  Status run() {
    const auto& all = request_.work.transactions;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].on_phone && !DS_DEFECT("import_takes_all")) {
        ++imported_.on_phone;
      } else {
        DS_TRY(take(all[i], i > 0 ? &all[i - 1] : nullptr));
      }
    }
    return {};
  }

 private:
  Status take(const RescuedTransaction& one, const RescuedTransaction* before) {
    const TransactionId id{imported_.device, one.sequence, one.hash};
    DS_ASSIGN(const bool known, is_known(id));
    if (known) {
      ++imported_.known;
      return {};
    }
    const std::optional<Hash> hash = hash_before(one, before);
    if (hash && chain_hash(*hash, id.device, one.sequence, one.body) != one.hash) {
      ++imported_.damaged;
      return {};
    }
    std::string detail(one.rejected ? "it had been rejected" : "");
    if (!hash) {
      DS_ASSIGN(const bool proven, follows_record(one));
      if (!proven) detail = "whether it is as it was written cannot be known";
    }
    QuarantineRecord record;
    record.id = id;
    record.position = commit_.position();
    record.reason = error(ErrorCode::rescued_work, std::move(detail));
    record.body = one.body;
    ++imported_.waiting;
    return commit_.put_quarantine(record);
  }

  /// The hub has merged it, or keeps it for a person already.
  Result<bool> is_known(const TransactionId& id) {
    DS_ASSIGN(const auto quarantined, commit_.quarantined(id));
    if (quarantined) return true;
    DS_ASSIGN(const auto recorded, commit_.transaction(id.device, id.sequence));
    if (!recorded || recorded->id != id) return false;
    return recorded->outcome.kind == Outcome::Kind::accepted ||
           recorded->outcome.kind == Outcome::Kind::merged;
  }

  /// As the file has it.
  [[nodiscard]] static std::optional<Hash> hash_before(const RescuedTransaction& one,
                                                       const RescuedTransaction* before) {
    if (one.sequence.value <= 1) return Hash{};
    const bool follows = before != nullptr && before->sequence.next() == one.sequence;
    return follows ? std::optional(before->hash) : std::nullopt;
  }

  /// The hub's record of the number before it proves it when it fits. When it does not, the phone
  /// may have used that number again after the rescue.
  Result<bool> follows_record(const RescuedTransaction& one) {
    const DeviceId& device = imported_.device;
    DS_ASSIGN(const auto recorded, commit_.transaction(device, Sequence{one.sequence.value - 1}));
    return recorded && chain_hash(recorded->id.hash, device, one.sequence, one.body) == one.hash;
  }

  HubCommit& commit_;
  const RescueImport& request_;
  Imported& imported_;
};

}  // namespace

Result<Imported> import_rescued(HubStore& store, const RescueImport& request) {
  Imported imported;
  DS_ASSIGN(imported.device, author_of(store, request));
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(const auto device, commit->device(imported.device));
  if (!device) return error(ErrorCode::device_unknown, imported.device.hex());
  DS_TRY(Import(*commit, request, imported).run());
  if (imported.waiting == 0) return imported;
  DS_TRY(commit->commit(request.now, request.token));
  return imported;
}

}  // namespace doorstep
