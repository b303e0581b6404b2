#include "client-sdk/src/sync_run.hpp"

#include <algorithm>
#include <utility>

#include "client-sdk/src/device_identity.hpp"
#include "engine/core/backoff.hpp"
#include "engine/core/limits.hpp"
#include "engine/session/run_progress.hpp"

namespace doorstep {
namespace {

/// What the connections of one run hand on.
struct RunState {
  LinkBytes bytes;
  RunProgress progress;
  Sequence heard_of;                  // outcomes, through here
  Sequence sent_through;              // as the hub counts this device's
  Traffic traffic;                    // of connections that are over
  std::uint64_t last_connection = 0;  // of `traffic`

  /// What all of it has weighed: a frame that broke off counts as far as it came, one that was to
  /// be sent counts whole.
  [[nodiscard]] std::uint64_t spent() const {
    const TrafficCount counted = traffic.total();
    return std::max(counted.sent, bytes.sent) + std::max(counted.received, bytes.received);
  }
};

/// A DeviceSession on a link.
class SessionDriver final : public LinkDriver {
 public:
  SessionDriver(DeviceStore& store, const Clock& clock, LogSink& log, const SyncRequest& request,
                const SyncHooks& hooks, RunState& run, SyncReport& report, Random& random)
      : store_(store),
        clock_(clock),
        random_(random),
        log_(log),
        request_(request),
        hooks_(hooks),
        run_(run),
        report_(report) {}

  /// Once, before the connection: what the device says of itself in asking for it.
  Result<std::string> caller() {
    options_.live = request_.live;
    options_.read_clocks = [this] { return clock_.read(); };
    options_.read_free_bytes = hooks_.free_bytes;
    options_.compression_level = request_.compression_level;
    options_.sent_before = run_.sent_through;
    options_.marked_before = request_.marked_before;
    options_.keep_mark = hooks_.keep_mark;
    options_.new_identity = [this] { return new_device(clock_.read(), random_); };
    DS_ASSIGN(options_.calling, calling_now(store_, options_, random_.id<Nonce>()));
    return options_.calling ? text_of(options_.calling->caller) : std::string();
  }

  LinkActions on_open(const Bytes& binding) override {
    options_.binding = binding;
    if (request_.bytes_max) {
      options_.bytes_max = *request_.bytes_max - std::min(*request_.bytes_max, run_.spent());
    }
    session_.emplace(store_, log_, std::move(options_));
    return {};
  }
  LinkActions on_frame(ByteView frame) override { return step(device_input::Frame{frame}); }
  LinkActions on_sent() override { return step(device_input::Sent{}); }
  LinkActions on_wake(bool stop) override {
    if (stop) {
      stopped_ = true;
      return step(device_input::Stop{});
    }
    return step(device_input::LocalCommit{});
  }
  LinkActions on_timer() override {
    if (const auto deadline = session_->next_deadline(); deadline && *deadline <= now()) {
      return step(device_input::Timer{});
    }
    if (request_.live && hooks_.has_local_commit && hooks_.has_local_commit()) {
      return step(device_input::LocalCommit{});
    }
    return {};
  }
  std::optional<std::int64_t> timer_ms() override {
    if (!session_) return std::nullopt;
    std::optional<std::int64_t> wait;
    if (const auto deadline = session_->next_deadline()) wait = *deadline - now();
    if (request_.live && hooks_.has_local_commit)
      wait = std::min(wait.value_or(watch_ms), watch_ms);
    return wait;
  }

  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] std::optional<std::int64_t> retry_after_ms() const { return retry_after_ms_; }
  [[nodiscard]] bool comes_again() const { return comes_again_; }
  [[nodiscard]] bool reached_checkpoint() const { return reached_checkpoint_; }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// What there is to keep of this connection.
  [[nodiscard]] TrafficNote traffic_note() const {
    TrafficNote note;
    note.sent_through = session_ ? session_->sent_through() : run_.sent_through;
    if (session_) note.traffic = session_->traffic();
    note.pushed = pushed_;
    note.pulled = pulled_;
    if (budget_used_) note.rows_waiting = budget_used_->rows;
    if (closed_ && !failure_ && reached_checkpoint_ && !budget_used_) note.rows_waiting = 0;
    return note;
  }
  [[nodiscard]] const std::optional<device_effect::BudgetUsed>& budget_used() const {
    return budget_used_;
  }

