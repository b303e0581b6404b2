// A scenario as text: who, when, what. The script is what runs; a seed only makes one. Leaving out
// any of its lines gives a script again, so that a failing one can be shrunk.
//
//   seed 17                       draws of latencies and of the fate of writes at a power cut
//   end 7200000                   then everything is healed and all must become equal
//   horizon 432000000             of the hub, in milliseconds
//   phone X,Y                     the first phone and its scopes; one line each
//   1200 phone1 register row=3 village=1
//   5000 hub die after=7 power=1 down=60000
//
// Times are milliseconds since the run began.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.hpp"

namespace doorstep::sim {

struct Line {
  std::int64_t ms = 0;
  std::string actor;  ///< "phone1" or "hub"
  std::string verb;
  std::map<std::string, std::int64_t> numbers;
  /// Zero when it is not said.
  [[nodiscard]] std::int64_t number(const std::string& name) const;
  friend bool operator==(const Line&, const Line&) = default;
};

struct Script {
  std::uint64_t seed = 1;
  std::int64_t end_ms = 0;
  std::int64_t horizon_ms = 0;  ///< zero: the hub's own
  std::vector<std::vector<std::string>> phones;
  std::vector<Line> lines;  ///< ascending by time
  friend bool operator==(const Script&, const Script&) = default;
};

[[nodiscard]] std::string print(const Line& line);
[[nodiscard]] std::string print(const Script& script);
/// Error malformed, with the line.
[[nodiscard]] Result<Script> parse_script(std::string_view text);

}  // namespace doorstep::sim
