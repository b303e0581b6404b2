// The sample village: Dushi with exactly 339 households in 7 villager groups, 1,232 residents, of
// whom 107 empty-nest elders and 75 left-behind children, and a year of work, as rows for
// schema/village.toml. All names, numbers and findings are invented; the administrative codes are
// real. Pure: the same options give the same bytes on every platform.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/value.hpp"

namespace doorstep::sample {

struct SampleRow {
  std::string table;
  std::string key_column;  ///< "id", or "code" for org_unit
  Value key;
  std::vector<std::pair<std::string, Value>>
      columns;  ///< in schema order, stored form; NULLs are left out
  friend bool operator==(const SampleRow&, const SampleRow&) = default;
};

struct SampleOptions {
  std::uint64_t seed = 1;
  /// The day that ages are counted at and on which the year of work ends; from 1971 to 9999.
  std::chrono::sys_days reference = std::chrono::year{2024} / 12 / 31;
};

/// Parents before what refers to them: units, members, households, residents, visits, checks,
/// orders, fund entries, supplies; within a table by rising key.
[[nodiscard]] std::vector<SampleRow> make_village_sample(const SampleOptions& options);

}  // namespace doorstep::sample
