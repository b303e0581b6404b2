#include "engine/session/fork_pushes.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/core/hash.hpp"
#include "engine/session/gap_end.hpp"

namespace doorstep {
namespace {

// Two copies may both have written a transaction of this number: what the push follows is the one
// with which its chain ends as it says.
Result<std::vector<Hash>> hashes_of(HubCommit& commit, const PushRequest& request) {
  const Push& push = request.push;
  std::vector<Hash> starts;
  if (push.first.value == 1) {
    starts.emplace_back();
  } else {
    const Sequence before{push.first.value - 1};
    DS_ASSIGN(starts, commit.quarantined_hashes(request.device, before));
    DS_ASSIGN(const auto record, commit.transaction(request.device, before));
    if (record) starts.push_back(record->id.hash);
    // What came before may be missing: then its hash alone is known.
    DS_ASSIGN(const auto gap, end_of_gap(commit, request.device, before));
    if (gap) starts.push_back(gap->id.hash);
    if (push.missing) starts.push_back(*push.missing);
  }
  for (Hash hash : starts) {
    std::vector<Hash> hashes;
    for (std::size_t i = 0; i < push.bodies.size(); ++i) {
      hash = chain_hash(hash, request.device, push.number_of(i), push.bodies[i]);
      hashes.push_back(hash);
    }
    if (hash == push.head) return hashes;
  }
  return std::vector<Hash>();
}

Outcome set_aside() {
  Outcome outcome;
  outcome.kind = Outcome::Kind::quarantined;
  outcome.reason = error(ErrorCode::device_forked, "written on a copy of the phone");
  return outcome;
}

}  // namespace

Result<ForkVerdict> keep_fork(HubCommit& commit, const PushRequest& request) {
  const Push& push = request.push;
  ForkVerdict verdict;
  DS_ASSIGN(const std::vector<Hash> hashes, hashes_of(commit, request));
  if (hashes.empty()) {
    verdict.refused =
        error(ErrorCode::hash_mismatch, "transactions from " + std::to_string(push.first.value));
    return verdict;
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const TransactionId id{request.device, push.number_of(i), hashes[i]};
    DS_ASSIGN(const auto record, commit.transaction(id.device, id.sequence));
    if (record && record->id == id) {
      verdict.known_at = record->position;
      if (record->outcome.kind != Outcome::Kind::accepted) {
        verdict.told.push_back({id.sequence, record->outcome});
      }
      continue;
    }
    Outcome outcome = set_aside();
    DS_ASSIGN(const std::vector<Hash> kept, commit.quarantined_hashes(id.device, id.sequence));
    const bool is_new = std::find(kept.begin(), kept.end(), id.hash) == kept.end();
    if (is_new && !DS_DEFECT("set_aside_forgotten")) {
      DS_TRY(commit.put_quarantine({id, commit.position(), *outcome.reason, push.bodies[i]}));
      verdict.kept = true;
    }
    verdict.told.push_back({id.sequence, std::move(outcome)});
  }
  return verdict;
}

}  // namespace doorstep
