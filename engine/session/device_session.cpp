#include "engine/session/device_session.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/ports/feed_order.hpp"
#include "engine/session/device_hello.hpp"
#include "engine/session/device_session_state.hpp"
#include "engine/session/message_reason.hpp"
#include "engine/session/next_push.hpp"
#include "engine/session/said_by_hub.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
void DeviceSession::State::send(const Message& message, Flow flow) {
  const Bytes plain = encode(message);
  Bytes frame = encoder.encode(plain, flow);
  traffic.sent(reason_here(message), frame.size());
  if (const auto* push = std::get_if<Push>(&message)) {
    decoder.said(plain);
    sent_through = std::max(sent_through, push->last());
  }
  effects.emplace_back(device_effect::SendFrame{std::move(frame)});
  last_sign = now;
}

TrafficReason DeviceSession::State::reason_here(const Message& message) const {
  const TrafficReason reason = reason_of(message);
  if (reason == TrafficReason::rows && repairing) return TrafficReason::repair;
  const auto* push = std::get_if<Push>(&message);
  const bool again = push != nullptr && (push->first <= sent_through || !push->was.empty());
  return again ? TrafficReason::resent : reason;
}

// By what a transaction and a row have weighed so far on this connection.
void DeviceSession::State::estimate_bytes() {
  progress.bytes = traffic.total().both();
  progress.bytes_left.reset();
  const std::uint64_t sent = pushed.value - acknowledged_at_start.value;
  const std::uint64_t to_send = progress.push_total - std::min(sent, progress.push_total);
  const std::uint64_t to_come = progress.pull_total - progress.pulled;
  if ((to_send > 0 && sent == 0) || (to_come > 0 && progress.pulled == 0)) return;
  const std::uint64_t up =
      traffic.of(TrafficReason::push).sent + traffic.of(TrafficReason::resent).sent;
  const std::uint64_t down =
      traffic.of(TrafficReason::rows).received + traffic.of(TrafficReason::repair).received;
  progress.bytes_left = (to_send > 0 ? to_send * up / sent : 0) +
                        (to_come > 0 ? to_come * down / progress.pulled : 0);
}

void DeviceSession::State::close(std::optional<Error> reason) {
  phase = DevicePhase::closed;
  effects.emplace_back(device_effect::Close{std::move(reason)});
}

Status DeviceSession::State::fail(const Error& reason, bool tell_hub) {
  log.write(LogLevel::warning, "sync_failed", {{"error", reason.text()}});
  // A budget has room for the number alone.
  const std::string detail = options.bytes_max ? std::string() : reason.detail;
  if (tell_hub) send(ErrorMessage{static_cast<std::uint64_t>(reason.code), detail});
  const bool copied = reason.code == ErrorCode::device_forked && begin_fork(store, options);
  // The hub does not wait for the rows that go with work of a revoked device.
  const bool owes =
      reason.code == ErrorCode::device_revoked && salvage.goes_on(progress.pushed > 0);
  if (copied || owes) effects.emplace_back(device_effect::ComeAgain{});
  close(reason);
  return {};
}

std::optional<Instant> DeviceSession::State::deadline() const {
  if (!started) return Instant{0};  // a first step arms the time-outs
  if (phase == DevicePhase::closed) return std::nullopt;
  if (phase != DevicePhase::open) return opened + limits::handshake_ms_max;
  const bool waiting = !in_flight.empty() || owes_answers() || (pulling && !options.live);
  // Live and quiet: the transport's pings watch the link.
  return waiting ? std::optional(last_sign + limits::answer_ms_max) : std::nullopt;
}

Status DeviceSession::State::on_input(const DeviceInput& input) {
  if (const auto* frame = std::get_if<device_input::Frame>(&input)) {
    last_sign = now;
    return on_frame(frame->bytes);
  }
  if (std::holds_alternative<device_input::LocalCommit>(input) ||
      std::holds_alternative<device_input::Sent>(input))
    return phase == DevicePhase::challenge ? Status{} : push_more();
  if (std::holds_alternative<device_input::Stop>(input)) {
    close(std::nullopt);
    return {};
  }
  if (const auto due = deadline(); due && now >= *due) {
    return error(ErrorCode::timeout, phase == DevicePhase::open ? "no answer" : "no welcome");
  }
  return {};
}

