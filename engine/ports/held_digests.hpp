// What a checkpoint says of all scopes that a device holds, where it names only those that changed.
// Pure.
#pragma once

#include <vector>

#include "engine/core/result.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// The digests of all scopes that are held with this checkpoint, ascending by scope; `held` are
/// those of the one before. Error unexpected_message when others are to stand beside a scope that
/// was not held.
[[nodiscard]] Result<std::vector<Checkpoint::ScopeDigest>> all_digests(
    std::vector<Checkpoint::ScopeDigest> held, const Checkpoint& checkpoint);

}  // namespace doorstep
