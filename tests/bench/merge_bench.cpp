#include <fmt/format.h>

#include "engine/core/limits.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/sqlite/ddl.hpp"
#include "server/store/sqlite_hub_store.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/home_visits.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"
#include "tests/bench/written_ahead.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t devices_of_commit = 10;
constexpr std::size_t rows_of_commit = limits::merge_rows_per_commit;
constexpr std::size_t rows_before = 10'000;
constexpr std::size_t commits_of_round = 20;

std::string upsert_sql(const Table& table) {
  std::string sql = insert_sql(table) + " ON CONFLICT (" + sqlite::quote_identifier(table.key) +
                    ") DO UPDATE SET ";
  for (const Column& column : table.columns) {
    const std::string name = sqlite::quote_identifier(column.name);
    sql += (&column == &table.columns.front() ? "" : ", ") + name + " = excluded." + name;
  }
  return sql;
}

/// What devices send for one commit, and the same rows for plain SQLite.
struct Load {
  std::vector<PushRequest> requests;
  std::vector<VisitRow> rows;
  std::size_t values = 0;  ///< columns written
};

/// A hub in this process and a plain file beside it that take the same rows, commit by commit.
class Merging {
 public:
  Merging(const std::string& folder, std::uint64_t seed, std::size_t rows_of_transaction)
      : schema_(harness_schema()),
        visits_(schema_, seed),
        household_(visits_.new_id()),
        rows_of_transaction_(rows_of_transaction),
        plain_(make_plain_file(folder + "/plain.db", schema_, true)) {
    HubIdentity identity;
    identity.id = HubId{{7}};
    identity.name = "bench";
    identity.keys = key_pair_of(Nonce{{7}});
    hub_ = must(SqliteHubStore::create(folder + "/hub", schema_, identity));
    must(plain_.run("PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000"));
    for (std::uint32_t i = 0; i < devices_of_commit; ++i) devices_.emplace_back(i, scopes());
    enrol_all(*hub_, devices_);
    devices_[0].write(schema_, {}, village_rows(schema_, scopes()[0].code, household_));
    merge({request_of(devices_[0])});
    upsert_ = std::make_unique<sqlite::Statement>(must(plain_.prepare(upsert_sql(table()), true)));
    for (std::size_t i = 0; i < rows_before / rows_of_commit; ++i) {
      Load load = next(0);
      upsert(load);
      merge(load.requests);
    }
  }

  /// One commit's worth of rows; `edits` of them are edits of rows that are there.
  Load next(std::size_t edits) {
    Load load;
    const std::size_t of_device = rows_of_commit / devices_of_commit;
    for (WrittenAhead& device : devices_) {
      std::vector<RowChange> changes;
      for (std::size_t i = 0; i < of_device; ++i) {
        changes.push_back(next_change(i < edits / devices_of_commit, load));
        if (changes.size() < rows_of_transaction_) continue;
        device.write(schema_, head_, std::move(changes));
        changes.clear();
      }
      load.requests.push_back(request_of(device));
    }
    return load;
  }
  void merge(const std::vector<PushRequest>& requests) {
    for (auto& result : merge_pushes(*hub_, log_, requests, {noon_ms}, CommitToken{{1}})) {
      const PushResult merged = must(std::move(result));
      if (!merged.ack.items.empty()) fail_assert("a push was not accepted", __FILE__, __LINE__);
      head_ = std::max(head_, merged.position);
    }
  }
  void upsert(const Load& load) {
    auto transaction = must(sqlite::WriteTransaction::begin(plain_));
    for (const VisitRow& row : load.rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        upsert_->bind(static_cast<int>(i) + 1, row[i]);
      }
      must(upsert_->run());
    }
    must(transaction.commit());
  }

 private:
  [[nodiscard]] static std::vector<ScopeId> scopes() { return {ScopeId{"431224103212"}}; }
  [[nodiscard]] const Table& table() const { return visits_.table(); }
  RowChange next_change(bool edit, Load& load) {
    if (edit) {
      // Each time another row, from one end to the other.
      VisitRow& before = known_[edited_++ % known_.size()];
      VisitRow after = visits_.edited(before);
      RowChange change = change_of(schema_, table().name, before, after);
      load.values += change.cells.size();
      load.rows.push_back(after);
      before = std::move(after);
      return change;
    }
    VisitRow row = visits_.draw(household_);
    RowChange change = change_of(schema_, table().name, {}, row);
    load.values += table().columns.size();
    load.rows.push_back(row);
    known_.push_back(std::move(row));
    return change;
  }
  [[nodiscard]] static PushRequest request_of(WrittenAhead& device) {
    PushRequest request;
    request.device = device.id();
    request.push = device.take();
    request.clock = device.clock();
    request.clock_met = {noon_ms};
    return request;
  }

  Schema schema_;
  HomeVisits visits_;
  RowId household_;
  std::size_t rows_of_transaction_;
  sqlite::Database plain_;
  std::unique_ptr<sqlite::Statement> upsert_;
  std::unique_ptr<SqliteHubStore> hub_;
  NullLogSink log_;
  std::vector<WrittenAhead> devices_;
  std::vector<VisitRow> known_;
  std::size_t edited_ = 0;
  Position head_;
};

