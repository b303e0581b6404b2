#include "server/merge_writer.hpp"

#include <algorithm>
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
#include "server/merge_queue.hpp"

namespace doorstep {
namespace {

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

  MergeQueue queue;
  std::mutex mutex;  // of these two
  std::map<DeviceId, ContactNote> notes;
  std::set<ScopeId> drifted;

  Instant notes_written;  // the thread's own
  Housekeeping housekeeping;
  std::thread thread;
  std::thread reader;

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
  /// hub_busy after the stop.
  template <class OneJob>
  void submit(OneJob one);
  void run(const PushJob&) {}  // merge() takes them
  void run(const EnrolJob& job);
  void run(const SalvageJob& job);
  void run(const EpochJob& job);
  void run(const HealJob& job);
  void run(const ComparisonJob& job);
  void write_notes(const std::map<DeviceId, ContactNote>& taken);
  void look_elsewhere();
};

void MergeWriter::State::run() {
  while (true) {
    MergeQueue::Turn turn = queue.take();
    const bool idle = turn.is_idle();
    const bool last = idle && turn.stopping;
    std::map<DeviceId, ContactNote> taken;
    std::set<ScopeId> recounts;
    if (idle) {
      const std::scoped_lock lock(mutex);
      if (last || time.now() - notes_written >= limits::contact_notes_ms) taken.swap(notes);
      recounts.swap(drifted);
    }
    const std::size_t pushes = turn.pushes.size();
    if (pushes > 0) merge(std::move(turn.pushes));
    for (const auto& then : queue.turns().answered(pushes, time.now())) then();
    if (turn.alone) std::visit([this](const auto& job) { run(job); }, *turn.alone);
    if (!taken.empty()) write_notes(taken);
    if (last) return;
    if (!recounts.empty()) housekeeping.recount(recounts, time.now());
    if (idle) housekeeping.turn(time.now());
    look_elsewhere();
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

template <class OneJob>
void MergeWriter::State::submit(OneJob one) {
  Job job(std::move(one));
  if (!queue.add(job)) std::get<OneJob>(job).done(busy());
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
  state_->reader = std::thread([state = state_.get()] { state->queue.read_ahead(state->store); });
}

MergeWriter::~MergeWriter() { stop(); }

void MergeWriter::push(PushRequest request, PushDone done) {
  state_->submit(PushJob{std::move(request), std::move(done)});
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
  if (!state_->queue.turns().wait(device, state_->time.now() + push_wait_ms_max, then)) then();
}

void MergeWriter::stop() {
  state_->queue.stop();
  if (state_->thread.joinable()) state_->thread.join();
  if (state_->reader.joinable()) state_->reader.join();
}

}  // namespace doorstep
