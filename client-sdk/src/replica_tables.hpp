// The text of the replica's bookkeeping tables and guard triggers.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/schema.hpp"

namespace doorstep {

/// "DSRP" as SQLite's application_id: what makes a database file a replica.
inline constexpr std::int32_t replica_application_id = 0x44535250;
/// SQLite's user_version of a replica: the version of these tables.
inline constexpr std::int32_t replica_format = 5;

/// CREATE statements of the ds_ tables.
[[nodiscard]] std::string_view bookkeeping_ddl();

/// What a trigger of the SDK is called and the whole CREATE statement.
struct Guard {
  std::string name;
  std::string ddl;
};
/// Before INSERT, UPDATE and DELETE of the table: elsewhere the statement fails with "no such
/// function: write_through_the_doorstep_sdk".
[[nodiscard]] std::array<Guard, 3> guards_of(const Table& table);
/// After DELETE of a row of the table: what hangs on it through `via` goes with it in the same
/// transaction, and is captured like any other delete (SEMANTICS B6). Rows of the hub are applied
/// with triggers off.
[[nodiscard]] std::vector<Guard> take_along_triggers_of(const Schema& schema, TableId table);

}  // namespace doorstep
