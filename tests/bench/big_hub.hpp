// A hub with many rows, made as fast as SQLite takes them: whole rows through HubCommit::put_rows
// in large commits, as a merge would have left them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "server/store/sqlite_hub_store.hpp"

namespace doorstep::bench {

/// A tenth households, three tenths residents, the rest visits; villages of about 4,000 rows. One
/// conflict for every 200 rows, every other one open. Blocks of duplicates are kept.
[[nodiscard]] std::unique_ptr<SqliteHubStore> make_big_hub(const std::filesystem::path& folder,
                                                           const Schema& schema, std::size_t rows);

/// Household `number` of make_big_hub() as its columns, for a twin to be registered.
[[nodiscard]] RowImage big_hub_household(const Schema& schema, std::size_t number);

}  // namespace doorstep::bench