Status DeviceSession::State::on_frame(ByteView bytes) {
  if (bytes.size() > limits::frame_bytes_max) return error(ErrorCode::message_too_large);
  const Result<Bytes> plain = decoder.decode(bytes);
  Result<Message> message = plain ? decode(*plain) : Result<Message>(plain.error());
  traffic.received(message ? reason_here(*message) : TrafficReason::other, bytes.size());
  return message ? on_message(std::move(*message)) : Status(message.error());
}

Status DeviceSession::State::on_message(Message message) {
  if (const auto* busy = std::get_if<Busy>(&message)) {
    effects.emplace_back(device_effect::RetryAfter{busy->retry_after_ms});
    return fail(error(ErrorCode::hub_busy), false);
  }
  if (const auto* said = std::get_if<ErrorMessage>(&message))
    return fail(said_by_hub(*said), false);
  if (const auto* over = std::get_if<OverBudget>(&message); over != nullptr && options.bytes_max) {
    return on_over_budget(*over);
  }
  if (const auto* asked = std::get_if<Compare>(&message)) return on_compare(*asked);
  if (phase == DevicePhase::challenge) {
    if (const auto* challenge = std::get_if<Challenge>(&message)) return on_challenge(*challenge);
    if (const auto* said = std::get_if<Remembered>(&message)) return on_remembered(*said);
  } else if (phase == DevicePhase::welcome) {
    if (const auto* welcome = std::get_if<Welcome>(&message)) return on_welcome(*welcome);
    if (const auto* said = std::get_if<AsBefore>(&message)) return on_as_before(*said);
    if (const auto* restored = std::get_if<Restored>(&message)) return on_restored(*restored);
  } else if (phase == DevicePhase::forking) {
    if (const auto* forked = std::get_if<Forked>(&message)) return on_forked(*forked);
    if (std::holds_alternative<Ack>(message)) return {};  // of what the other copy wrote
  } else {
    if (const auto* ack = std::get_if<Ack>(&message)) return on_ack(*ack);
    const bool of_pull =
        std::holds_alternative<Changes>(message) || std::holds_alternative<Restart>(message);
    if (comparing && of_pull) return hold_back(message);
    if (auto* changes = std::get_if<Changes>(&message)) return on_changes(std::move(*changes));
    if (const auto* restart = std::get_if<Restart>(&message)) return on_restart(*restart);
    if (const auto* held = std::get_if<Salvaged>(&message)) return on_salvaged(*held);
    if (const auto* noted = std::get_if<HealNoted>(&message)) return on_heal_noted(*noted);
  }
  return error(ErrorCode::unexpected_message);
}

// After Hello. A schema that changed under an open connection ends it: what is pulled next is
// another question.
Result<DeviceState> DeviceSession::State::own_state() {
  DS_ASSIGN(DeviceState own, store.state());
  if (store.schema().fingerprint() != said_schema) return error(ErrorCode::schema_changed);
  return own;
}

Status DeviceSession::State::push_more() {
  if (options.bytes_max) return go_on();
  if (successor && phase != DevicePhase::open) return {};
  more_to_send = false;
  if (put_off) return pull_waits ? pull() : Status();
  DS_ASSIGN(const DeviceState own, own_state());
  progress.push_total = std::max(progress.push_total, own.last.value - acknowledged_at_start.value);
  if (pushed < own.last) {
    DS_ASSIGN(const auto push, next_push(store, pushed, in_flight, window));
    if (push) DS_TRY(send_push(*push, own.last));
  }
  return pull_waits && !more_to_send ? pull() : Status();
}

// One a step: all at once the first waited here for the last, 35 ms for the 10,000 visits of row B.
Status DeviceSession::State::send_push(const Push& push, Sequence last) {
  pushed = push.last();
  more_to_send = pushed < last;
  if (more_to_send) DS_TRY(keep_mark(last));
  const Flow ends = options.live ? Flow::talk : Flow::last;
  send(push, more_to_send ? Flow::more : ends);
  in_flight.add(pushed, bytes_in(push));
  if (more_to_send) effects.emplace_back(device_effect::MoreToSend{});
  return {};
}

// Once for a long push, before the first of it leaves: a phone that is killed in the middle waits
// for Welcome and sends nothing twice.
Status DeviceSession::State::keep_mark(Sequence last) {
  if (last <= marked || !options.keep_mark) return {};
  marked = last;
  return options.keep_mark(last);
}

