#include <fmt/format.h>

#include <cmath>

#include "tests/bench/benches.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/township.hpp"

namespace doorstep::bench {

Report bench_nothing_to_do(const BenchOptions& options) {
  const Workload workload = harness_workload(options.visits);
  Township township(workload, false);
  LinkProxy quick(township.url(), 0);
  LinkProxy slow(township.url(), slow_link_ms);
  const std::string phone = township.phone("idle");
  insert_ground(*open_to_prepare(phone), workload);
  static_cast<void>(sync_now(phone, quick));
  std::vector<double> frames;
  std::vector<double> all;
  std::vector<double> trips;
  for (int i = 0; i < options.repeats; ++i) {
    const TimedSync sync = sync_now(phone, quick);
    frames.push_back(static_cast<double>(sync.report.bytes_sent + sync.report.bytes_received));
    all.push_back(sync.wire.both());
    trips.push_back(std::round(sync_now(phone, slow).seconds * 1e3 / (2 * slow_link_ms)));
  }
  // HTTP's upgrade to a WebSocket is a trip and some 400 bytes, which Realm's figure is without;
  // what there is to learn is said in the frames after it.
  for (double& one : trips) one -= 1;
  return {{{"N", "nothing to do: bytes of frames, both ways", spread_of(frames), "B", 0, "",
            value_at_most(150),
            fmt::format("{:.0f} with the WebSocket's handshake; Realm 297 on another day",
                        spread_of(all).median)},
           {"N", "nothing to do: round trips after the WebSocket's", spread_of(trips), "trips", 0,
            "", value_at_most(1), "seconds at 50 ms each way, over 0.1"}},
          {}};
}

}  // namespace doorstep::bench
