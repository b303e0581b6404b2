// The schema of simulated villages: one column of every policy, rows that hang on others, a ledger
// with a rule. It grows twice: a hub and phones begin on the first version, and each takes a later
// one when it does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/schema.hpp"
#include "engine/core/schema_view.hpp"

namespace doorstep::sim {

inline constexpr std::uint32_t village_versions = 3;

/// From 1. Tables and columns keep their numbers from version to version.
[[nodiscard]] const Schema& village(std::uint32_t version);
/// The newest: all that anybody can know.
[[nodiscard]] const Schema& village();
/// What somebody on `known` knows of what a hub on `version` has; everything when it is the newer.
[[nodiscard]] const SchemaView& view_of(std::uint32_t version, std::uint32_t known);
/// For replicas and hubs: text of a village() only.
[[nodiscard]] Result<Schema> load_village(std::string_view text);

}  // namespace doorstep::sim
