// A village in which families are registered twice: the schema, a hub with phones, and what a
// township does about duplicates, for tests of SEMANTICS D6.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/session/decide_duplicates.hpp"
#include "tests/support/test_link.hpp"

namespace doorstep::test {

/// org_unit (the tree), household (alike by address, or by phone), resident and visit (via
/// household; visits name a resident too and are append-only).
[[nodiscard]] Schema twin_village();

struct TwinWorld : SyncWorld {
  explicit TwinWorld(std::uint64_t seed = 1, const MakeHub& make_hub = {})
      : SyncWorld(seed, twin_village(), make_hub) {}

  RowId household(Phone& phone, std::uint64_t number, std::string_view head,
                  std::string_view address, const std::string& village = "X");
  RowId resident(Phone& phone, std::uint64_t number, const RowId& house, std::string_view name);
  RowId visit(Phone& phone, std::uint64_t number, const RowId& house, std::string_view findings);

  [[nodiscard]] std::vector<Duplicate> pairs(bool only_open = true);
  /// The only open pair. Precondition: there is one.
  [[nodiscard]] Duplicate open_pair();
  Result<DuplicateOutcome> accept(const Duplicate& pair, const std::optional<RowId>& survivor = {});
  Result<DuplicateOutcome> reject(const Duplicate& pair);
  Result<DuplicateOutcome> unmerge(const Duplicate& pair);
  /// Conflicts of a row that are not over, as "column: loser (state)", sorted; a delete has no
  /// column.
  [[nodiscard]] std::vector<std::string> losers(const std::string& table, const RowId& row);
  /// The household that a row at the hub hangs on; nullopt when it is dead.
  [[nodiscard]] std::optional<RowId> home_of(const std::string& table, const RowId& row);
  /// A reference of a live row to a row that is another's alias, in words; empty when there is
  /// none.
  [[nodiscard]] std::string stray_reference();
};

}  // namespace doorstep::test
