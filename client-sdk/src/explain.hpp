// Why a cell shows what it shows, as far as a device knows. Used inside one read transaction.
#pragma once

#include <string_view>

#include <doorstep/replica.hpp>

#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

struct CellName {
  std::string_view table;
  const Value& row;
  std::string_view column;
};

/// Errors: unknown_table, unknown_column, bad_key. Reads along keys and indexes only.
[[nodiscard]] Result<Explanation> explain_cell(sqlite::Database& db, const Schema& schema,
                                               const CellName& cell);

}  // namespace doorstep
