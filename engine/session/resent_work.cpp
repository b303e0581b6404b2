#include "engine/session/resent_work.hpp"

#include <set>
#include <string>

namespace doorstep {
namespace {

Result<bool> is_in(HubCommit& commit, const Hash& original) {
  DS_ASSIGN(const auto by, commit.resent(original));
  if (by) return true;
  DS_ASSIGN(const auto kept, commit.quarantined(original));
  return kept && kept->state == QuarantineState::admitted;
}

Status close_quarantine(HubCommit& commit, const IncomingTransaction& taken, Instant now) {
  DS_ASSIGN(auto kept, commit.quarantined(*taken.content.resends));
  if (!kept || kept->state != QuarantineState::waiting) return {};
  DS_ASSIGN(const auto device, commit.device(taken.id.device));
  kept->state = QuarantineState::resent;
  kept->settled = commit.position();
  kept->settled_at = now;
  kept->settled_by = device ? device->name : taken.id.device.hex();
  return commit.put_quarantine(*kept);
}

}  // namespace

Status refuse_repeats(HubCommit& commit, std::span<IncomingTransaction> batch) {
  std::set<Hash> coming;
  for (IncomingTransaction& one : batch) {
    if (!one.content.resends || one.unfit) continue;
    DS_ASSIGN(const bool in, is_in(commit, *one.content.resends));
    if (in || !coming.insert(*one.content.resends).second)
      one.unfit = error(ErrorCode::already_resent);
  }
  return {};
}

Status note_resent(HubCommit& commit, std::span<const IncomingTransaction> batch,
                   std::span<const Outcome> outcomes, Instant now) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool taken =
        outcomes[i].kind == Outcome::Kind::accepted || outcomes[i].kind == Outcome::Kind::merged;
    if (!taken || !batch[i].content.resends) continue;
    DS_TRY(commit.put_resent(*batch[i].content.resends, batch[i].id));
    DS_TRY(close_quarantine(commit, batch[i], now));
  }
  return {};
}

}  // namespace doorstep
