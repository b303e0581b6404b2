#include "engine/session/enrol_exchange.hpp"

#include <utility>

#include "engine/wire/codec.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/version.hpp"

namespace doorstep {
namespace {

Result<Message> read_message(ByteView frame) {
  FrameDecoder decoder;
  DS_ASSIGN(const Bytes bytes, decoder.decode(frame));
  DS_ASSIGN(Message message, decode(bytes));
  if (const auto* failure = std::get_if<ErrorMessage>(&message)) {
    return error(error_code_of(failure->code).value_or(ErrorCode::internal), failure->detail);
  }
  if (const auto* busy = std::get_if<Busy>(&message)) {
    return error(ErrorCode::hub_busy,
                 "try again in " + std::to_string(busy->retry_after_ms / 1000 + 1) + " s");
  }
  return message;
}

}  // namespace

Status check_challenge(const Challenge& challenge,
                       const std::array<std::uint8_t, 10>& hub_fingerprint, ByteView binding) {
  if (fingerprint_of(challenge.hub_key) != hub_fingerprint) {
    return error(ErrorCode::hub_untrusted, "its key does not fit the enrolment code");
  }
  if (!verify(challenge.hub_key, challenge_text(challenge, binding), challenge.signature)) {
    return error(ErrorCode::hub_untrusted, "it did not sign this connection");
  }
  if (challenge.version_min > protocol_version_max ||
      challenge.version_max < protocol_version_min) {
    return error(ErrorCode::version_unsupported,
                 "the hub speaks versions " + std::to_string(challenge.version_min) + " to " +
                     std::to_string(challenge.version_max));
  }
  return {};
}

Result<Bytes> answer_with_enrol(const EnrolRequest& request, ByteView challenge_frame) {
  DS_ASSIGN(const Message message, read_message(challenge_frame));
  const auto* challenge = std::get_if<Challenge>(&message);
  if (challenge == nullptr) {
    return error(ErrorCode::unexpected_message, "the hub did not begin with a challenge");
  }
  DS_TRY(check_challenge(*challenge, request.code.hub_fingerprint, request.binding));
  Enrol enrol;
  enrol.version_min = protocol_version_min;
  enrol.version_max = protocol_version_max;
  enrol.secret.assign(request.code.secret.begin(), request.code.secret.end());
  enrol.device = request.device;
  enrol.key = request.keys.public_key;
  enrol.signature = sign(request.keys, proof_text(*challenge, request.binding, request.device));
  enrol.clock = request.clock;
  return FrameEncoder().encode(encode(Message(std::move(enrol))));
}

Result<Enrolled> read_enrolled(ByteView frame) {
  DS_ASSIGN(Message message, read_message(frame));
  auto* enrolled = std::get_if<Enrolled>(&message);
  if (enrolled == nullptr) {
    return error(ErrorCode::unexpected_message, "the hub did not answer the enrolment");
  }
  return std::move(*enrolled);
}

}  // namespace doorstep
