#include "engine/session/hub_session.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/session/hub_greeting.hpp"
#include "engine/session/hub_refill.hpp"
#include "engine/session/hub_session_state.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
// What a device with a byte budget has not allowed is not sent, whatever it is: then this
// connection ends, and the next one goes on from what is durable.
void HubSession::State::send(const Message& message, Flow flow) {
  if (phase == HubPhase::closed) return;
  const Bytes plain = encode(message);
  const std::uint64_t most = bytes_on_wire_max(plain.size(), Way::down);
  if (answer_bytes && most > *answer_bytes) return end_over_budget({most, std::nullopt});
  send_last(plain, flow);
}

// Without a look at the budget: the device has kept room for a last word.
void HubSession::State::send_last(ByteView message, Flow flow) {
  Bytes frame = encoder.encode(message, flow);
  if (answer_bytes) {
    *answer_bytes -= std::min(*answer_bytes, bytes_on_wire(frame.size(), Way::down));
  }
  effects.emplace_back(hub_effect::SendFrame{std::move(frame)});
}

void HubSession::State::end_over_budget(const OverBudget& what) {
  send_last(encode(what));
  phase = HubPhase::closed;
  effects.emplace_back(hub_effect::Close{std::nullopt});
}

void HubSession::State::close(const Error& reason) {
  const std::string device = hello ? hello->device.hex() : std::string();
  log.write(LogLevel::warning, "session_failed", {{"device", device}, {"error", reason.text()}});
  if (reason.code != ErrorCode::timeout) {
    const std::string detail = answer_bytes ? std::string() : reason.detail;
    send_last(encode(ErrorMessage{static_cast<std::uint64_t>(reason.code), detail}));
  }
  phase = HubPhase::closed;
  effects.emplace_back(hub_effect::Close{reason});
}

Status HubSession::State::close_busy(std::int64_t retry_ms) {
  send_last(encode(Busy{static_cast<std::uint32_t>(retry_ms)}));
  phase = HubPhase::closed;
  effects.emplace_back(hub_effect::Close{std::nullopt});
  return {};
}

std::optional<Instant> HubSession::State::deadline() const {
  if (phase == HubPhase::greeting || phase == HubPhase::looking_up)
    return opened + limits::handshake_ms_max;
  // A hub of ten thousand quiet phones keeps nothing of what was said to them.
  return encoder.keeps() ? std::optional(talked + limits::talk_rests_ms) : std::nullopt;
}

Status HubSession::State::on(const hub_input::Timer&) {
  const auto due = deadline();
  if (!due || now < *due) return {};
  if (phase != HubPhase::open) return error(ErrorCode::timeout, "no hello");
  encoder.forget();
  return {};
}

Status HubSession::State::on_frame(ByteView bytes) {
  if (bytes.size() > limits::frame_bytes_max) return error(ErrorCode::message_too_large);
  DS_ASSIGN(const Bytes plain, decoder.decode(bytes));
  DS_ASSIGN(Message message, decode(plain));
  if (std::holds_alternative<Push>(message)) encoder.heard(plain);
  if (phase != HubPhase::looking_up) return on_message(message);
  early_bytes += plain.size();
  if (early_bytes > limits::early_bytes_max) return error(ErrorCode::credit_exceeded);
  early.push_back(std::move(message));
  return {};
}

Status HubSession::State::on_early() {
  while (!early.empty() && phase != HubPhase::looking_up && phase != HubPhase::closed) {
    const Message message = std::move(early.front());
    early.pop_front();
    DS_TRY(on_message(message));
  }
  if (early.empty()) early_bytes = 0;
  return {};
}

Status HubSession::State::on_message(const Message& message) {
  if (const auto* said = std::get_if<ErrorMessage>(&message)) {
    log.write(LogLevel::info, "device_gave_up",
              {{"code", std::to_string(said->code)}, {"detail", said->detail}});
    phase = HubPhase::closed;
    effects.emplace_back(hub_effect::Close{std::nullopt});
    return {};
  }
  if (phase == HubPhase::greeting) {
    if (const auto* enrol = std::get_if<Enrol>(&message)) return on_enrol(*enrol);
    if (const auto* asked = std::get_if<Hello>(&message)) return on_hello(*asked);
    if (const auto* said = std::get_if<Again>(&message)) return on_again(*said);
  } else if (phase == HubPhase::open) {
    if (const auto* push = std::get_if<Push>(&message)) return on_push(*push);
    if (const auto* pull = std::get_if<Pull>(&message)) return on_pull(*pull);
    if (const auto* fork = std::get_if<Fork>(&message)) return on_fork(*fork);
    if (const auto* salvage = std::get_if<Salvage>(&message)) return on_salvage(*salvage);
    if (const auto* said = std::get_if<Compared>(&message)) return on_compared(*said);
    if (const auto* healed = std::get_if<Healed>(&message)) return on_healed(*healed);
    if (const auto* credit = std::get_if<Credit>(&message)) {
      if (credit->answer_bytes) answer_bytes = credit->answer_bytes;
      feed.on_credit(credit->messages);
      read_more();
      return {};
    }
  }
  return error(ErrorCode::unexpected_message);
}

// A device whose enrolment was ended hears so once all that it had written is here.
Status HubSession::State::end_when_done() const {
  const bool waits =
      !pull_came || storing || !merging.empty() || (told < hello->last && !stopped_at);
  return ending && !waits ? Status(error(*ending)) : Status();
}

Status HubSession::State::on_pull(const Pull& pull) {
  pull_came = true;
  opening.reset();
  if (ending) return end_when_done();
  DS_TRY(feed.on_pull(pull));
  read_more();
  return {};
}

