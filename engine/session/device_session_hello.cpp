// How a connection begins: challenge, hello, welcome, what comes instead where the hub remembers
// the device, for a copy of a phone, and at a hub that was restored. A part of DeviceSession.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/session/check_history.hpp"
#include "engine/session/common_version.hpp"
#include "engine/session/device_hello.hpp"
#include "engine/session/device_session_state.hpp"
#include "engine/session/enrol_exchange.hpp"
#include "engine/session/parting.hpp"
#include "engine/wire/message.hpp"
#include "engine/wire/version.hpp"

namespace doorstep {

Status DeviceSession::State::on_challenge(const Challenge& challenge) {
  DS_ASSIGN(const DeviceState own, store.state());
  DS_TRY(check_challenge(challenge, own.hub_key, options.binding));
  if (challenge.hub != own.hub) return error(ErrorCode::hub_untrusted, challenge.hub.hex());
  DS_ASSIGN(Hello hello, own_hello(own));
  return greet(own, std::move(hello), challenge);
}

// The hub remembers this device as it was when it called. Where it still is so a few bytes are
// enough, which stand for a pull as well.
Status DeviceSession::State::on_remembered(const Remembered& said) {
  DS_ASSIGN(const DeviceState own, store.state());
  if (!options.calling) return error(ErrorCode::unexpected_message, "nobody called");
  const Calling& calling = *options.calling;
  const Call call{own.hub, own.device, calling.caller.fresh, options.binding};
  const auto key = call_key({CallSide::device, own.keys, calling.keys}, {own.hub_key, said.fresh});
  if (!key) return error(ErrorCode::hub_untrusted, "it has no key");
  DS_TRY(check_remembered(said, call, *key));
  DS_ASSIGN(Hello hello, own_hello(own));
  if (!may_say_again(own) || standing_of(hello) != calling.standing)
    return greet(own, std::move(hello), challenge_on(call, own.hub_key, said));
  send(again_of(hello, options.live, call, said, *key));
  begin_talk(own);
  pulling = said_again = true;
  return send_salvage();
}

// Nothing to push, and a pull that is like any other.
bool DeviceSession::State::may_say_again(const DeviceState& own) const {
  const Pull plain = next_pull(own);
  const bool settled = own.last == own.acknowledged && own.included == own.acknowledged &&
                       options.sent_before <= own.acknowledged;
  return settled && !options.bytes_max && !own.successor && !own.restoring && !own.differs &&
         !own.staged && plain.new_scopes.empty() && plain.new_columns.empty() &&
         own.cursor != Position{};
}

Result<Hello> DeviceSession::State::own_hello(const DeviceState& own) {
  said_schema = store.schema().fingerprint();
  successor = own.successor;
  if (successor) options.live = false;  // it comes again as the other one
  return whole_hello(store, own, options);
}

void DeviceSession::State::begin_talk(const DeviceState& own) {
  if (options.compression_level > 0) encoder.enable_compression(options.compression_level);
  phase = DevicePhase::welcome;
  pushed = acknowledged_at_start = own.acknowledged;
}

// Hello, what is to be pushed and the pull go out together: when there is nothing to do, one round
// trip after the connection is all.
Status DeviceSession::State::greet(const DeviceState& own, Hello hello,
                                   const Challenge& challenge) {
  hello.signature = sign(own.keys, proof_text(challenge, options.binding, own.device));
  const auto fork = successor ? std::optional(fork_of(own, options, challenge)) : std::nullopt;
  if (options.bytes_max) {
    DS_TRY(greet_within(std::move(hello), fork));
    if (phase == DevicePhase::closed) return {};
  } else {
    send(std::move(hello));
    if (fork) send(*fork);
  }
  begin_talk(own);
  held_until_welcome =
      options.bytes_max || std::max(options.sent_before, options.marked_before) > own.acknowledged;
  if (successor || held_until_welcome) return {};
  DS_TRY(send_salvage());
  DS_TRY(push_more());
  return pull();
}

// Welcome said nothing that this device does not know.
Status DeviceSession::State::on_as_before(const AsBefore& said) {
  if (!said_again) return error(ErrorCode::unexpected_message, "as-before");
  DS_ASSIGN(const DeviceState own, own_state());
  Welcome welcome;
  welcome.version = protocol_version_max;
  welcome.epoch = own.epoch;
  welcome.now = said.now;
  welcome.merged = own.acknowledged;
  welcome.scopes = own.scopes;
  welcome.push_bytes = said.push_bytes.value_or(limits::push_bytes_in_flight_max);
  return on_welcome(welcome);
}

Status DeviceSession::State::on_welcome(const Welcome& welcome) {
  DS_TRY(check_chosen_version(welcome.version));
  DS_ASSIGN(const DeviceState own, own_state());
  if (!successor && has_lost_acknowledged(welcome, own)) {
    return on_restored({welcome.epoch, own.cursor, own.token, welcome.merged, welcome.head, false});
  }
  if (!successor) DS_TRY(check_history(store, welcome, own));
  DS_TRY(store.note_welcome(welcome, options.read_clocks()));
  window = std::min<std::uint64_t>(welcome.push_bytes, limits::push_bytes_in_flight_max);
  phase = successor ? DevicePhase::forking : DevicePhase::open;
  if (successor) return welcome.visible ? store.drop_staged() : Status();
  DS_TRY(send_healed());
  // The pull that went out with Hello named other scopes: the hub passed over it, unless it had
  // nothing to go on from.
  if (welcome.visible && (own.cursor != Position{} || own.staged)) {
    DS_TRY(store.drop_staged());
    reconciles = 0;
    awaits_refill = false;
    if (!held_until_welcome) DS_TRY(pull());
  }
  // Merged before, with the ack lost: it comes right after Welcome (SEMANTICS A5).
  pushed = std::max(pushed, welcome.merged);
  if (held_until_welcome) DS_TRY(send_salvage());
  DS_TRY(push_more());
  return held_until_welcome && !pulling && !pull_waits ? pull() : Status();
}

// The hub knows another history than this device (SEMANTICS G2): back to what they have in common,
// and from there anew.
Status DeviceSession::State::on_restored(const Restored& restored) {
  DS_ASSIGN(const DeviceState before, own_state());
  DS_TRY(store.note_restored(restored));
  DS_ASSIGN(const DeviceState own, store.state());
  const bool same = own.cursor == before.cursor && own.acknowledged == before.acknowledged;
  if (same && !before.restoring) {
    return error(ErrorCode::epoch_unknown, "the hub forgets the same again");
  }
  log.write(LogLevel::warning, restored.reset ? "hub_reset" : "hub_restored",
            {{"epoch", std::to_string(restored.epoch)},
             {"common", std::to_string(restored.at.value)},
             {"offered", std::to_string(own.pending)}});
  effects.emplace_back(
      device_effect::HubRestored{restored.reset, own.pending, restored.reset ? before.pending : 0});
  effects.emplace_back(device_effect::ComeAgain{});
  close(std::nullopt);
  return {};
}

// From here on pushes are kept for a person, and the pull ends what the two copies have in common.
Status DeviceSession::State::on_forked(const Forked& forked) {
  if (forked.successor != successor->device) return error(ErrorCode::unexpected_message);
  phase = DevicePhase::open;
  DS_TRY(send_salvage());
  DS_TRY(push_more());
  return pull();
}

Status DeviceSession::State::succeed() {
  DS_ASSIGN(const bool became, store.become_successor());
  if (!became) {  // the app has written meanwhile
    DS_TRY(push_more());
    return pull();
  }
  effects.emplace_back(device_effect::ComeAgain{});
  close(std::nullopt);
  return {};
}

}  // namespace doorstep
