// How a connection begins: challenge, enrolment, hello, a fork, and a device whose position this
// hub does not know. A part of HubSession.
#include <string>

#include "engine/session/hub_greeting.hpp"
#include "engine/session/hub_session_state.hpp"

namespace doorstep {

Status HubSession::State::on(const hub_input::Connected&) {
  if (phase != HubPhase::opening) return {};
  opened = now;
  opening->challenge = challenge_of(opening->options);
  send(opening->challenge);
  phase = HubPhase::greeting;
  return {};
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
  DS_TRY(check_hello(answer, *hello, opening->challenge, opening->options.binding));
  if (!shares_history(answer, *hello)) {
    effects.emplace_back(hub_effect::BeginEpoch{*hello, now});
    return {};
  }
  const DeviceRecord& device = *answer.device;
  effects.emplace_back(hub_effect::Identified{device.id, answer.visible});
  ending = ended(device);
  told = device.merged;
  welcomed_with = answer.schema;
  send(welcome_of(answer, *hello, opening->options, now));
  if (phase == HubPhase::closed) return {};
  if (opening->options.compression_level > 0)
    encoder.enable_compression(opening->options.compression_level);
  phase = HubPhase::open;
  const Sequence known = acknowledged_by(*hello);
  feed.begin(device.id, answer.visible, hello->cursor, device.merged, known, hello->schema);
  feed.granted_since = device.granted_since;
  feed.before = answer.before;
  feed.digests_held = hello->digests;
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
