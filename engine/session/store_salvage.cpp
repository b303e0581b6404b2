#include "engine/session/store_salvage.hpp"

#include <string>

namespace doorstep {

Result<Salvaged> store_salvage(HubStore& store, const SalvageRequest& request, Instant now,
                               const CommitToken& token) {
  const Salvage& salvage = request.salvage;
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(const auto device, commit->device(request.device));
  if (!device) return error(ErrorCode::device_unknown, request.device.hex());
  const Salvaged confirmed{salvage.sequence, salvage.part};
  if (salvage.sequence.value == 0) {  // what a restored hub lacks (SEMANTICS G3)
    DS_TRY(commit->put_salvage(request.device, salvage));
    DS_TRY(commit->commit(now, token));
    return confirmed;
  }
  DS_ASSIGN(const auto transaction, commit->transaction(request.device, salvage.sequence));
  std::optional<QuarantineRecord> kept;
  if (transaction) {
    DS_ASSIGN(kept, commit->quarantined(transaction->id));
  }
  if (!kept) {
    return error(
        ErrorCode::unexpected_message,
        "rows of transaction " + std::to_string(salvage.sequence.value) + ", which is not waiting");
  }
  if (kept->state != QuarantineState::waiting) return confirmed;
  DS_TRY(commit->put_salvage(request.device, salvage));
  DS_TRY(commit->commit(now, token));
  return confirmed;
}

}  // namespace doorstep
