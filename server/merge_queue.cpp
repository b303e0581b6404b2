#include "server/merge_queue.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

// A row of the sample village is about this long in a transaction's body; only the size of a commit
// of what was not read ahead depends on the guess.
constexpr std::size_t bytes_per_row_guess = 96;
constexpr std::size_t bytes_per_request = 256;

std::size_t size_of(const Push& push) {
  std::size_t bytes = bytes_per_request;
  for (const Bytes& body : push.bodies) bytes += body.size();
  return bytes;
}

std::size_t rows_of(const PushJob& job) {
  if (job.request.read == nullptr)
    return std::max(job.request.push.bodies.size(), job.bytes / bytes_per_row_guess);
  std::size_t rows = 0;
  for (const Result<Transaction>& one : job.request.read->contents) {
    rows += one ? one->changes.size() : 1;
  }
  return rows;
}

/// What goes into one commit.
class Room {
 public:
  [[nodiscard]] bool is_full() const {
    return rows_ >= limits::merge_rows_per_commit || bytes_ >= MergeQueue::commit_bytes;
  }
  void take(const PushJob& job) {
    if (job.refused) return;
    rows_ += rows_of(job);
    bytes_ += job.bytes;
  }

 private:
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

bool MergeQueue::add(Job& job) {
  auto* const push = std::get_if<PushJob>(&job);
  if (push != nullptr) push->bytes = size_of(push->request.push);
  const std::scoped_lock lock(mutex_);
  if (stopping_) return false;
  if (push != nullptr) {
    turns_.submitted(push->request.device);
    // One request alone always fits, whatever its size: limits::message_bytes_max bounds it.
    push->refused = bytes_ > 0 && bytes_ + push->bytes > limits::merge_queue_bytes_max;
    if (push->refused) {
      push->request = {};
    } else {
      bytes_ += push->bytes;
    }
  }
  jobs_.push_back(std::move(job));
  wake_.notify_one();
  if (at_work_) wake_read_.notify_one();
  return true;
}

std::vector<PushJob> MergeQueue::take_pushes() {
  std::vector<PushJob> batch;
  Room room;
  while (!jobs_.empty() && !room.is_full()) {
    auto* const job = std::get_if<PushJob>(&jobs_.front());
    if (job == nullptr || job->being_read) break;
    room.take(*job);
    bytes_ -= job->refused ? 0 : job->bytes;
    batch.push_back(std::move(*job));
    jobs_.pop_front();
  }
  return batch;
}

MergeQueue::Turn MergeQueue::take() {
  constexpr std::chrono::milliseconds pause{limits::watch_interval_ms};
  std::unique_lock lock(mutex_);
  at_work_ = false;
  wake_.wait_for(lock, pause, [&] { return stopping_ || !jobs_.empty(); });
  wake_.wait(lock, [&] {
    const auto* const first = jobs_.empty() ? nullptr : std::get_if<PushJob>(&jobs_.front());
    return first == nullptr || !first->being_read;
  });
  Turn turn;
  turn.pushes = take_pushes();
  if (turn.pushes.empty() && !jobs_.empty()) {
    turn.alone = std::move(jobs_.front());
    jobs_.pop_front();
  }
  turn.stopping = stopping_;
  at_work_ = !turn.is_idle();
  if (at_work_ && !jobs_.empty()) wake_read_.notify_one();
  return turn;
}

void MergeQueue::stop() {
  const std::scoped_lock lock(mutex_);
  stopping_ = true;
  wake_.notify_one();
  wake_read_.notify_one();
}

PushJob* MergeQueue::first_unread() {
  Room room;
  for (Job& job : jobs_) {
    auto* const push = std::get_if<PushJob>(&job);
    if (push == nullptr || room.is_full()) return nullptr;
    // What is offered again is cut before it is merged (push_rounds.hpp).
    const bool is_whole = !push->refused && push->request.push.was.empty();
    if (is_whole && !push->was_read) return push;
    room.take(*push);
  }
  return nullptr;
}

// A hot path: 10,000 visits, each a transaction of its own, were acknowledged after 0.21 s when the
// writer read what it merged, and are after 0.17.
bool MergeQueue::read_next(const Schema& schema) {
  std::unique_lock lock(mutex_);
  PushJob* const job = first_unread();  // stays where it is: it is not taken while it is read
  if (job == nullptr) return false;
  job->being_read = true;
  lock.unlock();
  std::shared_ptr<ReadPush> read;
  try {
    read = read_push(schema, job->request.push);
  } catch (const std::exception&) {
    // The writer meets it again in its turn, and fails that commit alone.
  }
  lock.lock();
  job->request.read = std::move(read);
  job->being_read = false;
  job->was_read = true;
  wake_.notify_one();
  return true;
}

void MergeQueue::read_ahead(const HubStore& store) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_read_.wait(lock, [&] { return stopping_ || (at_work_ && first_unread() != nullptr); });
      if (stopping_) return;
    }
    read_next(store.schema());
  }
}

}  // namespace doorstep
