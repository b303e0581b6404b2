#include "client-sdk/src/sync_run.hpp"

#include <algorithm>
#include <utility>

#include "client-sdk/src/device_identity.hpp"
#include "engine/core/backoff.hpp"

namespace doorstep {
namespace {

/// A DeviceSession on a link.
class SessionDriver final : public LinkDriver {
 public:
  SessionDriver(DeviceStore& store, const Clock& clock, LogSink& log, const SyncRequest& request,
                const SyncHooks& hooks, const LinkBytes& bytes, SyncReport& report, Random& random)
      : store_(store),
        clock_(clock),
        random_(random),
        log_(log),
        request_(request),
        hooks_(hooks),
        bytes_(bytes),
        report_(report) {}

  LinkActions on_open(const Bytes& binding) override {
    DeviceSession::Options options;
    options.live = request_.live;
    options.binding = binding;
    options.read_clocks = [this] { return clock_.read(); };
    options.read_free_bytes = hooks_.free_bytes;
    options.compression_level = request_.compression_level;
    options.new_identity = [this] { return new_device(clock_.read(), random_); };
    session_.emplace(store_, log_, std::move(options));
    return {};
  }
  LinkActions on_frame(ByteView frame) override { return step(device_input::Frame{frame}); }
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

 private:
  [[nodiscard]] Instant now() const { return {clock_.read().boot_ms}; }

  LinkActions step(const DeviceInput& input) {
    LinkActions actions;
    report_.bytes_sent = bytes_.sent;
    report_.bytes_received = bytes_.received;
    for (DeviceEffect& effect : session_->step(now(), input)) {
      std::visit([&](auto& one) { take(one, actions); }, effect);
    }
    return actions;
  }

  void take(device_effect::SendFrame& effect, LinkActions& actions) {
    actions.frames.push_back(std::move(effect.bytes));
  }
  void take(device_effect::Progress& effect, LinkActions&) {
    report_.pulled += effect.progress.pulled - std::exchange(pulled_, effect.progress.pulled);
    report_.pushed += effect.progress.pushed - std::exchange(pushed_, effect.progress.pushed);
    if (hooks_.on_progress) hooks_.on_progress(effect.progress);
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
      const bool refused = item.outcome.kind == Outcome::Kind::rejected ||
                           item.outcome.kind == Outcome::Kind::depends_on ||
                           item.outcome.kind == Outcome::Kind::quarantined;
      report_.rejected += refused ? 1 : 0;
      const auto& reason = item.outcome.reason;
      const bool copied = reason && reason->code == ErrorCode::device_forked;
      report_.set_aside += refused && copied ? 1 : 0;
    }
  }
  void take(device_effect::UpToDate&, LinkActions&) {
    report_.up_to_date = true;
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
  LogSink& log_;
  const SyncRequest& request_;
  const SyncHooks& hooks_;
  const LinkBytes& bytes_;
  SyncReport& report_;
  std::optional<DeviceSession> session_;
  std::optional<Error> failure_;
  std::optional<std::int64_t> retry_after_ms_;
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

}  // namespace

Status run_sync(DeviceStore& store, const Clock& clock, Random& random, LogSink& log,
                LinkControl& control, const SyncRequest& request, const SyncHooks& hooks,
                SyncReport& report) {
  Backoff backoff;
  LinkBytes bytes;
  const auto draw = [&](std::uint64_t bound) { return random.below(bound); };
  std::uint32_t attempt = 0;  // that failed
  for (;;) {
    SessionDriver driver(store, clock, log, request, hooks, bytes, report, random);
    ++report.connections;
    const Status link = run_link(request.url, driver, control, bytes);
    report.bytes_sent = bytes.sent;
    report.bytes_received = bytes.received;
    if (driver.comes_again()) {
      if (control.wait(0)) return {};
      continue;
    }
    Status ended = failure_of(driver, link);
    if (ended.ok()) return {};
    if (is_retryable(ended.error().code) && control.wait(0)) return {};  // stopped on the way
    ++attempt;
    report.up_to_date = false;
    const bool again =
        is_retryable(ended.error().code) && (request.live || attempt < request.attempts);
    if (!again) return ended;
    if (driver.reached_checkpoint()) backoff.reset();
    const std::int64_t delay_ms = driver.retry_after_ms()
                                      ? backoff.next_after(*driver.retry_after_ms(), draw)
                                      : backoff.next(draw);
    if (hooks.on_retry) hooks.on_retry(ended.error(), delay_ms);
    if (control.wait(delay_ms)) return {};
  }
}

}  // namespace doorstep
