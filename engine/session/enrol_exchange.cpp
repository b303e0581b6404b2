#include "engine/session/enrol_exchange.hpp"

#include <utility>

#include "engine/session/common_version.hpp"
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

Status check_challenge(const Challenge& challenge, const PublicKey& hub_key, ByteView binding) {
  if (challenge.hub_key != hub_key)
    return error(ErrorCode::hub_untrusted, "it has another key than the hub known here");
  if (!verify(challenge.hub_key, challenge_text(challenge, binding), challenge.signature)) {
    return error(ErrorCode::hub_untrusted, "it did not sign this connection");
  }
  return check_hub_versions(challenge.version_min, challenge.version_max);
}

Result<EnrolAnswer> answer_with_enrol(const EnrolRequest& request, ByteView challenge_frame) {
  DS_ASSIGN(const Message message, read_message(challenge_frame));
  const auto* challenge = std::get_if<Challenge>(&message);
  if (challenge == nullptr) {
    return error(ErrorCode::unexpected_message, "the hub did not begin with a challenge");
  }
  if (fingerprint_of(challenge->hub_key) != request.code.hub_fingerprint) {
    return error(ErrorCode::hub_untrusted, "its key does not fit the enrolment code");
  }
  DS_TRY(check_challenge(*challenge, challenge->hub_key, request.binding));
  Enrol enrol;
  enrol.version_min = protocol_version_min;
  enrol.version_max = protocol_version_max;
  enrol.secret.assign(request.code.secret.begin(), request.code.secret.end());
  enrol.device = request.device;
  enrol.key = request.keys.public_key;
  enrol.signature = sign(request.keys, proof_text(*challenge, request.binding, request.device));
  enrol.clock = request.clock;
  return EnrolAnswer{FrameEncoder().encode(encode(Message(std::move(enrol)))), challenge->hub_key};
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
