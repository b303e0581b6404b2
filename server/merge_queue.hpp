// What waits for the merge writer, in the order in which it came. While the writer is at work,
// another thread reads the pushes that it will take next: what they say is a fifth of their merge.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "server/merge_writer.hpp"
#include "server/push_turns.hpp"

namespace doorstep {

struct PushJob {
  PushRequest request;
  MergeWriter::PushDone done;
  std::size_t bytes = 0;
  bool refused = false;  ///< there was no room for it
  bool being_read = false;
  bool was_read = false;  ///< or could not be: the writer reads it
};
/// A device that is new here, by a code or as the successor of another.
struct EnrolJob {
  std::variant<Enrol, SuccessorRequest> request;
  Instant now;
  MergeWriter::EnrolDone done;
};
struct SalvageJob {
  SalvageRequest request;
  MergeWriter::SalvageDone done;
};
/// Of a device at a position that is not known here.
struct EpochJob {
  Hello hello;
  Instant now;
  MergeWriter::EpochDone done;
};
struct HealJob {
  DeviceId device;
  Healed healed;
  MergeWriter::HealDone done;
};
struct ComparisonJob {
  DeviceId device;
  std::uint64_t number = 0;
  DeviceComparison found;
  MergeWriter::KeepDone done;
};
using Job = std::variant<PushJob, EnrolJob, SalvageJob, EpochJob, HealJob, ComparisonJob>;

class MergeQueue {
 public:
  /// What the writer does next.
  struct Turn {
    std::vector<PushJob> pushes;  ///< one commit
    std::optional<Job> alone;     ///< when there are no pushes
    bool stopping = false;
    [[nodiscard]] bool is_idle() const { return pushes.empty() && !alone; }
  };

  /// False once stop() was called; then the job is still the caller's. A push beyond
  /// limits::merge_queue_bytes_max lets go of its bytes and keeps its turn.
  [[nodiscard]] bool add(Job& job);
  /// Waits for something to do, for the stop, or no longer than limits::watch_interval_ms. What it
  /// gave before is done.
  [[nodiscard]] Turn take();
  void stop();
  /// Knows of every push that was added.
  [[nodiscard]] PushTurns& turns() { return turns_; }

  /// Pushes go into one commit until they are limits::merge_rows_per_commit rows or this much, so
  /// that nobody waits long behind rows that are large; as much is read ahead.
  static constexpr std::size_t commit_bytes = std::size_t{1} << 20;

  /// Reads the first push that was not read, unless as many as go into one commit were. False when
  /// there is none. Does not throw.
  bool read_next(const Schema& schema);
  /// The same, again and again while the writer is at work, until stop().
  void read_ahead(const HubStore& store);

 private:
  [[nodiscard]] std::vector<PushJob> take_pushes();
  [[nodiscard]] PushJob* first_unread();

  std::mutex mutex_;
  std::condition_variable wake_;       // the writer: there is something to do
  std::condition_variable wake_read_;  // the reader: there is something to read
  std::deque<Job> jobs_;
  PushTurns turns_;
  std::size_t bytes_ = 0;
  bool at_work_ = false;
  bool stopping_ = false;
};

}  // namespace doorstep
