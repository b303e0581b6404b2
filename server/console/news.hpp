// What the pages of the console hear of as it happens: how far the hub is, and how much waits for a
// person. Used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"
#include "server/console/console_request.hpp"

namespace doorstep::console {

class News {
 public:
  /// {position, connected, conflicts, duplicates, quarantined} as JSON; cheap when nothing was
  /// committed since the last call.
  [[nodiscard]] Result<std::string> read(const ConsolePorts& ports);

 private:
  [[nodiscard]] Status count(sqlite::Database& db);

  std::optional<sqlite::Database> db_;
  std::optional<Position> position_;
  std::int64_t conflicts_ = 0;
  std::int64_t duplicates_ = 0;
  std::int64_t quarantined_ = 0;
};

}  // namespace doorstep::console
