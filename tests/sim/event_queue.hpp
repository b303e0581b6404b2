// Virtual time: what is to happen, ordered by time, then by when it was asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace doorstep::sim {

class EventQueue {
 public:
  using Task = std::function<void()>;

  /// Milliseconds since the run began.
  [[nodiscard]] std::int64_t now() const { return now_; }
  void at(std::int64_t ms, Task task) {
    tasks_.emplace(std::pair{ms < now_ ? now_ : ms, ++sequence_}, std::move(task));
  }
  void after(std::int64_t ms, Task task) { at(now_ + ms, std::move(task)); }

  /// Runs the earliest task that is due by `until`; false, with the time at `until`, when none is.
  bool step(std::int64_t until) {
    const auto first = tasks_.begin();
    if (first == tasks_.end() || first->first.first > until) {
      now_ = until;
      return false;
    }
    now_ = first->first.first;
    const Task task = std::move(first->second);
    tasks_.erase(first);
    ++steps_;
    task();
    return true;
  }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  std::int64_t now_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t steps_ = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, Task> tasks_;
};

}  // namespace doorstep::sim
