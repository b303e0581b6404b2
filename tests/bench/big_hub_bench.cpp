#include <fmt/format.h>

#include "engine/session/commit_merge.hpp"
#include "engine/sqlite/database.hpp"
#include "schema/loader.hpp"
#include "server/explain.hpp"
#include "server/store/sqlite_hub_rows.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/big_hub.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t small_hub_rows = 20'000;
constexpr std::size_t listed = 50;
constexpr std::size_t repeats_of_one = 40;

struct Times {
  Spread load_s;
  Spread conflicts_us;
  Spread explain_us;
  Spread propose_us;
  std::size_t open_listed = 0;
  std::size_t candidates = 0;
  std::size_t pairs_proposed = 0;
  std::vector<std::string> plans;
};

Spread repeat(const std::function<void()>& work) {
  std::vector<double> times;
  for (std::size_t i = 0; i < repeats_of_one; ++i) times.push_back(seconds_of(work) * 1e6);
  return spread_of(std::move(times));
}

/// A twin of a household in the middle of the hub, with its head's name typed by sound.
IncomingTransaction new_twin(const SqliteHubStore& store, const HubCommit& commit,
                             std::size_t rows) {
  const Schema& schema = store.schema();
  const TableId table = *schema.find_table("household");
  const RowImage image = big_hub_household(schema, rows / 20);
  RowChange change;
  change.table = table;
  change.row = *RowId::from(ByteView(Nonce{{0xEE}}.bytes).first(16));
  change.kind = RowChange::Kind::insert;
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    if (image.values[i].is_null()) continue;
    change.cells.push_back({ColumnId{static_cast<std::uint16_t>(i)}, image.values[i], {}});
  }
  return hub_transaction(store.identity(), commit, {1'700'000'000'000}, {change});
}

std::vector<std::string> plan_of(const std::filesystem::path& file, const std::string& sql) {
  auto db = must(sqlite::Database::open(file.string(), {.read_only = true}));
  auto plan = must(db.prepare("EXPLAIN QUERY PLAN " + sql));
  std::vector<std::string> steps;
  while (must(plan.step())) steps.emplace_back(plan.text(3));
  return steps;
}

std::vector<std::string> plans(const std::filesystem::path& file) {
  std::vector<std::string> out;
  for (const std::string& sql :
       {list_conflicts_sql({ConflictState::open, {}, listed}),
        std::string("SELECT * FROM household WHERE id = x'00'"), conflicts_of_row_sql(),
        std::string("SELECT row_key FROM ds_match WHERE block = 1 ORDER BY row_key LIMIT 65"),
        std::string("SELECT * FROM ds_duplicate WHERE id = x'00'")}) {
    for (const std::string& step : plan_of(file, sql)) out.push_back(fmt::format("{}", step));
  }
  return out;
}

Times measure(const Schema& schema, std::size_t rows) {
  const test::ScratchFolder folder("bench-big-hub");
  Times times;
  std::unique_ptr<SqliteHubStore> store;
  times.load_s =
      spread_of({seconds_of([&] { store = make_big_hub(folder.file("hub"), schema, rows); })});
  const RowKey asked{
      *schema.find_table("household"),
      must(must(store->snapshot())->conflicts({ConflictState::open, std::nullopt, 1}))
          .at(0)
          .key.row};
  times.conflicts_us = repeat([&] {
    times.open_listed =
        must(must(store->snapshot())->conflicts({ConflictState::open, std::nullopt, listed}))
            .size();
  });
  const ColumnId phone = *schema.table(asked.table).find_column("phone");
  times.explain_us = repeat([&] {
    const auto snapshot = must(store->snapshot());
    const auto found = must(explain_cell(*snapshot, schema, store->identity(), asked, phone));
    times.candidates = found.candidates.size();
  });
  times.propose_us = repeat([&] {
    // Never committed, so that every round finds the same hub.
    const auto commit = must(store->begin());
    const IncomingTransaction twin = new_twin(*store, *commit, rows);
    static_cast<void>(must(merge_into(*commit, schema, {&twin, 1})));
    const RowKey key{twin.content.changes[0].table, twin.content.changes[0].row};
    times.pairs_proposed = must(commit->duplicates().of_row(key)).size();
  });
  times.plans = plans(std::filesystem::path(folder.file("hub")) / "hub.db");
  return times;
}

}  // namespace

Report bench_big_hub(const BenchOptions& options) {
  const Schema schema =
      must(load_schema_file((test::source_dir() / "schema/village.toml").string()));
  const Times small = measure(schema, small_hub_rows);
  const Times big = measure(schema, options.hub_rows);
  const std::string beside = fmt::format("the same with {} rows", small_hub_rows);
  const auto figure = [&](std::string what, const Spread& at_big, const Spread& at_small) {
    return Figure{"P",
                  fmt::format("{}, {} rows", what, options.hub_rows),
                  at_big,
                  "us",
                  at_small.median,
                  beside,
                  {},
                  {}};
  };
  Report report;
  report.figures = {figure(fmt::format("list {} open conflicts", big.open_listed), big.conflicts_us,
                           small.conflicts_us),
                    figure(fmt::format("explain a cell, {} values", big.candidates), big.explain_us,
                           small.explain_us),
                    figure(fmt::format("new household, {} pair", big.pairs_proposed),
                           big.propose_us, small.propose_us),
                    Figure{"P",
                           fmt::format("fill a hub, {} rows", options.hub_rows),
                           big.load_s,
                           "s",
                           0,
                           "",
                           {},
                           {}}};
  for (const std::string& plan : big.plans) report.notes.push_back("P   plan: " + plan);
  return report;
}

}  // namespace doorstep::bench
