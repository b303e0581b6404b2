// Conflicts and explanations as the command prints them: JSON for programs, sentences for people.
#pragma once

#include <string>

#include <doorstep/replica.hpp>

namespace doorstep::cli {

[[nodiscard]] std::string conflict_json(const ConflictInfo& conflict);
void print_conflict(const ConflictInfo& conflict);

[[nodiscard]] std::string explanation_json(const Explanation& explanation);
/// `self`: this device, and who it was before, are called so instead of by their ids.
void print_explanation(const Explanation& explanation, const ReplicaStatus& self);

}  // namespace doorstep::cli
