#include <fmt/format.h>

#include <algorithm>

#include "engine/core/limits.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/fleet.hpp"
#include "tests/bench/home_visits.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t changes_of_device = 50;
constexpr std::size_t edits_of_device = 10;  // of visits that it wrote itself, among the changes
constexpr std::size_t devices_of_village = 5;
const ScopeId storm_township{"431224103"};
constexpr double megabyte = 1e6;

ScopeId storm_village(std::size_t number) {
  return {storm_township.code + fmt::format("{:03}", number)};
}

/// A township, its villages with a household each, and what all devices have written.
class Storm {
 public:
  explicit Storm(std::size_t devices)
      : schema_(harness_schema()), visits_(schema_, 1), whole_({storm_township}) {
    for (std::size_t i = 0; i < (devices + devices_of_village - 1) / devices_of_village; ++i) {
      villages_.push_back(storm_village(i));
      households_.push_back(visits_.new_id());
    }
    whole_.insert(whole_.end(), villages_.begin(), villages_.end());
  }

  void fill(HubStore& hub, const std::vector<WrittenAhead>& devices) {
    std::vector<WrittenAhead> all{WrittenAhead(~std::uint32_t{0}, whole_)};
    const VisitRow row{Value::text(storm_township.code), Value::text("桥江镇"), Value::null()};
    std::vector<RowChange> changes{change_of(schema_, "village", {}, row)};
    for (std::size_t i = 0; i < villages_.size(); ++i) {
      for (RowChange& change :
           village_rows(schema_, villages_[i].code, households_[i], storm_township.code)) {
        changes.push_back(std::move(change));
      }
    }
    all.front().write(schema_, {}, std::move(changes));
    enrol_all(hub, all);
    enrol_all(hub, devices);
    merge_all(hub, all.front());
  }
  /// What device `number` writes, a transaction for each change.
  void write(WrittenAhead& device, std::size_t number) {
    std::vector<VisitRow> own;
    for (std::size_t i = 0; i < changes_of_device; ++i) {
      const bool edit = i >= changes_of_device - edits_of_device;
      const VisitRow before = edit ? own[i % own.size()] : VisitRow();
      VisitRow after =
          edit ? visits_.edited(before) : visits_.draw(households_[number / devices_of_village]);
      device.write(schema_, {}, {change_of(schema_, visits_.table().name, before, after)});
      if (!edit) own.push_back(std::move(after));
    }
  }
  [[nodiscard]] const Schema& schema() const { return schema_; }
  [[nodiscard]] std::vector<ScopeId> scopes_of(std::size_t number) const {
    return {villages_[number / devices_of_village]};
  }

 private:
  Schema schema_;
  HomeVisits visits_;
  std::vector<ScopeId> villages_;
  std::vector<ScopeId> whole_;
  std::vector<RowId> households_;
};

struct StormResult {
  double total_s = 0;
  double slowest = 0;  ///< over the median of all devices
  double hub_s = 0;    ///< processor
  double peak_mb = 0;
};

/// `devices` call at once, or one that has written what they all would have.
StormResult run_storm(std::size_t devices, bool one_device) {
  Storm storm(devices);
  std::vector<WrittenAhead> callers;
  if (one_device) callers.emplace_back(0, std::vector{storm_township});
  for (std::size_t i = 0; i < devices; ++i) {
    if (!one_device) callers.emplace_back(static_cast<std::uint32_t>(i), storm.scopes_of(i));
    storm.write(one_device ? callers.front() : callers.back(), i);
  }
  const test::ScratchFolder folder("bench-storm");
  HubProcess hub(folder.file("hub"), [&](HubStore& store) { storm.fill(store, callers); });
  hub.serve();
  std::vector<Call> calls;
  for (WrittenAhead& device : callers) {
    calls.push_back({&device, device.take_in_parts(limits::push_bytes_target), false});
  }
  Fleet fleet(hub, storm.schema(), false);
  const double before = processor_seconds(hub.process());
  const auto results = fleet.call(std::move(calls), callers.size());
  must_all_have_ended(results);
  StormResult result;
  std::vector<double> each;
  for (const CallResult& one : results) {
    each.push_back(one.ended_s - one.began_s);
    result.total_s = std::max(result.total_s, one.ended_s);
  }
  const Spread spread = spread_of(std::move(each));
  result.slowest = spread.maximum / spread.median;
  result.hub_s = processor_seconds(hub.process()) - before;
  result.peak_mb = memory_of(hub.process()).peak / megabyte;
  return result;
}

}  // namespace

Report bench_storm(const BenchOptions& options) {
  const std::size_t devices = options.storm_devices;
  std::vector<double> total;
  std::vector<double> total_floor;
  std::vector<double> hub;
  std::vector<double> hub_floor;
  std::vector<double> slowest;
  std::vector<double> peak;
  std::vector<double> peak_floor;
  for (int i = 0; i < options.repeats; ++i) {
    const StormResult one = run_storm(devices, true);
    const StormResult all = run_storm(devices, false);
    total.push_back(all.total_s);
    total_floor.push_back(one.total_s);
    hub.push_back(all.hub_s);
    hub_floor.push_back(one.hub_s);
    slowest.push_back(all.slowest);
    peak.push_back(all.peak_mb);
    peak_floor.push_back(one.peak_mb);
  }
  const std::string what =
      fmt::format("{} devices with {} changes each at once", devices, changes_of_device);
  const std::string floor = "one device with all their changes";
  Report report;
  report.figures.push_back({"H", what + ", total", spread_of(total), "s",
                            spread_of(total_floor).median, floor, ratio_at_most(1.5),
                            "CHT: 100 users 150 s"});
  report.figures.push_back(
      {"H", "hub's processor", spread_of(hub), "s", spread_of(hub_floor).median, floor, {}, {}});
  report.figures.push_back({"H",
                            "slowest device over the median",
                            spread_of(slowest),
                            "times",
                            0,
                            {},
                            value_at_most(3),
                            {}});
  report.figures.push_back({"H",
                            "hub's largest memory",
                            spread_of(peak),
                            "MB",
                            spread_of(peak_floor).median,
                            floor,
                            {},
                            {}});
  return report;
}

}  // namespace doorstep::bench
