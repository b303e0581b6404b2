// What came after a period was closed and counts in it: who wrote it, when, when it arrived, why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "engine/sqlite/database.hpp"
#include "schema/figures/report.hpp"

namespace doorstep {

struct LateRow {
  enum class What : std::uint8_t { added, changed, moved_in, moved_out, removed };
  What what = What::added;
  std::string table;
  std::string chinese;  ///< of the table
  std::string english;
  Value row;                         ///< its key
  std::vector<std::string> columns;  ///< changed: which
  std::string elsewhere;             ///< moved_out: the unit that it went to
  std::string stated;                ///< the day that it is about, as people stated it; empty: none
  std::string about;                 ///< whom, by name
  std::string why;                   ///< what the row itself says
  std::string author;                ///< the name of the phone that wrote it
  Instant written;                   ///< on the hub's clock, as well as can be known
  std::optional<Instant> claimed;    ///< on the phone's, where still on record
  std::optional<Instant> arrived;
  Position position;
};

[[nodiscard]] std::string_view name_of(LateRow::What what);

/// What late rows are looked for in: all of one state of one hub.
struct LateSearch {
  HubSnapshot& snapshot;
  sqlite::Database& db;
  const HubIdentity& identity;
  const std::vector<figures::LateRows>& kinds;
};

/// Those that a unit and all below it got after the commit with this number, by position. Rows that
/// moved are named where the move was written, not with all that hangs on them. A row whose stated
/// day was moved out of the period is not found, nor a deleted one that was collected since.
[[nodiscard]] Result<std::vector<LateRow>> find_late_rows(const LateSearch& search,
                                                          const std::string& unit,
                                                          const figures::Period& period,
                                                          std::uint64_t after);

}  // namespace doorstep
