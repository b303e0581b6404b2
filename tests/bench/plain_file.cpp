#include "tests/bench/plain_file.hpp"

#include <array>
#include <filesystem>
#include <functional>
#include <string_view>

#include "client-sdk/src/replica_file.hpp"
#include "engine/sqlite/ddl.hpp"

namespace doorstep::bench {
namespace {

void set_up_like(sqlite::Database& db, const std::string& replica) {
  constexpr std::array<std::string_view, 5> pragmas = {"page_size", "cache_size", "cache_spill",
                                                       "mmap_size", "wal_autocheckpoint"};
  auto file = must(open_replica_file(replica, ReplicaAccess::write, {}, {}));
  for (const std::string_view pragma : pragmas) {
    const std::string name = "PRAGMA " + std::string(pragma);
    const auto value = must(file.db.one(name));
    if (value) must(db.run(name + " = " + std::to_string(value->as_integer())));
  }
}

void write_in_batches(sqlite::Database& db, std::size_t first, std::size_t last, std::size_t batch,
                      const std::function<void(std::size_t)>& write) {
  auto begin = must(db.prepare("BEGIN IMMEDIATE", true));
  auto commit = must(db.prepare("COMMIT", true));
  for (std::size_t at = first; at < last;) {
    if (batch > 1) must(begin.run());
    for (const std::size_t end = std::min(at + batch, last); at < end; ++at) write(at);
    if (batch > 1) must(commit.run());
  }
}

}  // namespace

sqlite::Database make_plain_file(const std::string& path, const Schema& schema, bool full,
                                 const std::string& like) {
  std::filesystem::remove(path);
  auto db = must(sqlite::Database::open(path, {.create = true}));
  if (!like.empty()) set_up_like(db, like);
  must(db.run("PRAGMA journal_mode = WAL"));
  must(db.run(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
  for (const Table& table : schema.tables()) must(db.run(sqlite::device_table_ddl(table)));
  return db;
}

void insert_plain(sqlite::Database& db, const Table& table, const std::vector<VisitRow>& rows,
                  std::size_t first, std::size_t last, std::size_t batch) {
  auto insert = must(db.prepare(insert_sql(table), true));
  write_in_batches(db, first, last, batch, [&](std::size_t at) {
    for (std::size_t i = 0; i < rows[at].size(); ++i) {
      insert.bind(static_cast<int>(i) + 1, rows[at][i]);
    }
    must(insert.run());
  });
}

void insert_ground(sqlite::Database& db, const Workload& workload) {
  for (const TableRows& some : workload.ground) {
    insert_plain(db, workload.schema.table(some.table), some.rows, 0, some.rows.size(), 100);
  }
}

void edit_plain(sqlite::Database& db, const Workload& workload, const std::vector<VisitEdit>& edits,
                std::size_t first, std::size_t last, std::size_t batch) {
  auto update = must(db.prepare(update_sql(workload.visit_table(), edits.at(first).column), true));
  write_in_batches(db, first, last, batch, [&](std::size_t at) {
    update.bind(1, edits[at].value);
    update.bind(2, workload.visits[edits[at].visit][0]);
    must(update.run());
    DS_ASSERT(db.changes() == 1);
  });
}

double bytes_of_file(const std::string& path) {
  auto db = must(sqlite::Database::open(path, {}));
  must(db.run("PRAGMA wal_checkpoint(TRUNCATE)"));
  return static_cast<double>(std::filesystem::file_size(path));
}

}  // namespace doorstep::bench
