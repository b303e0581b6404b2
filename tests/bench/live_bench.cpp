#include <fmt/format.h>

#include <algorithm>

#include "engine/core/assert.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/live_phone.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/raw_hops.hpp"
#include "tests/bench/township.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t changes_of_slow_link = 10;

/// A hub and two phones that hold all the visits. Phones on the same files connect again for each
/// way of measuring.
struct LivePair {
  Township township;
  std::string first;
  std::string second;

  LivePair(const Workload& workload, bool tls)
      : township(workload, tls), first(township.phone("first")), second(township.phone("second")) {
    LinkProxy link(township.url(), 0);
    write_village(first, workload, &link);
    static_cast<void>(sync_now(second, link));
  }
};

/// Seconds from before the edit until the other phone has applied it durably. Returns when the
/// writer has heard that the hub includes it, so that nothing is on its way when the next begins.
double change(LivePhone& from, LivePhone& to, const Workload& workload, const VisitEdit& edit) {
  const LivePhone::Heard writer = from.heard();
  const LivePhone::Heard reader = to.heard();
  const double seconds = seconds_of([&] {
    from.edit(workload, edit);
    to.await_applied(reader);
  });
  DS_ASSERT(to.read(workload, edit) == edit.value);
  from.await_up_to_date(writer);
  return seconds;
}

/// Every round edits the same visits; each time to another text.
std::vector<VisitEdit> edits_of_round(const Workload& workload, std::string_view of, int round) {
  std::vector<VisitEdit> edits = workload.live;
  for (VisitEdit& edit : edits) {
    edit.value =
        Value::text(fmt::format("{}{}：{}", of, round, std::string_view(edit.value.as_text())));
  }
  return edits;
}

struct Carried {
  WireBytes first;  ///< of the writer's link, a change
  WireBytes second;
  [[nodiscard]] double all(std::size_t changes) const {
    return (first.both() + second.both()) / static_cast<double>(changes);
  }
};

Carried carried_bytes(const LivePair& pair, const Workload& workload) {
  LinkProxy first(pair.township.url(), 0);
  LinkProxy second(pair.township.url(), 0);
  LivePhone writer(pair.first, first.url());
  LivePhone reader(pair.second, second.url());
  first.forget_counts();
  second.forget_counts();
  for (const VisitEdit& edit : edits_of_round(workload, "计", 0)) {
    static_cast<void>(change(writer, reader, workload, edit));
  }
  return {first.counted(), second.counted()};
}

double percentile(std::vector<double> sorted, double share) {
  std::sort(sorted.begin(), sorted.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted.at(std::min(at, sorted.size() - 1));
}

/// Milliseconds of the rounds' medians and ninety-ninth percentiles.
struct Percentiles {
  std::vector<double> median;
  std::vector<double> high;
  void add(const std::vector<double>& seconds) {
    median.push_back(percentile(seconds, 0.5) * 1e3);
    high.push_back(percentile(seconds, 0.99) * 1e3);
  }
};

struct Measured {
  Carried bytes;
  Percentiles ours;
  Percentiles floor;
  Percentiles slow;  ///< at 50 ms each way
  Percentiles slow_floor;
};

/// Seconds of each change; ours and the floor take turns.
struct Turns {
  std::vector<double> ours;
  std::vector<double> floor;
};
Turns take_turns(LivePhone& writer, LivePhone& reader, RawHops& hops, const Workload& workload,
                 const std::vector<VisitEdit>& edits) {
  Turns seconds;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    seconds.ours.push_back(change(writer, reader, workload, edits[i]));
    seconds.floor.push_back(hops.change(edits, i));
  }
  return seconds;
}

Measured measure(const Workload& workload, const BenchOptions& options, bool tls) {
  const LivePair pair(workload, tls);
  const std::size_t changes = workload.live.size();
  Measured measured;
  measured.bytes = carried_bytes(pair, workload);
  RawHops::Hops hops{measured.bytes.first.up / changes, measured.bytes.second.down / changes, 0};
  {
    RawHops floor(workload, pair.township.file("quick-"), hops);
    LivePhone writer(pair.first, pair.township.url());
    LivePhone reader(pair.second, pair.township.url());
    for (int round = 0; round < options.repeats; ++round) {
      const Turns turns =
          take_turns(writer, reader, floor, workload, edits_of_round(workload, "第", round));
      measured.ours.add(turns.ours);
      measured.floor.add(turns.floor);
    }
  }
  hops.one_way_ms = slow_link_ms;
  RawHops floor(workload, pair.township.file("slow-"), hops);
  LinkProxy first(pair.township.url(), slow_link_ms);
  LinkProxy second(pair.township.url(), slow_link_ms);
  LivePhone writer(pair.first, first.url());
  LivePhone reader(pair.second, second.url());
  for (int round = 0; round < options.repeats; ++round) {
    auto edits = edits_of_round(workload, "慢", round);
    edits.resize(std::min(changes_of_slow_link, edits.size()));
    const Turns turns = take_turns(writer, reader, floor, workload, edits);
    measured.slow.add(turns.ours);
    measured.slow_floor.add(turns.floor);
  }
  return measured;
}

void add_figures(const Workload& workload, const BenchOptions& options, bool tls, Report& report) {
  constexpr const char* floor_name = "two WebSocket hops and three commits FULL";
  const Measured measured = measure(workload, options, tls);
  const std::string link = tls ? ", TLS" : "";
  const auto add = [&](const std::string& metric, const Spread& value, const char* unit,
                       double floor, Reach reach, const std::string& note) {
    report.figures.push_back(
        {"E", metric + link, value, unit, floor, floor > 0 ? floor_name : "", reach, note});
  };
  const std::size_t changes = workload.live.size();
  add("one change, median", spread_of(measured.ours.median), "ms",
      spread_of(measured.floor.median).median, ratio_at_most(2),
      "Realm 3 with TCP_NODELAY, LiteCore 42 on another day");
  add("one change, 99th percentile", spread_of(measured.ours.high), "ms",
      spread_of(measured.floor.high).median, ratio_at_most(5),
      fmt::format("of {} changes a round", changes));
  add(fmt::format("one change, {} ms each way, median", slow_link_ms),
      spread_of(measured.slow.median), "ms", spread_of(measured.slow_floor.median).median,
      value_at_most(104), "Realm 104 on another day");
  const double all = measured.bytes.all(changes);
  const auto share = [&](std::uint64_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(changes);
  };
  add("one change, all bytes", {all, all, all}, "B", 0, value_at_most(350),
      fmt::format("writer {:.0f} up {:.0f} down, reader {:.0f} down {:.0f} up",
                  share(measured.bytes.first.up), share(measured.bytes.first.down),
                  share(measured.bytes.second.down), share(measured.bytes.second.up)));
}

}  // namespace

Report bench_live_change(const BenchOptions& options) {
  const Workload workload = harness_workload(options.visits);
  Report report;
  for (const bool tls : {false, true}) add_figures(workload, options, tls, report);
  return report;
}

}  // namespace doorstep::bench
