// A pair of rows that may be one thing, as a person looks at it: both rows, why they are a pair,
// and where they differ.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// A pair with both rows as they are now; one that is gone altogether is absent.
struct ShownPair {
  Duplicate pair;
  std::optional<StoredRow> first;
  std::optional<StoredRow> second;
};

[[nodiscard]] Result<ShownPair> look_at(HubSnapshot& snapshot, Duplicate pair);

struct Difference {
  std::string column;
  Value first;
  Value second;
};

/// In the order of the columns; none where a row is absent.
[[nodiscard]] std::vector<Difference> differences(const Table& table, const ShownPair& shown);

/// The columns of a reason, the similar one first.
[[nodiscard]] std::vector<std::string> columns_of(const Table& table, const MatchReason& reason);
/// [{"key":...,"similarity":...,"columns":[...]},...]
[[nodiscard]] std::string reasons_json(const Table& table, const Duplicate& pair);

/// The row that a person says is to stay; empty: none said. Error bad_key.
[[nodiscard]] Result<std::optional<RowId>> survivor_of(const Table& table, std::string_view wanted);

}  // namespace doorstep
