// A small schema with every kind of scope and the common policies, and rows of it by name, for
// tests of stores and sessions.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/ports/memory_hub_store.hpp"

namespace doorstep::test {

/// org_unit (the tree, text keys), household (scope by column), resident and visit (scope via
/// household; visits are append-only), supply (a counter per village).
[[nodiscard]] Schema small_village();
/// The same with rules: supply.not_below_zero (given), household.no_wrong_phone (phone "wrong").
[[nodiscard]] Schema ruled_village();
/// Those rules for a MemoryHubStore, which has no SQL.
[[nodiscard]] MemoryHubStore::Rules ruled_village_rules(const Schema& schema);

using Fields = std::initializer_list<std::pair<std::string_view, Value>>;

[[nodiscard]] TableId table_id(const Schema& schema, std::string_view table);
/// A row with these columns, the others NULL.
[[nodiscard]] RowImage image_of(const Schema& schema, std::string_view table, Fields fields);
/// `image` with these columns changed.
[[nodiscard]] RowImage with(const Schema& schema, std::string_view table, RowImage image,
                            Fields fields);
[[nodiscard]] Value field(const Schema& schema, std::string_view table, const RowImage& image,
                          std::string_view column);
/// The uuid key number `n`.
[[nodiscard]] RowId numbered(std::uint64_t n);
[[nodiscard]] Value key_value(const RowId& id);
[[nodiscard]] RowId code(std::string_view text);

}  // namespace doorstep::test
