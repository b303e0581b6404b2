// How a connection begins: challenge, enrolment, hello, a fork, and a device whose position this
// hub does not know. A part of HubSession.
#include <string>

#include "engine/session/hub_greeting.hpp"
#include "engine/session/hub_session_state.hpp"

namespace doorstep {

Status HubSession::State::on(const hub_input::Connected&) {
  if (phase != HubPhase::opening) return {};
  opened = now;
  phase = HubPhase::greeting;
  if (recognises()) {
    send(opening->remembered);
    return {};
  }
  opening->options.recognised.reset();  // nobody can prove anything with a key that there is not
  opening->challenge = challenge_of(opening->options);
  send(opening->challenge);
  return {};
}

bool HubSession::State::recognises() {
  const Options& options = opening->options;
  if (!options.recognised) return false;
  const Recognised& known = *options.recognised;
  const CallKeys fresh = call_keys_of(known.secret);
  const auto key = call_key({CallSide::hub, options.identity.keys, fresh},
                            {known.parting.key, known.caller.fresh});
  if (!key) return false;
  opening->key = *key;
  opening->remembered = remembered_of(opening->call(), *key, fresh.shown);
  opening->challenge =
      challenge_on(opening->call(), options.identity.keys.public_key, opening->remembered);
  return true;
}

// It stands for a Hello and the pull after it.
Status HubSession::State::on_again(const Again& said) {
  if (!opening->options.recognised) return error(ErrorCode::unexpected_message, "again");
  DS_TRY(check_again(said, opening->call(), opening->remembered, opening->key));
  opening->again = true;
  const Hello stands_for = hello_of(opening->options.recognised->parting, said);
  early.push_back(pull_of(stands_for, said));
  return on_hello(stands_for);
}

Status HubSession::State::on_enrol(const Enrol& enrol) {
  DS_TRY(check_enrol(enrol, opening->challenge, opening->options.binding));
  phase = HubPhase::looking_up;
  effects.emplace_back(hub_effect::RedeemCode{enrol, now});
  return {};
}

Status HubSession::State::on(const hub_input::EnrolDone& enrolled) {
  if (phase != HubPhase::looking_up) return {};
  if (!enrolled.device) return enrolled.device.error();
  const DeviceRecord& device = *enrolled.device;
  log.write(LogLevel::info, "device_enrolled",
            {{"device", device.id.hex()}, {"name", device.name}});
  send(Enrolled{opening->options.identity.id, opening->options.identity.name, device.name,
                device.role, device.scopes, enrolled.schema_text, now});
  phase = HubPhase::greeting;
  return on_early();
}

Status HubSession::State::on_hello(const Hello& asked) {
  answer_bytes = asked.answer_bytes;
  DS_TRY(check_call(asked, opening->options.identity.id));
  hello = asked;
  clock_met = now;
  phase = HubPhase::looking_up;
  effects.emplace_back(hub_effect::LookUpHello{asked});
  return {};
}

Status HubSession::State::on(const hub_input::HelloLookedUp& looked_up) {
  if (phase != HubPhase::looking_up || !hello) return {};
  if (!looked_up.answer) return looked_up.answer.error();
  const HelloAnswer& answer = *looked_up.answer;
  const Options& options = opening->options;
  DS_TRY(opening->again ? check_known(answer, options.recognised->parting)
                        : check_hello(answer, *hello, opening->challenge, options.binding));
  if (!shares_history(answer, *hello)) {
    effects.emplace_back(hub_effect::BeginEpoch{*hello, now});
    return {};
  }
  const DeviceRecord& device = *answer.device;
  effects.emplace_back(hub_effect::Identified{device.id, answer.visible});
  ending = ended(device);
  told = device.merged;
  welcomed_with = answer.schema;
  device_key = device.key;
  send_welcome(answer);
  if (phase == HubPhase::closed) return {};
  if (opening->options.compression_level > 0)
    encoder.enable_compression(opening->options.compression_level);
  phase = HubPhase::open;
  const Sequence known = acknowledged_by(*hello);
  feed.begin(*hello, answer.visible, device.merged, known);
  feed.granted_since = device.granted_since;
  feed.before = answer.before;
  feed.on_head(answer.head);
  visible = answer.visible;
  // The ack of these was lost. It goes before anything that is acknowledged from here on, or the
  // device would take them for accepted (SEMANTICS A5).
  if (known < device.merged) {
    tell(ack_of(device.merged, answer.outcomes, known, answer.head, now));
    if (phase == HubPhase::closed) return {};
  }
  if (answer.compare > 0) ask_comparison(answer.compare);
  return on_early();
}

void HubSession::State::send_welcome(const HelloAnswer& answer) {
  const Welcome welcome = welcome_of(answer, *hello, opening->options, now);
  if (!welcome.schema_text.empty()) hello->schema_held = welcome.schema;
  const bool short_one =
      opening->again && is_as_before(welcome, *hello, opening->options.recognised->parting,
                                     answer.device->granted_since);
  if (!short_one) return send(welcome);
  AsBefore said{welcome.now};
  if (welcome.push_bytes != limits::push_bytes_in_flight_max) said.push_bytes = welcome.push_bytes;
  send(said);
}

// Of a device that has more to say, or that says it under a budget, nothing is remembered.
std::optional<Parting> HubSession::parting() const {
  const State& state = *state_;
  if (!state.hello || state.device_key.is_none() || state.forked || state.ending ||
      state.answer_bytes || !state.merging.empty() || !state.feed.granted_since) {
    return std::nullopt;
  }
  Parting left{*state.hello, state.device_key, state.welcomed_with, *state.feed.granted_since};
  left.hello.signature = {};
  left.hello.last = state.told;
  left.hello.pending = 0;
  left.hello.recovering = {};
  left.hello.holds = scopes_fingerprint(state.visible);
  state.feed.stands_at(left.hello);
  return left;
}

// What it sent along speaks of another history: it comes again with what the two have in common.
Status HubSession::State::on(const hub_input::EpochBegun& begun) {
  if (phase != HubPhase::looking_up) return {};
  if (!begun.restored) return begun.restored.error();
  const Restored& restored = *begun.restored;
  log.write(LogLevel::warning, "position_unknown",
            {{"device", hello->device.hex()},
             {"cursor", std::to_string(hello->cursor.value)},
             {"common", std::to_string(restored.at.value)},
             {"epoch", std::to_string(restored.epoch)}});
  send(restored);
  if (phase == HubPhase::closed) return {};
  early.clear();
  phase = HubPhase::closed;
  effects.emplace_back(hub_effect::Close{std::nullopt});
  return {};
}

// Before anything else of this connection: its pushes are to be told from the other copy's.
Status HubSession::State::on_fork(const Fork& fork) {
  if (pull_came || forked || !merging.empty())
    return error(ErrorCode::unexpected_message, "a fork");
  DS_TRY(check_fork(fork, *hello, opening->challenge, opening->options.binding));
  if (ending) return begin_fork(fork.successor);  // its work is kept; nobody succeeds it
  phase = HubPhase::looking_up;
  effects.emplace_back(hub_effect::RegisterSuccessor{{hello->device, fork}, now});
  return {};
}

Status HubSession::State::on(const hub_input::SuccessorDone& done) {
  if (phase != HubPhase::looking_up) return {};
  if (!done.device) return done.device.error();
  log.write(LogLevel::warning, "device_forked",
            {{"device", hello->device.hex()}, {"successor", done.device->id.hex()}});
  DS_TRY(begin_fork(done.device->id));
  if (phase == HubPhase::closed) return {};
  phase = HubPhase::open;
  return on_early();
}

Status HubSession::State::begin_fork(const DeviceId& successor) {
  forked = true;
  // Recorded outcomes are those of the other copy: this one hears of what it sends, no more.
  feed.on_told(Sequence{~std::uint64_t{0}});
  send(Forked{successor});
  return {};
}

}  // namespace doorstep
