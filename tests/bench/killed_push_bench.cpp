#include <fmt/format.h>
#include <signal.h>

#include "engine/core/assert.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/township.hpp"

namespace doorstep::bench {
namespace {

constexpr double share_at_most = 3;

/// A hub that knows the households, and a phone with all its visits still to push.
struct KilledPush {
  Township township;
  LinkProxy link;
  test::Phone phone;

  explicit KilledPush(const Workload& workload)
      : township(workload, false),
        link(township.url(), slow_link_ms),
        phone(township.phone("writer"), "writer") {
    const auto replica = open_to_prepare(phone.file());
    insert_ground(*replica, workload);
    static_cast<void>(sync_now(phone.file(), link));
    insert_through_sdk(*replica, workload.visit_table(), workload.visits, 0, workload.visits.size(),
                       100);
    link.forget_counts();
  }
  [[nodiscard]] test::Process start() const {
    return phone.start({"sync", "--json", "--server", link.url()});
  }
  void finish() const {
    DS_ASSERT(start().wait() == 0);
    link.await_quiet();
  }
};

double bytes_of_whole_push(const Workload& workload) {
  const KilledPush push(workload);
  push.finish();
  return static_cast<double>(push.link.counted().up);
}

/// Bytes that went up in all, with the phone's process killed once `at` of them had.
double bytes_with_kill(const Workload& workload, double at) {
  const KilledPush push(workload);
  test::Process process = push.start();
  DS_ASSERT(push.link.await_up(static_cast<std::uint64_t>(at)));
  process.signal(SIGKILL);
  process.wait();
  push.link.await_quiet();
  push.finish();
  const std::string arrived = test::plain_read(
      push.township.hub().database(), "select count(*) from " + workload.visit_table().name);
  DS_ASSERT(arrived == std::to_string(workload.visits.size()));
  return static_cast<double>(push.link.counted().up);
}

}  // namespace

Report bench_killed_push(const BenchOptions& options) {
  const Workload workload = harness_workload(options.visits);
  const double whole = bytes_of_whole_push(workload);
  std::vector<double> shares;
  for (int i = 0; i < options.repeats; ++i) {
    // At a tenth and a half of the first, three tenths and a half of the second, and so on.
    const double part = (static_cast<double>(i) + 0.5) / options.repeats;
    shares.push_back((bytes_with_kill(workload, whole * part) / whole - 1) * 100);
  }
  return {{{"R", "killed in mid-push, 50 ms each way: bytes sent again", spread_of(shares),
            "% of push", 0, "", value_at_most(share_at_most),
            fmt::format("of {:.0f} bytes up, killed at {} places; LiteCore 3-4, Realm 88 on "
                        "another day",
                        whole, options.repeats)}},
          {}};
}

}  // namespace doorstep::bench
