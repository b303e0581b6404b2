// The floor: a plain SQLite file with the DDL of a device's tables and nothing else.
#pragma once

#include <string>
#include <vector>

#include "engine/sqlite/database.hpp"
#include "tests/bench/visits.hpp"

namespace doorstep::bench {

/// Aborts the bench with the error's text when something cannot be done.
template <class T>
T must(Result<T> result) {
  return std::move(result).value();
}
inline void must(const Status& status) {
  if (!status) fail_assert(status.error().text().c_str(), __FILE__, __LINE__);
}

/// Makes the file in WAL mode with all tables of `schema`; `full`: synchronous FULL, else NORMAL.
[[nodiscard]] sqlite::Database make_plain_file(const std::string& path, const Schema& schema,
                                               bool full);
/// Inserts rows [first, last) in transactions of `batch` rows.
void insert_plain(sqlite::Database& db, const Table& table, const std::vector<VisitRow>& rows,
                  std::size_t first, std::size_t last, std::size_t batch);
/// Size after a full checkpoint.
[[nodiscard]] double bytes_of_file(const std::string& path);

}  // namespace doorstep::bench
