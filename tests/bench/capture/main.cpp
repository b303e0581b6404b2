// Measures the two exact ways of capture against plain SQLite: time of BEGIN, statements, net
// change and COMMIT, without the outbox, which is the same for both. Medians; ways take turns in
// every round.
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "client-sdk/src/capture.hpp"
#include "client-sdk/src/replica_tables.hpp"
#include "client-sdk/src/sql_functions.hpp"
#include "client-sdk/src/system_clock.hpp"
#include "client-sdk/src/system_random.hpp"
#include "engine/sqlite/ddl.hpp"
#include "schema/loader.hpp"
#include "tests/bench/capture/reread_capture.hpp"

namespace doorstep::bench {
namespace {

constexpr int rows_per_round = 20'000;
constexpr int rounds = 7;
constexpr std::string_view schema_text = R"(
name = "bench"
version = 1
[tables.visit]
scope = "village"
[tables.visit.columns]
village = "text"
household_id = "uuid"
kind = "text"
happened = "timestamp"
findings = "text"
follow_up = "boolean"
)";

enum class Way : std::uint8_t { plain, savepoints, reread };

template <class T>
T must(Result<T> result) {
  return std::move(result).value();
}
void must(const Status& status) {
  if (!status) fail_assert(status.error().text().c_str(), __FILE__, __LINE__);
}

class Bench {
 public:
  Bench(const std::string& path, Way way, const Schema& schema) {
    sqlite::OpenOptions how;
    how.create = true;
    db_ = must(sqlite::Database::open(path, how));
    must(db_.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"));
    must(register_sql_functions(db_, clock_, random_, true));
    const Table& table = schema.tables().front();
    must(db_.run(sqlite::device_table_ddl(table)));
    if (way != Way::plain) {
      for (const Guard& guard : guards_of(table)) must(db_.run(guard.ddl));
    }
    if (way == Way::savepoints) capture_ = must(Capture::install(db_, schema));
    if (way == Way::reread) reread_ = std::make_unique<RereadCapture>(db_, schema);
    insert_ = must(db_.prepare(
        "INSERT INTO visit VALUES (uuid7(), '431224103212', x'0102030405060708090a0b0c0d0e0f10',"
        " 'home', 1700000000000, 'blood pressure 130/80, walks well', 0)"));
    update_ = must(db_.prepare(
        "UPDATE visit SET findings = 'blood pressure 140/90' || rowid WHERE rowid = ?1"));
  }

  double seconds(int per_transaction, bool updates) {
    const auto started = std::chrono::steady_clock::now();
    for (int done = 0; done < rows_per_round;) {
      must(db_.run("BEGIN IMMEDIATE"));
      if (capture_) must(capture_->join());
      if (reread_) reread_->begin();
      for (int i = 0; i < per_transaction; ++i) {
        ++done;
        if (updates) update_.bind(1, std::int64_t{done});
        must((updates ? update_ : insert_).run());
      }
      if (capture_) {
        rows_ += must(capture_->net()).size();
        capture_->mark_written();
      }
      if (reread_) rows_ += must(reread_->net()).size();
      must(db_.run("COMMIT"));
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  sqlite::Database db_;
  std::unique_ptr<Capture> capture_;
  std::unique_ptr<RereadCapture> reread_;
  sqlite::Statement insert_;
  sqlite::Statement update_;
  std::size_t rows_ = 0;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void compare(const std::filesystem::path& folder, const Schema& schema, int per_transaction,
             bool updates) {
  constexpr std::array ways{Way::plain, Way::savepoints, Way::reread};
  std::array<std::vector<double>, ways.size()> times;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < ways.size(); ++i) {
      const auto path = folder / (std::to_string(i) + ".db");
      for (const char* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path.string() + suffix);
      Bench bench(path.string(), ways[i], schema);
      if (updates) bench.seconds(rows_per_round, false);
      times[i].push_back(bench.seconds(per_transaction, updates));
    }
  }
  const double plain = median(times[0]);
  std::printf("%-7s %6d rows/transaction  plain %6.2f us/row  savepoints x%.2f  reread x%.2f\n",
              updates ? "update" : "insert", per_transaction, plain * 1e6 / rows_per_round,
              median(times[1]) / plain, median(times[2]) / plain);
}

}  // namespace
}  // namespace doorstep::bench

int main() {
  using namespace doorstep::bench;
  const auto schema = must(doorstep::load_schema(schema_text, "bench.toml"));
  std::string name = (std::filesystem::temp_directory_path() / "doorstep-capture-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  for (const bool updates : {false, true}) {
    for (const int per_transaction : {1, 100, 10'000})
      compare(name, schema, per_transaction, updates);
  }
  std::filesystem::remove_all(name);
  return 0;
}