 private:
  [[nodiscard]] Instant now() const { return {clock_.read().boot_ms}; }

  LinkActions step(const DeviceInput& input) {
    LinkActions actions;
    report_.bytes_sent = run_.bytes.sent;
    report_.bytes_received = run_.bytes.received;
    for (DeviceEffect& effect : session_->step(now(), input)) {
      std::visit([&](auto& one) { take(one, actions); }, effect);
    }
    return actions;
  }

  void take(device_effect::SendFrame& effect, LinkActions& actions) {
    actions.frames.push_back(std::move(effect.bytes));
  }
  void take(device_effect::MoreToSend&, LinkActions& actions) { actions.more = true; }
  void take(device_effect::Progress& effect, LinkActions&) {
    report_.pulled += effect.progress.pulled - std::exchange(pulled_, effect.progress.pulled);
    report_.pushed += effect.progress.pushed - std::exchange(pushed_, effect.progress.pushed);
    run_.progress.take(effect.progress, now());
    if (hooks_.on_progress) hooks_.on_progress(run_.progress.shown());
  }
  void take(device_effect::CheckpointApplied& effect, LinkActions&) {
    reached_checkpoint_ = true;
    report_.rows_written += effect.applied.rows_written;
    report_.rows_removed += effect.applied.rows_removed;
    report_.conflicts += effect.applied.conflicts;
    report_.reconciles += effect.applied.reconciled ? 1U : 0U;
    for (const TableDifference& one : effect.applied.healed) {
      report_.healed += one.missing + one.surplus + one.changed;
    }
    report_.up_to_date = false;
    if (hooks_.on_applied) hooks_.on_applied(effect.applied);
  }
  void take(device_effect::Acknowledged& effect, LinkActions&) {
    for (const Ack::Item& item : effect.ack.items) {
      if (item.sequence <= run_.heard_of) continue;  // told again, as its push was repeated
      const bool refused = item.outcome.kind == Outcome::Kind::rejected ||
                           item.outcome.kind == Outcome::Kind::depends_on ||
                           item.outcome.kind == Outcome::Kind::quarantined;
      report_.rejected += refused ? 1 : 0;
      const auto& reason = item.outcome.reason;
      const bool copied = reason && reason->code == ErrorCode::device_forked;
      report_.set_aside += refused && copied ? 1 : 0;
    }
    run_.heard_of = std::max(run_.heard_of, effect.ack.through);
  }
  void take(device_effect::UpToDate&, LinkActions&) {
    report_.up_to_date = true;
    run_.progress.up_to_date();
    const SyncProgress& shown = run_.progress.shown();
    if (hooks_.on_progress && shown.done() > 0) hooks_.on_progress(shown);
    if (hooks_.on_up_to_date) hooks_.on_up_to_date(report_);
  }
  void take(device_effect::RetryAfter& effect, LinkActions&) { retry_after_ms_ = effect.ms; }
  void take(device_effect::HubRestored& effect, LinkActions&) {
    hub_lost_ = true;
    (effect.reset ? report_.hub_reset : report_.hub_restored) = true;
    report_.offered_again += effect.offered;
    report_.left_waiting += effect.waiting;
  }
  void take(device_effect::ComeAgain&, LinkActions&) { comes_again_ = true; }
  void take(device_effect::BudgetUsed& effect, LinkActions&) {
    budget_used_ = effect;
    report_.budget_used = true;
    report_.transactions_waiting = effect.transactions;
    report_.rows_waiting = effect.rows;
  }
  void take(device_effect::Close& effect, LinkActions& actions) {
    closed_ = true;
    // Without an error it has become the other one; with one, it has just seen that it must.
    report_.forks += comes_again_ && !effect.error && !hub_lost_ ? 1 : 0;
    failure_ = std::move(effect.error);
    actions.close = true;
  }