Status DeviceSession::State::pull() {
  if (options.bytes_max && (phase != DevicePhase::open || pulling || !in_flight.empty())) return {};
  DS_ASSIGN(const DeviceState own, own_state());
  // A restored hub's rows, before it has what it lost of this device, would undo that here.
  pull_waits = more_to_send || (own.restoring && !put_off && pushed < own.last);
  if (pull_waits) return {};
  if (own.differs && !own.refill && reconciles < limits::reconciles_max) return reconcile();
  Pull request = next_pull(own);
  request.own_left_out = request.own_left_out && !own_needed;
  if (own.staged && !request.scan) DS_TRY(store.drop_staged());
  if (progress.pulled == 0) progress.pulled_before = request.scan ? own.staged_rows : 0;
  return ask(std::move(request));
}

Status DeviceSession::State::ask(Pull request) {
  repairing = request.sums || request.refill;
  request.include = pushed;
  if (options.bytes_max) return ask_within(std::move(request));
  request.live = options.live;
  request.credit = static_cast<std::uint32_t>(limits::changes_in_flight_max);
  credit_owed = 0;
  send(std::move(request));
  pulling = true;
  return {};
}

// Staged batches are of a pull that is over; the refill that comes begins anew.
Status DeviceSession::State::reconcile() {
  ++reconciles;
  DS_ASSIGN(const DeviceState own, store.state());
  if (own.staged) DS_TRY(store.drop_staged());
  DS_ASSIGN(Pull request, reconcile_pull(store, own));
  awaits_refill = true;
  return ask(std::move(request));
}

Status DeviceSession::State::on_restart(const Restart& restart) {
  if (!pulling) return error(ErrorCode::unexpected_message, "a restart without a pull");
  if (awaits_refill) return {};  // of the pull that the reconcile has replaced
  log.write(LogLevel::info, "pull_restarted", {{"reconcile", restart.reconcile ? "yes" : "no"}});
  DS_TRY(store.drop_staged());
  pulling = false;
  if (!restart.reconcile) return pull();
  if (reconciles >= limits::reconciles_max) {
    return error(ErrorCode::digest_mismatch, "the hub asks for another reconcile");
  }
  return reconcile();
}

Status DeviceSession::State::on_ack(const Ack& ack) {
  DS_ASSIGN(const DeviceState before, own_state());
  if (ack.through > before.last)
    return error(ErrorCode::device_forked, "an ack of an unwritten transaction");
  DS_TRY(store.acknowledge(ack));
  for (const Ack::Item& item : ack.items) {
    if (item.outcome.kind != Outcome::Kind::not_yet) continue;
    put_off = item.outcome.reason.value_or(error(ErrorCode::hub_too_old));
    in_flight.clear();  // what follows it waits too: the hub answers none of it
  }
  in_flight.forget(ack.through);
  const Sequence durable = std::max(before.acknowledged, ack.through);
  pushed = std::max(pushed, durable);
  progress.pushed = durable.value - acknowledged_at_start.value;
  progress.push_total = std::max(progress.push_total, progress.pushed);
  effects.emplace_back(device_effect::Acknowledged{ack});
  DS_TRY(send_salvage());
  return push_more();
}

Status DeviceSession::State::send_salvage() {
  if (options.bytes_max) return {};  // last of all: hand_over()
  DS_ASSIGN(const auto next, salvage.next());
  if (next) send(*next);
  return {};
}

Status DeviceSession::State::on_salvaged(const Salvaged& confirmed) {
  DS_TRY(salvage.confirmed(confirmed));
  DS_TRY(send_salvage());
  return unfinished ? finish() : Status();
}

Status DeviceSession::State::on_changes(Changes changes) {
  if (!pulling) return error(ErrorCode::unexpected_message, "changes without a pull");
  if (changes.next.has_value() == changes.checkpoint.has_value())
    return error(ErrorCode::malformed);
  DS_ASSIGN(const DeviceState own, own_state());
  if (awaits_refill && !changes.refill) return {};
  awaits_refill = false;
  if (awaits_own && changes.from != own.cursor) return {};
  awaits_own = false;
  const std::uint64_t rows = rows_in(changes);
  const std::uint64_t remaining = changes.remaining;
  std::optional<Applied> applied;
  if (changes.checkpoint) {
    if (!successor && changes.checkpoint->included > own.acknowledged) {
      return error(ErrorCode::unexpected_message, "a checkpoint before its outcomes");
    }
    if (changes.checkpoint->position == own.cursor) changes.checkpoint->token = own.token;
    DS_ASSIGN(applied, store.apply(std::move(changes)));
    if (applied->own_needed) return pull_own(*applied);
  } else {
    DS_TRY(store.stage(std::move(changes)));
  }
  progress.pulled += rows;
  progress.pull_total = progress.pulled + remaining;
  rows_to_come = remaining;
  if (applied) return after_checkpoint(*applied);
  if (options.bytes_max) return give_credit();
  took_changes();
  return {};
}

