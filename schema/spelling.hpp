// "Did you mean": the nearest known word to a mistyped one. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace doorstep {

/// The candidate with the fewest single-character edits (insert, drop, change, swap of neighbours),
/// when these are at most a third of the word and at least one is allowed; otherwise empty. Ties go
/// to the first candidate.
[[nodiscard]] std::string_view closest_word(std::string_view word,
                                            std::span<const std::string_view> candidates);

/// What to append to a complaint: "; did you mean 'policy'?", or all candidates when none is near.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string_view> candidates);

}  // namespace doorstep
