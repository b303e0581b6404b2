// Pushes of what a restored hub lacks, cut so that every commit takes of one device only what one
// commit of the lost history had (SEMANTICS G3): what is kept of them is kept by author and commit.
// A part of merge_pushes; pure given its store.
#pragma once

#include <span>
#include <vector>

#include "engine/session/merge_pushes.hpp"

namespace doorstep {

/// What goes into one commit.
struct PushRound {
  std::vector<PushRequest> requests;
  std::vector<std::size_t> of;  ///< whose part each is: its place among the pushes given
};

/// Does any of them have to be cut?
[[nodiscard]] bool comes_in_rounds(std::span<const PushRequest> requests);

/// In order; of one device the parts of a push come after all of the pushes before it. A push whose
/// chain does not hold is whole, to be refused.
[[nodiscard]] Result<std::vector<PushRound>> rounds_of(HubStore& store,
                                                       std::span<const PushRequest> requests);

/// A token for each of several commits, from the one that was drawn for them.
[[nodiscard]] CommitToken token_of(const CommitToken& drawn, std::uint64_t commit);

}  // namespace doorstep
