#include "engine/ports/held_digests.hpp"

#include <algorithm>
#include <utility>

namespace doorstep {

Result<std::vector<Checkpoint::ScopeDigest>> all_digests(std::vector<Checkpoint::ScopeDigest> held,
                                                         const Checkpoint& checkpoint) {
  if (!checkpoint.others_stand) return checkpoint.digests;
  for (const Checkpoint::ScopeDigest& named : checkpoint.digests) {
    const auto known = std::find_if(held.begin(), held.end(),
                                    [&](const auto& one) { return one.scope == named.scope; });
    if (known == held.end()) {
      return error(ErrorCode::unexpected_message, "scope " + named.scope.code + " was not held");
    }
    known->digest = named.digest;
  }
  return held;
}

}  // namespace doorstep
