#include "server/merge_writer.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <variant>

#include "engine/core/limits.hpp"
#include "engine/session/begin_epoch.hpp"
#include "engine/session/note_healed.hpp"
#include "server/housekeeping.hpp"
#include "server/push_turns.hpp"

namespace doorstep {
namespace {

// A row of the sample village is about this long in a transaction's body; only the size of a commit
// depends on the guess.
constexpr std::size_t bytes_per_row_guess = 96;
constexpr std::size_t bytes_per_request = 256;

struct PushJob {
  PushRequest request;
  MergeWriter::PushDone done;
  std::size_t bytes = 0;
  bool refused = false;
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

std::size_t size_of(const Push& push) {
  std::size_t bytes = bytes_per_request;
  for (const Bytes& body : push.bodies) bytes += body.size();
  return bytes;
}

std::size_t rows_guess(const PushJob& job) {
  return std::max(job.request.push.bodies.size(), job.bytes / bytes_per_row_guess);
}

Error busy() { return error(ErrorCode::hub_busy); }

/// Null when no feed changed.
std::shared_ptr<const MergeWriter::Committed> commit_of(
    const std::vector<PushRequest>& requests, const std::vector<Result<PushResult>>& results) {
  MergeWriter::Committed commit;
  std::set<ScopeId> touched;
  for (std::size_t i = 0; i < results.size(); ++i) {
    commit.authors.insert(requests[i].device);
    if (!results[i]) continue;
    commit.head = std::max(commit.head, results[i]->position);
    commit.tree_changed = commit.tree_changed || results[i]->tree_changed;
    touched.insert(results[i]->touched.begin(), results[i]->touched.end());
  }
  if (touched.empty()) return nullptr;
  commit.touched.assign(touched.begin(), touched.end());
  return std::make_shared<const MergeWriter::Committed>(std::move(commit));
}

}  // namespace

struct MergeWriter::State {
  HubStore& store;
  LogSink& log;
  const HubTime& time;
  Random& random;
  Hooks hooks;

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> queue;
  std::size_t queued_bytes = 0;
  PushTurns turns;
  std::map<DeviceId, ContactNote> notes;
  std::set<ScopeId> drifted;
  bool stopping = false;

  Instant notes_written;  // the thread's own
  Housekeeping housekeeping;
  std::thread thread;

  State(HubStore& the_store, LogSink& the_log, const HubTime& the_time, Random& the_random,
        Hooks the_hooks)
      : store(the_store),
        log(the_log),
        time(the_time),
        random(the_random),
        hooks(std::move(the_hooks)),
        housekeeping(the_store, the_log, the_random, the_time.now()) {}

