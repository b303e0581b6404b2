// A phone that stays connected: a replica that an app writes, and a live sync beside it on a thread
// of its own, both through the public interface of the SDK.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <doorstep/replica.hpp>
#include <doorstep/sync.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/bench/workload.hpp"

namespace doorstep::bench {

class LivePhone {
 public:
  /// Connects and waits until it is up to date.
  LivePhone(const std::string& file, const std::string& url);
  ~LivePhone();
  LivePhone(const LivePhone&) = delete;
  LivePhone& operator=(const LivePhone&) = delete;

  /// Commits one edit, FULL.
  void edit(const Workload& workload, const VisitEdit& edit);
  [[nodiscard]] Value read(const Workload& workload, const VisitEdit& edit);

  /// How often rows were applied, and how often it was up to date.
  struct Heard {
    std::uint64_t applied = 0;
    std::uint64_t up_to_date = 0;
  };
  [[nodiscard]] Heard heard() const;
  /// Waits for the next of each kind after `before`; aborts the bench when none comes.
  void await_applied(const Heard& before) const;
  void await_up_to_date(const Heard& before) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Heard heard_;
  std::unique_ptr<Sync> sync_;
  std::shared_ptr<Replica> replica_;
  std::thread running_;
};

}  // namespace doorstep::bench
