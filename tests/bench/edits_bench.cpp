#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/core/assert.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/township.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t edits_of_one_record = 5'000;  // fewer in a run with fewer visits
constexpr double bytes_at_most = 85;
constexpr double seconds_at_most = 0.10;
constexpr double one_record_seconds_at_most = 0.05;

/// Two phones that hold all the visits, with nothing pending, and will not hear of each other until
/// they sync.
struct Pair {
  Township township;
  LinkProxy link;
  std::string first;
  std::string second;

  explicit Pair(const Workload& workload)
      : township(workload, false),
        link(township.url(), 0),
        first(township.phone("first")),
        second(township.phone("second")) {
    write_village(first, workload, &link);
    static_cast<void>(sync_now(second, link));
  }
};

struct Edited {
  double seconds = 0;
  double bytes = 0;
  double all_seconds = 0;  ///< with syncs that are no part of `seconds`
};

void add(Edited& edited, const TimedSync& sync) {
  edited.seconds += sync.seconds;
  edited.all_seconds += sync.seconds;
  edited.bytes += sync.wire.both();
}

void edit(const std::string& file, const Workload& workload, const std::vector<VisitEdit>& edits,
          std::size_t batch) {
  const auto replica = open_to_prepare(file);
  edit_through_sdk(*replica, workload, edits, 0, edits.size(), batch);
}

/// By key, in hexadecimal.
using Rows = std::map<std::string, std::vector<Value>>;

std::string key_text(const Value& key) { return to_hex(key.as_blob()); }

/// The visits of both phones, which must be the same ones.
Rows converged(const Pair& pair, const Workload& workload) {
  const auto first = visits_of(*must(Replica::open(pair.first)), workload);
  const auto second = visits_of(*must(Replica::open(pair.second)), workload);
  DS_ASSERT(first == second);
  Rows rows;
  for (const auto& row : first) rows.emplace(key_text(row.at(0)), row);
  return rows;
}

/// The hub's conflict records of a column: key of the visit, the value that stands, the one that
/// lost.
struct Lost {
  Value visit;
  Value stands;
  Value lost;
};
std::vector<Lost> lost_values(const Pair& pair, std::string_view column) {
  auto db = must(sqlite::Database::open(pair.township.hub().database(), {.read_only = true}));
  auto read = must(db.prepare(
      "SELECT row_key, winner, loser FROM ds_conflict WHERE column_name = ? AND withdrawn = 0"));
  read.bind(1, column);
  std::vector<Lost> all;
  while (must(read.step())) all.push_back({read.value(0), read.value(1), read.value(2)});
  return all;
}

const Value& cell(const Rows& rows, const Workload& workload, const VisitEdit& edit) {
  const auto row = rows.find(key_text(workload.visits[edit.visit][0]));
  DS_ASSERT(row != rows.end());
  return row->second.at(std::size_t{edit.column.index} + 1);
}

/// Different columns: both stand. The same one: one stands, and the other is on record.
void check_village(const Pair& pair, const Workload& workload) {
  const Rows rows = converged(pair, workload);
  for (const auto* side : {&workload.different_columns.first, &workload.different_columns.second}) {
    for (const VisitEdit& edit : *side) DS_ASSERT(cell(rows, workload, edit) == edit.value);
  }
  std::map<std::string, Lost> lost;
  for (Lost& one : lost_values(pair, "note")) lost.emplace(key_text(one.visit), one);
  const auto& [first, second] = workload.same_column;
  DS_ASSERT(lost.size() == first.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    const Lost& record = lost.at(key_text(workload.visits[first[i].visit][0]));
    const Value& stands = cell(rows, workload, first[i]);
    DS_ASSERT(stands == record.stands);
    DS_ASSERT((stands == second[i].value && record.lost == first[i].value) ||
              (stands == first[i].value && record.lost == second[i].value));
  }
}

