// The sample village: Dushi with exactly 339 households in 7 villager groups, 1,232 residents, of
// whom 107 empty-nest elders and 75 left-behind children, and a year of work in all systems, as
// rows for schema/village.toml; and Xupu county with its 412 villages of sizes around Dushi's. All
// names, numbers and findings are invented; the administrative codes are real. Pure: the same
// options give the same bytes on every platform.
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

/// Dushi, its township's other villages as units only. Parents before what refers to them; within a
/// table by rising key.
[[nodiscard]] std::vector<SampleRow> make_village_sample(const SampleOptions& options);

/// Xupu, part by part, for it is large: part 0 has the units, each further one a village with its
/// year of work (the first village of a township with what the township decides). Parts do not
/// depend on each other but by reference.
[[nodiscard]] std::size_t county_parts();
[[nodiscard]] std::vector<SampleRow> make_county_part(const SampleOptions& options,
                                                      std::size_t part);

}  // namespace doorstep::sample
