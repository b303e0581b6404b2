#include "engine/session/hub_greeting.hpp"

#include <algorithm>

#include "engine/core/defect.hpp"
#include "engine/core/limits.hpp"
#include "engine/session/common_version.hpp"
#include "engine/wire/version.hpp"

namespace doorstep {
Challenge challenge_of(const HubSession::Options& options) {
  Challenge challenge;
  challenge.version_min = protocol_version_min;
  challenge.version_max = protocol_version_max;
  challenge.hub = options.identity.id;
  challenge.hub_key = options.identity.keys.public_key;
  challenge.nonce = options.nonce;
  challenge.signature = sign(options.identity.keys, challenge_text(challenge, options.binding));
  return challenge;
}

Status check_enrol(const Enrol& enrol, const Challenge& challenge, ByteView binding) {
  DS_TRY(check_version(enrol.version_min, enrol.version_max));
  const Bytes proof = proof_text(challenge, binding, enrol.device);
  if (!verify(enrol.key, proof, enrol.signature)) return error(ErrorCode::wrong_key);
  return {};
}

Status check_call(const Hello& hello, const HubId& hub) {
  DS_TRY(check_version(hello.version_min, hello.version_max));
  if (hello.hub == hub) return {};
  return error(ErrorCode::device_unknown, "the replica belongs to hub " + hello.hub.hex());
}

Status check_hello(const HelloAnswer& answer, const Hello& hello, const Challenge& challenge,
                   ByteView binding) {
  if (!answer.device) return error(ErrorCode::device_unknown, hello.device.hex());
  const Bytes proof = proof_text(challenge, binding, hello.device);
  if (!verify(answer.device->key, proof, hello.signature)) return error(ErrorCode::wrong_key);
  if (hello.pending > hello.last.value) return error(ErrorCode::malformed, "pending");
  return {};
}

Status check_known(const HelloAnswer& answer, const Parting& parting) {
  if (!answer.device) return error(ErrorCode::device_unknown, parting.hello.device.hex());
  return answer.device->key == parting.key ? Status() : Status(error(ErrorCode::wrong_key));
}

bool shares_history(const HelloAnswer& answer, const Hello& hello) {
  if (answer.unaware || hello.recovering > answer.device->cut_through) return false;
  if (DS_DEFECT("lost_history_unnoticed") && answer.cursor_token) return true;
  return hello.cursor.value == 0 || answer.cursor_token == hello.token;
}

std::optional<ErrorCode> ended(const DeviceRecord& device) {
  if (device.lost) return ErrorCode::device_lost;
  if (device.revoked) return ErrorCode::device_revoked;
  return std::nullopt;
}

Welcome welcome_of(const HelloAnswer& answer, const Hello& hello,
                   const HubSession::Options& options, Instant now) {
  const DeviceRecord& device = *answer.device;
  Welcome welcome;
  welcome.version = std::min(hello.version_max, protocol_version_max);
  welcome.epoch = std::max(answer.epoch, options.identity.epoch);
  welcome.now = now;
  welcome.merged = device.merged;
  welcome.head = device.head;
  welcome.scopes = device.scopes;
  welcome.schema = answer.schema;
  welcome.schema_known = answer.schema_known;
  // Of a byte budget the records get the better part.
  constexpr std::uint64_t share_of_text = 4;
  const bool affords_text =
      !hello.answer_bytes || answer.schema_text.size() <= *hello.answer_bytes / share_of_text;
  if (affords_text) welcome.schema_text = answer.schema_text;
  welcome.push_bytes = limits::push_bytes_in_flight_max;
  if (hello.holds != scopes_fingerprint(answer.visible)) welcome.visible = answer.visible;
  return welcome;
}

Status check_push(const Push& push) {
  if (push.bodies.empty() || push.first.value == 0)
    return error(ErrorCode::malformed, "an empty push");
  if (push.bodies.size() > limits::push_transactions_max)
    return error(ErrorCode::message_too_large);
  return {};
}

PushRequest request_of(const Push& push, const Hello& hello, std::int64_t since_hello,
                       Instant now) {
  PushRequest request;
  request.device = hello.device;
  request.push = push;
  // The probe, moved along the hub's clock: the ages of what was written after Hello stay exact.
  request.clock = hello.clock;
  request.clock.wall_ms += since_hello;
  request.clock.boot_ms += since_hello;
  request.clock_met = now;
  return request;
}

Status check_fork(const Fork& fork, const Hello& hello, const Challenge& challenge,
                  ByteView binding) {
  if (fork.successor.is_none() || fork.successor == hello.device) {
    return error(ErrorCode::malformed, "a successor without an id of its own");
  }
  const Bytes text = fork_text(challenge, binding, hello.device, fork.successor);
  if (!verify(fork.key, text, fork.signature)) return error(ErrorCode::wrong_key);
  return {};
}

Sequence acknowledged_by(const Hello& hello) {
  return Sequence{hello.last.value - std::min(hello.last.value, hello.pending)};
}

Ack ack_of(Sequence through, std::span<const TransactionRecord> outcomes, Sequence told,
           Position head, Instant now) {
  Ack ack;
  ack.through = through;
  ack.now = now;
  ack.position = head;
  for (const TransactionRecord& record : outcomes) {
    if (DS_DEFECT("outcomes_overtaken")) break;
    if (record.id.sequence > told && record.outcome.kind != Outcome::Kind::accepted) {
      ack.items.push_back({record.id.sequence, record.outcome});
    }
  }
  return ack;
}

}  // namespace doorstep