struct MergeRound {
  Spent ours;
  Spent floor;
  std::size_t values = 0;
};

MergeRound run_merge_round(std::uint64_t seed, std::size_t rows_of_transaction) {
  const test::ScratchFolder folder("bench-merge");
  Merging merging(folder.path(), seed, rows_of_transaction);
  MergeRound round;
  for (std::size_t i = 0; i < commits_of_round; ++i) {
    const Load load = merging.next(rows_of_commit / 2);
    round.values += load.values;
    round.floor += spent_in([&] { merging.upsert(load); });
    round.ours += spent_in([&] { merging.merge(load.requests); });
  }
  return round;
}

}  // namespace

Report bench_merge(const BenchOptions& options) {
  constexpr auto rows = static_cast<double>(rows_of_commit * commits_of_round);
  Report report;
  for (const std::size_t batch : {std::size_t{100}, std::size_t{1}}) {
    std::vector<double> wall;
    std::vector<double> wall_floor;
    std::vector<double> processor;
    std::vector<double> processor_floor;
    std::vector<double> values;
    for (int i = 0; i < options.repeats; ++i) {
      const MergeRound round = run_merge_round(static_cast<std::uint64_t>(i) + 1, batch);
      wall.push_back(round.ours.wall_s * 1e6 / rows);
      wall_floor.push_back(round.floor.wall_s * 1e6 / rows);
      processor.push_back(round.ours.processor_s * 1e6 / rows);
      processor_floor.push_back(round.floor.processor_s * 1e6 / rows);
      values.push_back(static_cast<double>(round.values) / round.ours.wall_s);
    }
    const std::string written = fmt::format(", written {} a transaction", batch);
    const std::string floor = "plain upserts, 1,000 a transaction";
    // Half the plain rate is twice the plain time.
    const auto reach = batch == 100 ? std::optional(ratio_at_most(2.0)) : std::nullopt;
    report.figures.push_back({"J",
                              "merge, half edits" + written,
                              spread_of(wall),
                              "us/row",
                              spread_of(wall_floor).median,
                              floor,
                              reach,
                              {}});
    report.figures.push_back({"J",
                              "the same, processor" + written,
                              spread_of(processor),
                              "us/row",
                              spread_of(processor_floor).median,
                              floor,
                              {},
                              {}});
    report.figures.push_back({"J",
                              "column values merged" + written,
                              spread_of(values),
                              "values/s",
                              0,
                              {},
                              {},
                              "Realm 560,000"});
  }
  return report;
}

}  // namespace doorstep::bench
