#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/bench/benches.hpp"
#include "tests/bench/fleet.hpp"
#include "tests/bench/home_visits.hpp"
#include "tests/bench/idle_memory.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t calls_at_once = 64;
constexpr double kibibyte = 1024;
constexpr std::size_t connections_of_trial = 500;
constexpr double trial_max_kib = 64;  // above it ten thousand of them are too much for the machine
const ScopeId village{"431224103212"};

/// Returns when the hub has used less than a twentieth of a processor for a second: what it does
/// after a connection is done too, and it only looks at all connections twice a second.
void wait_until_idle(const HubProcess& hub) {
  constexpr double used_at_rest_s = 0.05;
  for (double before = -1, now = 0; now - before > used_at_rest_s;) {
    before = processor_seconds(hub.process());
    std::this_thread::sleep_for(std::chrono::seconds(1));
    now = processor_seconds(hub.process());
  }
}

/// As many open files as the system lets this process and its children have; two ends of each
/// connection are in two processes.
std::size_t connections_possible(std::size_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  constexpr std::size_t other_files = 200;
  return std::min<std::size_t>(wanted, limit.rlim_cur - other_files);
}

}  // namespace

PerConnection idle_memory(std::size_t connections, bool tls) {
  const Schema schema = harness_schema();
  std::vector<WrittenAhead> devices;
  for (std::uint32_t i = 0; i < connections; ++i) devices.emplace_back(i, std::vector{village});
  const test::ScratchFolder folder("bench-idle");
  HubProcess hub(folder.file("hub"), [&](HubStore& store) {
    enrol_all(store, devices);
    HomeVisits visits(schema, 1);
    const RowId household = visits.new_id();
    devices[0].write(schema, {}, village_rows(schema, village.code, household));
    merge_all(store, devices[0]);
  });
  hub.serve(tls);
  const auto calls = [&](std::size_t count, bool live) {
    std::vector<Call> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back({&devices[i], {}, live});
    return all;
  };
  // What a hub needs however many call it: threads, statements, the first pages of its file.
  Fleet first(hub, schema, tls);
  must_all_have_ended(first.call(calls(calls_at_once, false), calls_at_once));
  wait_until_idle(hub);
  const Memory before = memory_of(hub.process());
  Fleet fleet(hub, schema, tls);
  must_all_have_ended(fleet.call(calls(connections, true), calls_at_once));
  wait_until_idle(hub);
  const Memory after = memory_of(hub.process());
  const auto each = static_cast<double>(connections) * kibibyte;
  return {(after.resident - before.resident) / each,
          (after.proportional - before.proportional) / each};
}

Report bench_idle_connections(const BenchOptions& options) {
  Report report;
  for (const bool tls : {false, true}) {
    const std::size_t wanted = tls ? options.idle_connections / 10 : options.idle_connections;
    std::size_t connections = connections_possible(wanted);
    if (!tls && connections > connections_of_trial &&
        idle_memory(connections_of_trial, tls).resident > trial_max_kib) {
      report.notes.push_back(fmt::format("G   only {} connections: each takes more than {} KiB",
                                         connections_of_trial, trial_max_kib));
      connections = connections_of_trial;
    }
    std::vector<double> resident;
    std::vector<double> proportional;
    for (int i = 0; i < options.repeats; ++i) {
      const PerConnection each = idle_memory(connections, tls);
      resident.push_back(each.resident);
      proportional.push_back(each.proportional);
    }
    const std::string what =
        fmt::format("{} idle connections, {}", connections, tls ? "TLS" : "plain");
    report.figures.push_back({"G",
                              "hub's memory, " + what,
                              spread_of(resident),
                              "KiB each",
                              0,
                              {},
                              value_at_most(tls ? 96 : 8),
                              tls ? "" : "TinyBase 26, Yjs 13.5"});
    report.figures.push_back(
        {"G", "its share (PSS), " + what, spread_of(proportional), "KiB each", 0, {}, {}, {}});
  }
  return report;
}

}  // namespace doorstep::bench