  DeviceStore& store_;
  const Clock& clock_;
  Random& random_;
  DeviceSession::Options options_;  // until the session has them
  LogSink& log_;
  const SyncRequest& request_;
  const SyncHooks& hooks_;
  RunState& run_;
  SyncReport& report_;
  std::optional<DeviceSession> session_;
  std::optional<Error> failure_;
  std::optional<std::int64_t> retry_after_ms_;
  std::optional<device_effect::BudgetUsed> budget_used_;
  std::uint64_t pulled_ = 0;
  std::uint64_t pushed_ = 0;
  bool comes_again_ = false;
  bool hub_lost_ = false;
  bool reached_checkpoint_ = false;
  bool closed_ = false;
  bool stopped_ = false;
};

/// What ended one connection; ok when the session closed it as asked.
Status failure_of(const SessionDriver& driver, const Status& link) {
  if (driver.failure()) return *driver.failure();
  if (driver.closed() || driver.stopped()) return {};
  return link ? Status(error(ErrorCode::link_lost, "the hub closed the connection")) : link;
}

void keep_traffic(const TrafficNote& note, const SyncHooks& hooks, RunState& state,
                  SyncReport& report) {
  state.sent_through = note.sent_through;
  state.traffic += note.traffic;
  state.last_connection = note.traffic.total().both();
  report.traffic = state.traffic;
  if (hooks.on_traffic && note.traffic != Traffic{}) hooks.on_traffic(note);
}

/// No error when anything was done for the bytes.
Status end_of_budget(const device_effect::BudgetUsed& used, const RunState& state,
                     const SyncReport& report) {
  if (report.pushed + report.pulled > 0) return {};
  const std::uint64_t before = state.spent() - std::min(state.spent(), state.last_connection);
  return error(ErrorCode::budget_too_small, std::to_string(before + used.enough) + " bytes");
}

/// Whether what is left of the budget is worth another connection.
bool may_call_again(const SyncRequest& request, const RunState& state) {
  return !request.bytes_max || state.spent() + limits::budget_bytes_min <= *request.bytes_max;
}

/// Between two connections there is nothing left for the second.
Status end_between(DeviceStore& store, const SyncRequest& request, SyncReport& report) {
  DS_ASSIGN(const DeviceState own, store.state());
  report.budget_used = true;
  report.transactions_waiting = own.pending;
  if (report.pushed + report.pulled > 0) return {};
  return error(ErrorCode::budget_too_small,
               std::to_string(*request.bytes_max + limits::budget_bytes_min) + " bytes");
}

}  // namespace

Status run_sync(DeviceStore& store, const Clock& clock, Random& random, LogSink& log,
                LinkControl& control, const SyncRequest& request, const SyncHooks& hooks,
                SyncReport& report) {
  Backoff backoff;
  RunState state{{}, RunProgress(Instant{clock.read().boot_ms}), request.sent_before, {}, 0};
  const auto draw = [&](std::uint64_t bound) { return random.below(bound); };
  std::uint32_t attempt = 0;  // that failed
  for (;;) {
    SessionDriver driver(store, clock, log, request, hooks, state, report, random);
    // Where it cannot be said now, the session meets the reason, which may pass.
    const auto caller = driver.caller();
    ++report.connections;
    state.progress.connected();
    const Status link =
        run_link(request.url, caller ? *caller : std::string(), driver, control, state.bytes);
    report.bytes_sent = state.bytes.sent;
    report.bytes_received = state.bytes.received;
    keep_traffic(driver.traffic_note(), hooks, state, report);
    if (driver.comes_again()) {
      if (control.wait(0)) return {};
      if (!may_call_again(request, state)) return end_between(store, request, report);
      continue;
    }
    Status ended = failure_of(driver, link);
    if (driver.budget_used()) return end_of_budget(*driver.budget_used(), state, report);
    if (ended.ok()) return {};
    if (is_retryable(ended.error().code) && control.wait(0)) return {};  // stopped on the way
    ++attempt;
    report.up_to_date = false;
    const bool again =
        is_retryable(ended.error().code) && (request.live || attempt < request.attempts);
    if (!again) return ended;
    if (!may_call_again(request, state)) return end_between(store, request, report);
    if (driver.reached_checkpoint()) backoff.reset();
    const std::int64_t delay_ms = driver.retry_after_ms()
                                      ? backoff.next_after(*driver.retry_after_ms(), draw)
                                      : backoff.next(draw);
    if (hooks.on_retry) hooks.on_retry(ended.error(), delay_ms);
    if (control.wait(delay_ms)) return {};
  }
}

}  // namespace doorstep
