// In which way the engine's hub and the naive one differ after a commit, in words.
#pragma once

#include <map>
#include <string>

#include "tests/support/engine_hub.hpp"
#include "tests/support/naive_model.hpp"

namespace doorstep::test {

/// Rows, scopes, lives and what is on record; empty when equal.
[[nodiscard]] std::string difference(const NaiveHub& model, EngineHub& engine);
/// Rows that left a scope in the last commit.
[[nodiscard]] std::string departure_difference(const NaiveHub& model, EngineHub& engine,
                                               Position commit);
[[nodiscard]] std::string outcome_difference(const std::vector<NaiveOutcome>& model,
                                             const std::vector<Outcome>& engine);
/// What shows must move in the feed: a device below this commit would otherwise never hear of it.
[[nodiscard]] std::string unheard(const std::map<RowKey, StoredRow>& before,
                                  const std::map<RowKey, StoredRow>& after, Position commit);
/// What lost, as the naive model says it; a group is one record of all its columns.
[[nodiscard]] std::vector<NaiveLoser> losers_of(const Schema& schema, const Conflict& conflict);
/// Values for people, one after another.
[[nodiscard]] std::string text_of(const std::vector<Value>& values);

}  // namespace doorstep::test