// Half of what may be under way at once, so that the hub need not stop for it.
void DeviceSession::State::took_changes() {
  constexpr std::uint32_t at_once = limits::changes_in_flight_max / 2;
  if (++credit_owed < at_once) return;
  send(Credit{std::exchange(credit_owed, 0), std::nullopt});
}

// Rare: a visit landed where its family had moved to, or a person admitted a row.
Status DeviceSession::State::pull_own(const Applied& refused) {
  if (std::exchange(own_needed, true))
    return error(ErrorCode::unexpected_message, "own rows are left out that were asked for");
  const bool wrong = !refused.differing.empty();
  log.write(wrong ? LogLevel::warning : LogLevel::info, "own_rows_pulled",
            {{"because", wrong ? "digest" : "rows"}});
  awaits_own = true;
  return pull();
}

Status DeviceSession::State::after_checkpoint(const Applied& applied) {
  effects.emplace_back(device_effect::CheckpointApplied{applied});
  repairing = false;
  log_applied(log, applied);
  if (options.live) took_changes();
  if (applied.reconciled) {
    DS_TRY(send_salvage());
    DS_TRY(send_healed());
  }
  DS_TRY(answer_comparison());
  DS_TRY(push_more());
  differing = applied.differing;
  return finish();
}

// Up to date is only who has also handed over what the hub asked a person about, and what somebody
// there wants to know.
Status DeviceSession::State::finish() {
  unfinished = owes_answers();
  if (unfinished) return {};
  DS_ASSIGN(const DeviceState own, own_state());
  if (options.bytes_max) return finish_within(own);
  const bool settled = in_flight.empty() && own.included == own.acknowledged;
  const bool current = settled && own.acknowledged == own.last;
  if (successor && current) return succeed();
  if (current && differing.empty()) effects.emplace_back(device_effect::UpToDate{});
  if (!differing.empty() && reconciles < limits::reconciles_max) return reconcile();
  if (options.live) return {};
  pulling = false;
  if (!settled || (!current && !put_off)) return pull();
  if (!differing.empty()) put_off = error(ErrorCode::digest_mismatch, "scope " + differing[0].code);
  close(put_off);
  return {};
}

DeviceSession::DeviceSession(DeviceStore& store, LogSink& log, Options options)
    : state_(std::make_unique<State>(store, log, std::move(options))) {}

DeviceSession::~DeviceSession() = default;

std::vector<DeviceEffect> DeviceSession::step(Instant now, const DeviceInput& input) {
  State& state = *state_;
  if (state.phase == DevicePhase::closed) return {};
  state.effects.clear();
  state.now = now;
  if (!state.started) {
    state.started = true;
    state.opened = state.last_sign = now;
  }
  if (const Status status = state.on_input(input); !status && state.phase != DevicePhase::closed) {
    static_cast<void>(state.fail(status.error(), status.error().code != ErrorCode::timeout));
  }
  if (!same_counts(state.progress, state.shown)) {
    state.estimate_bytes();
    state.shown = state.progress;
    // Before what ends with it: a bar that has said that all is there does not move again.
    const auto place =
        std::find_if(state.effects.begin(), state.effects.end(), [](const DeviceEffect& one) {
          return std::holds_alternative<device_effect::UpToDate>(one) ||
                 std::holds_alternative<device_effect::Close>(one);
        });
    state.effects.insert(place, device_effect::Progress{state.progress});
  }
  return std::move(state.effects);
}

std::optional<Instant> DeviceSession::next_deadline() const { return state_->deadline(); }

const SyncProgress& DeviceSession::progress() const { return state_->progress; }
const Traffic& DeviceSession::traffic() const { return state_->traffic; }
Sequence DeviceSession::sent_through() const { return state_->sent_through; }

}  // namespace doorstep