Status HubSession::State::on(const hub_input::Revoked& revoked) {
  const ErrorCode why = revoked.lost ? ErrorCode::device_lost : ErrorCode::device_revoked;
  return ending ? Status() : Status(error(why));
}

Status HubSession::State::on_push(const Push& push) {
  DS_TRY(check_push(push));
  if (stopped_at && push.first > *stopped_at)
    return {};  // waits on the device with the one before it
  const std::uint64_t unacknowledged = merging.bytes();
  const std::uint64_t bytes = bytes_in(push);
  if (unacknowledged > 0 && unacknowledged + bytes > limits::push_bytes_in_flight_max) {
    return error(ErrorCode::credit_exceeded);
  }
  merging.add(push.last(), bytes);
  feed.merging = merging.size();
  effects.emplace_back(hub_effect::MergePush{request_of(push, *hello, now - clock_met, now)});
  std::get<hub_effect::MergePush>(effects.back()).request.fork = forked;
  return {};
}

// One at a time, so that what waits here stays bounded.
Status HubSession::State::on_salvage(const Salvage& salvage) {
  if (std::exchange(storing, true)) return error(ErrorCode::credit_exceeded, "salvage");
  effects.emplace_back(hub_effect::StoreSalvage{{hello->device, salvage}});
  return {};
}

Status HubSession::State::on(const hub_input::SalvageStored& stored) {
  if (phase != HubPhase::open) return {};
  storing = false;
  if (!stored.stored) return stored.stored.error();
  send(*stored.stored);
  return end_when_done();
}

void HubSession::State::tell(const Ack& ack) {
  send(ack);
  feed.on_told(ack.through);
  told = std::max(told, ack.through);
  merging.told(ack.through);
}

Status HubSession::State::on(const hub_input::PushMerged& merged) {
  if (phase != HubPhase::open || merging.empty()) return {};
  merging.forget_oldest();
  feed.merging = merging.size();
  if (!merged.result) {
    const Error& reason = merged.result.error();
    const bool expected = stopped_at && reason.code == ErrorCode::sequence_gap;
    if (!expected) return reason;
    read_more();
    return {};
  }
  const PushResult& result = *merged.result;
  for (const Ack::Item& item : result.ack.items) {
    if (item.outcome.kind == Outcome::Kind::not_yet) stopped_at = item.sequence;
  }
  feed.on_merged(result.ack.through);
  Ack ack = result.ack;
  if (feed.follows()) ack.position = {};  // the checkpoint after it says where
  tell(ack);
  read_more();
  return end_when_done();
}

Status HubSession::State::on(const hub_input::FeedRead& read) {
  if (phase != HubPhase::open) return {};
  if (!read.answer) return read.answer.error();
  const FeedAnswer& answer = *read.answer;
  log_reconcile(log, *hello, answer);
  if (!answer.drifted.empty()) {
    // What it reads now would not match the sums; by the time it is back they have been mended.
    effects.emplace_back(hub_effect::RecountDigests{answer.drifted});
    return error(ErrorCode::busy);
  }
  feed.answer_bytes = answer_bytes;
  HubPull::Said said = feed.on_answer(answer, now);
  if (said.over_budget) {
    end_over_budget(*said.over_budget);
    return {};
  }
  if (said.elsewhere) return error(ErrorCode::busy);
  if (said.restart) send(*said.restart);
  if (said.ack) tell(*said.ack);
  if (said.frame) {
    effects.emplace_back(hub_effect::SendFrame{*said.frame});
  } else if (said.changes) {
    const Flow ends = said.live ? Flow::talk : Flow::last;
    const Flow flow = said.changes->next ? Flow::more : ends;
    send(std::move(*said.changes), flow);
    talked = now;
  }
  read_more();
  return {};
}

Status HubSession::State::on(const hub_input::Committed& committed) {
  if (phase != HubPhase::open) return {};
  // A new connection looks the scopes up again.
  if (committed.scopes_changed) return close_busy(limits::scopes_changed_retry_ms);
  feed.on_head(committed.head);
  read_more();
  return {};
}

Status HubSession::State::on(const hub_input::SchemaChanged& changed) {
  if (phase != HubPhase::open || changed.newest == welcomed_with) return {};
  return close_busy(limits::scopes_changed_retry_ms);
}

void HubSession::State::read_more() {
  if (phase != HubPhase::open) return;
  feed.answer_bytes = answer_bytes;
  if (auto question = feed.next_question()) {
    question->shareable = question->shareable && encoder.takes_frame();
    effects.emplace_back(hub_effect::ReadFeed{std::move(*question)});
  }
}

HubSession::HubSession(LogSink& log, Options options)
    : state_(std::make_unique<State>(log, std::move(options))) {}

HubSession::~HubSession() = default;

std::vector<HubEffect> HubSession::step(Instant now, const HubInput& input) {
  State& state = *state_;
  if (state.phase == HubPhase::closed) return {};
  state.effects.clear();
  state.now = now;
  const Status status = std::visit([&](const auto& one) { return state.on(one); }, input);
  if (!status && state.phase != HubPhase::closed) {
    const bool busy =
        status.error().code == ErrorCode::busy || status.error().code == ErrorCode::hub_busy;
    if (busy) {
      static_cast<void>(state.close_busy(limits::busy_retry_ms));
    } else {
      state.close(status.error());
    }
  }
  return std::move(state.effects);
}

std::optional<Instant> HubSession::next_deadline() const { return state_->deadline(); }

}  // namespace doorstep