std::vector<VisitEdit> joined(const std::vector<VisitEdit>& some,
                              const std::vector<VisitEdit>& more) {
  std::vector<VisitEdit> all = some;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// Both phones edit, then the first syncs, the second, and the first again: all have everything.
Edited edit_village(const Workload& workload, std::size_t batch) {
  Pair pair(workload);
  edit(pair.first, workload, joined(workload.different_columns.first, workload.same_column.first),
       batch);
  edit(pair.second, workload,
       joined(workload.different_columns.second, workload.same_column.second), batch);
  Edited edited;
  add(edited, sync_now(pair.first, pair.link));
  add(edited, sync_now(pair.second, pair.link));
  add(edited, sync_now(pair.first, pair.link));
  check_village(pair, workload);
  return edited;
}

/// One record, each phone its own 5,000 edits of one column, each a transaction. The first phone's
/// push meets nothing; what is timed is the meeting: the second phone's sync, in which the hub
/// merges 5,000 edits into 5,000 and the phone learns the outcome, and the first phone's, which
/// learns it too. That is the work that Realm's figure times (its transformation of 5,000 changes
/// by 5,000, at the server and at both clients).
Edited edit_one_record(const Workload& workload, std::size_t count) {
  Pair pair(workload);
  const ColumnId note = *workload.visit_table().find_column("note");
  const auto edits_by = [&](std::string_view who) {
    std::vector<VisitEdit> edits;
    for (std::size_t i = 0; i < count; ++i) {
      edits.push_back({0, note, Value::text(fmt::format("{}，第{}次", who, i))});
    }
    return edits;
  };
  const auto first = edits_by("甲");
  const auto second = edits_by("乙");
  edit(pair.first, workload, first, 1);
  edit(pair.second, workload, second, 1);
  Edited edited;
  edited.all_seconds = sync_now(pair.first, pair.link).seconds;
  add(edited, sync_now(pair.second, pair.link));
  add(edited, sync_now(pair.first, pair.link));
  const Rows rows = converged(pair, workload);
  DS_ASSERT(cell(rows, workload, second.back()) == second.back().value);
  const auto lost = lost_values(pair, "note");
  DS_ASSERT(std::any_of(lost.begin(), lost.end(), [&](const Lost& one) {
    return one.stands == second.back().value && one.lost == first.back().value;
  }));
  return edited;
}

/// Plain SQLite making the edits of both phones in one file, 100 a transaction, FULL.
double plain_seconds(const Workload& workload, const std::vector<std::vector<VisitEdit>>& edits) {
  const test::ScratchFolder folder("bench-edits");
  auto plain = make_plain_file(folder.file("plain.db"), workload.schema, true);
  insert_ground(plain, workload);
  insert_plain(plain, workload.visit_table(), workload.visits, 0, workload.visits.size(), 100);
  return seconds_of([&] {
    for (const auto& some : edits) edit_plain(plain, workload, some, 0, some.size(), 100);
  });
}

/// Bytes an edit of zstd -19 over keys and values, each once: what compression alone can do.
double zstd_of(const Workload& workload, const std::vector<std::vector<VisitEdit>>& edits) {
  std::vector<VisitRow> rows;
  for (const auto& some : edits) {
    for (const VisitEdit& one : some) rows.push_back({workload.visits[one.visit][0], one.value});
  }
  return zstd_column_bytes(rows);
}

Spread spread(const std::vector<Edited>& rounds, double Edited::*of) {
  std::vector<double> values;
  for (const Edited& round : rounds) values.push_back(round.*of);
  return spread_of(std::move(values));
}

constexpr const char* plain_edits = "plain SQLite making the edits, 100 a transaction, FULL";

void measure_village(const Workload& workload, const BenchOptions& options, std::size_t batch,
                     Report& report) {
  const std::vector<std::vector<VisitEdit>> edits = {
      workload.different_columns.first, workload.different_columns.second,
      workload.same_column.first, workload.same_column.second};
  const auto count = static_cast<double>(4 * edits[0].size());
  std::vector<Edited> rounds;
  std::vector<double> floors;
  for (int i = 0; i < options.repeats; ++i) {
    floors.push_back(plain_seconds(workload, edits));
    rounds.push_back(edit_village(workload, batch));
  }
  const std::string written = fmt::format(", written {} a transaction", batch);
  report.figures.push_back({"D", fmt::format("{} concurrent edits, three syncs{}", count, written),
                            spread(rounds, &Edited::seconds), "s", spread_of(floors).median,
                            plain_edits, value_at_most(seconds_at_most), "losers kept"});
  Spread bytes = spread(rounds, &Edited::bytes);
  bytes = {bytes.minimum / count, bytes.median / count, bytes.maximum / count};
  report.figures.push_back({"D", "all their bytes, up, down and echo" + written, bytes, "B/edit",
                            zstd_of(workload, edits), "zstd -19 of keys and values, each once",
                            value_at_most(bytes_at_most), "Realm 31 one way on another day"});
}

void measure_one_record(const Workload& workload, const BenchOptions& options, Report& report) {
  const std::size_t count = std::min(edits_of_one_record, workload.visits.size() / 2);
  std::vector<Edited> rounds;
  for (int i = 0; i < options.repeats; ++i) rounds.push_back(edit_one_record(workload, count));
  report.figures.push_back(
      {"D", fmt::format("{0} edits of one record meet {0} others", count),
       spread(rounds, &Edited::seconds), "s", 0, "", value_at_most(one_record_seconds_at_most),
       fmt::format("losers kept; {:.3f} s with the first phone's push; Realm 2.5 on another day",
                   spread(rounds, &Edited::all_seconds).median)});
}

}  // namespace

Report bench_edits(const BenchOptions& options) {
  const Workload workload = harness_workload(options.visits);
  Report report;
  for (const std::size_t batch : {std::size_t{100}, std::size_t{1}}) {
    measure_village(workload, options, batch, report);
  }
  measure_one_record(workload, options, report);
  return report;
}

}  // namespace doorstep::bench
