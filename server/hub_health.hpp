// Is a hub's database sound? SQLite's own check, the row sums of every scope, and that every commit
// is there with its token.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "server/hub_folder.hpp"

namespace doorstep {

struct HubHealth {
  std::string integrity;  ///< what SQLite says; "ok"
  std::size_t scopes = 0;
  std::vector<ScopeId> differing;  ///< their running sums are not those of their rows
  std::uint64_t epoch = 0;
  std::size_t epochs = 0;
  std::uint64_t positions = 0;
  std::vector<Position> missing;  ///< commits without a record
  std::vector<Position> tokens;   ///< commits whose token is none, or another's
  Position backed_up;

  [[nodiscard]] bool fine() const {
    return integrity == "ok" && differing.empty() && missing.empty() && tokens.empty();
  }
};

[[nodiscard]] Result<HubHealth> examine(const HubFolder& folder);

}  // namespace doorstep
