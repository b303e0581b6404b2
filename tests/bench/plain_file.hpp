// The floor: a plain SQLite file with the DDL of a device's tables and nothing else, written with
// statements that are prepared once.
#pragma once

#include <string>
#include <vector>

#include "engine/core/assert.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/bench/workload.hpp"

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
/// Page size, caches and checkpoints are those of the replica in file `like`, SQLite's own without
/// one.
[[nodiscard]] sqlite::Database make_plain_file(const std::string& path, const Schema& schema,
                                               bool full, const std::string& like = {});
/// Inserts rows [first, last) in transactions of `batch` rows; of one row without BEGIN.
void insert_plain(sqlite::Database& db, const Table& table, const std::vector<VisitRow>& rows,
                  std::size_t first, std::size_t last, std::size_t batch);
/// All that the visits of a workload hang on.
void insert_ground(sqlite::Database& db, const Workload& workload);
/// Edits [first, last), which are of one column, in transactions of `batch` edits.
void edit_plain(sqlite::Database& db, const Workload& workload, const std::vector<VisitEdit>& edits,
                std::size_t first, std::size_t last, std::size_t batch);
/// Size after a full checkpoint.
[[nodiscard]] double bytes_of_file(const std::string& path);

}  // namespace doorstep::bench
