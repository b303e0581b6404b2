// 10,000 visits of the sample village as the bench writes them, into plain SQLite and into
// replicas.
#pragma once

#include <string>
#include <vector>

#include "engine/core/schema.hpp"
#include "engine/core/value.hpp"

namespace doorstep::bench {

/// One visit: key, then the columns of table `visit` in schema order.
using VisitRow = std::vector<Value>;

/// Same rows for the same arguments. `household` is the key of an existing household.
[[nodiscard]] std::vector<VisitRow> make_visits(const Table& visit, std::size_t count,
                                                const Value& household, std::uint64_t seed);

/// "insert into visit (...) values (?, ...)".
[[nodiscard]] std::string insert_sql(const Table& table);
/// "update visit set (column) = ? where (key) = ?".
[[nodiscard]] std::string update_sql(const Table& table, ColumnId column);

/// Bytes a visit of zstd -19 over the rows as CSV, all in one frame: what compression alone can do.
[[nodiscard]] double zstd_csv_bytes(const std::vector<VisitRow>& rows);
/// The same column by column, which lets like stand beside like.
[[nodiscard]] double zstd_column_bytes(const std::vector<VisitRow>& rows);

}  // namespace doorstep::bench
