#include "tests/support/watched_sync.hpp"

#include <signal.h>

#include <algorithm>

namespace doorstep::test {
namespace {

std::uint64_t count(const Json& line, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(line.number(key), 0));
}

/// Counts of one connection begin at zero again on the next.
class Tally {
 public:
  void take(std::uint64_t now) {
    sum_ += now >= last_ ? now - last_ : now;
    last_ = now;
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  std::uint64_t sum_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace

WatchedSync watch_sync(const Phone& phone, int percent,
                       const std::function<void(Process&)>& at_percent) {
  WatchedSync seen;
  Tally pushed;
  Tally pulled;
  bool called = false;
  std::uint64_t begun_with = 0;
  std::uint64_t percent_before = 0;
  Process sync = phone.start({"sync", "--json", "--attempts", "50"});
  while (const auto text = sync.read_line()) {
    const Json line(*text);
    if (line.boolean("done")) {
      seen.up_to_date = line.boolean("up_to_date");
      seen.bytes_sent = count(line, "bytes_sent");
    }
    if (!line.boolean("progress")) continue;
    const std::uint64_t sent = count(line, "pushed");
    const std::uint64_t received = count(line, "pulled");
    const std::uint64_t to_send = count(line, "push_total");
    const std::uint64_t to_receive = count(line, "pull_total");
    if (seen.lines == 0) {
      seen.push_total = to_send;
      seen.pull_total = to_receive;
      begun_with = sent + received;
    }
    seen.lines += 1;
    const std::uint64_t percent_now = count(line, "percent");
    seen.fell_back = seen.fell_back || percent_now < percent_before;
    percent_before = percent_now;
    pushed.take(sent);
    pulled.take(received);
    seen.passed_the_end = seen.passed_the_end || sent > to_send || received > to_receive;
    // The first line says where the sync begins; what is broken off has gone on from there.
    if (called || sent + received == begun_with ||
        (sent + received) * 100 < (to_send + to_receive) * static_cast<std::uint64_t>(percent)) {
      continue;
    }
    called = true;
    at_percent(sync);
  }
  seen.status = sync.wait();
  seen.pushed = pushed.sum();
  seen.pulled = pulled.sum();
  return seen;
}

WatchedSync kill_sync_at(const Phone& phone, int percent) {
  return watch_sync(phone, percent, [](Process& sync) { sync.signal(SIGKILL); });
}

WatchedSync watch_sync(const Phone& phone) {
  return watch_sync(phone, 0, [](Process&) {});
}

}  // namespace doorstep::test
