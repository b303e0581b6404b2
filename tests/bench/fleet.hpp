// Many devices that call one hub, all on the calling thread.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "tests/bench/calling_device.hpp"
#include "tests/bench/hub_process.hpp"

namespace doorstep::bench {

class Fleet {
 public:
  /// The hub serves, and outlives the fleet.
  Fleet(const HubProcess& hub, const Schema& schema, bool tls);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  /// Makes all calls, at most `at_once` of them unanswered at a time, and returns when the last is
  /// done. Those that are live stay connected as long as the fleet.
  [[nodiscard]] std::vector<CallResult> call(std::vector<Call> calls, std::size_t at_once);

 private:
  struct Slot;
  void watch(Slot& slot);
  void begin(Call call, std::size_t number);
  void serve_once();
  void step(Slot& slot);

  const HubProcess& hub_;
  const Schema& schema_;
  TlsClients tls_;
  bool with_tls_;
  int events_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<CallResult> results_;
  std::size_t open_ = 0;  // calls under way
  std::chrono::steady_clock::time_point began_;
};

/// Aborts the bench with the first failure, if there is one.
void must_all_have_ended(const std::vector<CallResult>& results);

}  // namespace doorstep::bench
