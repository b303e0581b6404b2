#include "tests/bench/plain_file.hpp"

#include <filesystem>

#include "engine/sqlite/ddl.hpp"

namespace doorstep::bench {

sqlite::Database make_plain_file(const std::string& path, const Schema& schema, bool full) {
  std::filesystem::remove(path);
  auto db = must(sqlite::Database::open(path, {.create = true}));
  must(db.run("PRAGMA journal_mode = WAL"));
  must(db.run(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
  for (const Table& table : schema.tables()) must(db.run(sqlite::device_table_ddl(table)));
  return db;
}

void insert_plain(sqlite::Database& db, const Table& table, const std::vector<VisitRow>& rows,
                  std::size_t first, std::size_t last, std::size_t batch) {
  auto insert = must(db.prepare(insert_sql(table), true));
  for (std::size_t at = first; at < last;) {
    auto transaction = must(sqlite::WriteTransaction::begin(db));
    for (const std::size_t end = std::min(at + batch, last); at < end; ++at) {
      for (std::size_t i = 0; i < rows[at].size(); ++i)
        insert.bind(static_cast<int>(i) + 1, rows[at][i]);
      must(insert.run());
    }
    must(transaction.commit());
  }
}

double bytes_of_file(const std::string& path) {
  auto db = must(sqlite::Database::open(path, {}));
  must(db.run("PRAGMA wal_checkpoint(TRUNCATE)"));
  return static_cast<double>(std::filesystem::file_size(path));
}

}  // namespace doorstep::bench