  void run();
  void merge(std::vector<PushJob> batch);
  [[nodiscard]] std::vector<Result<PushResult>> merged(const std::vector<PushRequest>& requests);
  /// Of one that is done alone; hub_busy after the stop.
  template <class AloneJob>
  void submit(AloneJob job);
  void run(const PushJob&) {}  // merge() takes them
  void run(const EnrolJob& job);
  void run(const SalvageJob& job);
  void run(const EpochJob& job);
  void run(const HealJob& job);
  void run(const ComparisonJob& job);
  void write_notes(const std::map<DeviceId, ContactNote>& taken);
  void look_elsewhere();
  /// Pushes from the front of the queue that make up one commit; none when something else is first.
  /// Holds the mutex.
  [[nodiscard]] std::vector<PushJob> take_pushes();
};

std::vector<PushJob> MergeWriter::State::take_pushes() {
  std::vector<PushJob> batch;
  std::size_t rows = 0;
  while (!queue.empty() && rows < limits::merge_rows_per_commit) {
    auto* job = std::get_if<PushJob>(&queue.front());
    if (job == nullptr) break;
    rows += job->refused ? 0 : rows_guess(*job);
    queued_bytes -= job->refused ? 0 : job->bytes;
    batch.push_back(std::move(*job));
    queue.pop_front();
  }
  return batch;
}

void MergeWriter::State::run() {
  const std::chrono::milliseconds pause{limits::watch_interval_ms};
  std::unique_lock lock(mutex);
  while (true) {
    if (queue.empty() && !stopping) {
      wake.wait_for(lock, pause, [&] { return stopping || !queue.empty(); });
    }
    std::vector<PushJob> batch = take_pushes();
    std::optional<Job> alone;
    if (batch.empty() && !queue.empty()) {
      alone = std::move(queue.front());
      queue.pop_front();
    }
    const bool idle = batch.empty() && !alone;
    std::map<DeviceId, ContactNote> taken;
    if (idle && (stopping || time.now() - notes_written >= limits::contact_notes_ms)) {
      taken.swap(notes);
    }
    const bool last = idle && stopping;
    std::set<ScopeId> recounts;
    if (idle) recounts.swap(drifted);
    lock.unlock();
    const std::size_t pushes = batch.size();
    if (!batch.empty()) merge(std::move(batch));
    for (const auto& then : turns.answered(pushes, time.now())) then();
    if (alone) std::visit([this](const auto& job) { run(job); }, *alone);
    if (!taken.empty()) write_notes(taken);
    if (last) return;
    if (!recounts.empty()) housekeeping.recount(recounts, time.now());
    if (idle) housekeeping.turn(time.now());
    look_elsewhere();
    lock.lock();
  }
}

std::vector<Result<PushResult>> MergeWriter::State::merged(
    const std::vector<PushRequest>& requests) {
  std::vector<Result<PushResult>> results;
  if (!requests.empty()) {
    try {
      results = merge_pushes(store, log, requests, time.now(), random.id<CommitToken>());
    } catch (const std::exception& e) {
      log.write(LogLevel::error, "merge_failed", {{"what", e.what()}});
    }
  }
  results.resize(requests.size(), Result<PushResult>(error(ErrorCode::internal, "merge failed")));
  for (const auto& result : results) {
    if (result) continue;
    log.write(LogLevel::warning, "push_failed", {{"error", result.error().text()}});
  }
  return results;
}

void MergeWriter::State::merge(std::vector<PushJob> batch) {
  std::vector<PushRequest> requests;
  for (PushJob& job : batch) {
    if (!job.refused) requests.push_back(std::move(job.request));
  }
  std::vector<Result<PushResult>> results = merged(requests);
  const auto commit = commit_of(requests, results);
  if (commit && hooks.committed) hooks.committed(commit);
  auto result = results.begin();
  for (PushJob& job : batch) {
    job.done(job.refused ? Result<PushResult>(busy()) : std::move(*result++));
  }
  if (commit && hooks.delivered) hooks.delivered(commit);
}

void MergeWriter::State::run(const SalvageJob& job) {
  Result<Salvaged> stored = error(ErrorCode::internal, "rows were not stored");
  try {
    stored = store_salvage(store, job.request, time.now(), random.id<CommitToken>());
  } catch (const std::exception& e) {
    log.write(LogLevel::error, "salvage_failed", {{"what", e.what()}});
  }
  if (stored) {
    log.write(LogLevel::info, "salvage_stored",
              {{"device", job.request.device.hex()},
               {"sequence", std::to_string(job.request.salvage.sequence.value)}});
  }
  job.done(std::move(stored));
}

void MergeWriter::State::run(const EnrolJob& job) {
  Result<DeviceRecord> device = error(ErrorCode::internal, "enrolment failed");
  const auto token = random.id<CommitToken>();
  try {
    if (const auto* code = std::get_if<Enrol>(&job.request)) {
      device = redeem_code(store, *code, job.now, token);
    } else {
      device = register_successor(store, std::get<SuccessorRequest>(job.request), job.now, token);
    }
  } catch (const std::exception& e) {
    log.write(LogLevel::error, "enrolment_failed", {{"what", e.what()}});
  }
  job.done(std::move(device));
}

void MergeWriter::State::run(const EpochJob& job) {
  Result<Restored> restored = error(ErrorCode::internal, "an epoch was not begun");
  try {
    restored = doorstep::begin_epoch(store, job.hello, job.now, random.id<CommitToken>());
  } catch (const std::exception& e) {
    log.write(LogLevel::error, "epoch_failed", {{"what", e.what()}});
  }
  job.done(std::move(restored));
}

void MergeWriter::State::run(const HealJob& job) {
  Result<HealNoted> noted = error(ErrorCode::internal, "a heal report was not noted");
  try {
    noted = note_healed(store, log, job.device, job.healed, time.now(), random.id<CommitToken>());
  } catch (const std::exception& e) {
    log.write(LogLevel::error, "heal_not_noted", {{"what", e.what()}});
  }
  job.done(std::move(noted));
}

void MergeWriter::State::run(const ComparisonJob& job) {
  Status kept = error(ErrorCode::internal, "a comparison was not kept");
  try {
    kept = keep_comparison(store, job.device, job.number, job.found, time.now(),
                           random.id<CommitToken>());
  } catch (const std::exception& e) {
    log.write(LogLevel::error, "comparison_not_kept", {{"what", e.what()}});
  }
  job.done(kept);
}

template <class AloneJob>
void MergeWriter::State::submit(AloneJob job) {
  {
    const std::scoped_lock lock(mutex);
    if (!stopping) {
      queue.emplace_back(std::move(job));
      wake.notify_one();
      return;
    }
  }
  job.done(busy());
}

void MergeWriter::State::write_notes(const std::map<DeviceId, ContactNote>& taken) {
  notes_written = time.now();
  try {
    const Status written = put_contact_notes(store, taken, time.now(), random.id<CommitToken>());
    if (!written) {
      log.write(LogLevel::warning, "contacts_not_written", {{"error", written.error().text()}});
    }
  } catch (const std::exception& e) {
    log.write(LogLevel::error, "contacts_not_written", {{"what", e.what()}});
  }
}

void MergeWriter::State::look_elsewhere() {
  if (hooks.poll_elsewhere && hooks.poll_elsewhere() && hooks.changed_elsewhere) {
    hooks.changed_elsewhere();
  }
}

MergeWriter::MergeWriter(HubStore& store, LogSink& log, const HubTime& time, Random& random,
                         Hooks hooks)
    : state_(std::make_unique<State>(store, log, time, random, std::move(hooks))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

MergeWriter::~MergeWriter() { stop(); }

void MergeWriter::push(PushRequest request, PushDone done) {
  PushJob job{std::move(request), std::move(done)};
  job.bytes = size_of(job.request.push);
  {
    const std::scoped_lock lock(state_->mutex);
    if (!state_->stopping) {
      state_->turns.submitted(job.request.device);
      // One request alone always fits, whatever its size: limits::message_bytes_max bounds it.
      job.refused = state_->queued_bytes > 0 &&
                    state_->queued_bytes + job.bytes > limits::merge_queue_bytes_max;
      if (job.refused) {
        job.request = {};
      } else {
        state_->queued_bytes += job.bytes;
      }
      state_->queue.emplace_back(std::move(job));
      state_->wake.notify_one();
      return;
    }
  }
  job.done(busy());
}

void MergeWriter::redeem(Enrol enrol, Instant now, EnrolDone done) {
  state_->submit(EnrolJob{std::move(enrol), now, std::move(done)});
}

void MergeWriter::succeed(const SuccessorRequest& request, Instant now, EnrolDone done) {
  state_->submit(EnrolJob{request, now, std::move(done)});
}

void MergeWriter::salvage(SalvageRequest request, SalvageDone done) {
  state_->submit(SalvageJob{std::move(request), std::move(done)});
}

void MergeWriter::begin_epoch(const Hello& hello, Instant now, EpochDone done) {
  state_->submit(EpochJob{hello, now, std::move(done)});
}

void MergeWriter::heal(const DeviceId& device, Healed healed, HealDone done) {
  state_->submit(HealJob{device, std::move(healed), std::move(done)});
}

void MergeWriter::keep(const DeviceId& device, std::uint64_t number, DeviceComparison found,
                       KeepDone done) {
  state_->submit(ComparisonJob{device, number, std::move(found), std::move(done)});
}

void MergeWriter::note(ContactNote note) {
  const std::scoped_lock lock(state_->mutex);
  const DeviceId device = note.device;
  state_->notes[device] = std::move(note);
}

void MergeWriter::recount(std::vector<ScopeId> scopes) {
  const std::scoped_lock lock(state_->mutex);
  state_->drifted.insert(scopes.begin(), scopes.end());
}

void MergeWriter::after_pushes(const DeviceId& device, const std::function<void()>& then) {
  if (!state_->turns.wait(device, state_->time.now() + push_wait_ms_max, then)) then();
}

void MergeWriter::stop() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopping = true;
    state_->wake.notify_one();
  }
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace doorstep
