#include "engine/session/hub_greeting.hpp"

#include <algorithm>
#include <string>

#include "engine/core/limits.hpp"
#include "engine/wire/version.hpp"

namespace doorstep {
namespace {

Status check_versions(std::uint16_t min, std::uint16_t max) {
  if (min <= protocol_version_max && max >= protocol_version_min) return {};
  return error(ErrorCode::version_unsupported, "the device speaks versions " + std::to_string(min) +
                                                   " to " + std::to_string(max) + ", the hub " +
                                                   std::to_string(protocol_version_min) + " to " +
                                                   std::to_string(protocol_version_max));
}

}  // namespace

Status check_enrol(const Enrol& enrol, const Challenge& challenge, ByteView binding) {
  DS_TRY(check_versions(enrol.version_min, enrol.version_max));
  const Bytes proof = proof_text(challenge, binding, enrol.device);
  if (!verify(enrol.key, proof, enrol.signature)) return error(ErrorCode::wrong_key);
  return {};
}

Status check_call(const Hello& hello, const HubId& hub) {
  DS_TRY(check_versions(hello.version_min, hello.version_max));
  if (hello.hub == hub) return {};
  return error(ErrorCode::device_unknown, "the replica belongs to hub " + hello.hub.hex());
}

Status check_hello(const HelloAnswer& answer, const Hello& hello, const Challenge& challenge,
                   ByteView binding) {
  if (!answer.device) return error(ErrorCode::device_unknown, hello.device.hex());
  const Bytes proof = proof_text(challenge, binding, hello.device);
  if (!verify(answer.device->key, proof, hello.signature)) return error(ErrorCode::wrong_key);
  if (hello.cursor.value != 0 && answer.cursor_token != hello.token) {
    return error(ErrorCode::epoch_unknown, "position " + std::to_string(hello.cursor.value));
  }
  if (hello.pending > hello.last.value) return error(ErrorCode::malformed, "pending");
  return {};
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
  welcome.epoch = options.identity.epoch;
  welcome.now = now;
  welcome.merged = device.merged;
  welcome.head = device.head;
  welcome.scopes = device.scopes;
  welcome.schema = answer.schema;
  welcome.schema_known = answer.schema_known;
  welcome.schema_text = answer.schema_text;
  welcome.push_bytes = limits::push_bytes_in_flight_max;
  if (hello.holds != scopes_fingerprint(answer.visible)) welcome.visible = answer.visible;
  return welcome;
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

}  // namespace doorstep
