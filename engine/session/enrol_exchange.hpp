// The device's half of enrolment, sans I/O: two messages after the hub's Challenge. Pure functions;
// the transport passes frames. Nothing is stored here: the caller makes the replica from Enrolled.
#pragma once

#include <array>
#include <string>

#include "engine/core/hash.hpp"
#include "engine/wire/enrolment_code.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// What a device brings to its enrolment.
struct EnrolRequest {
  EnrolmentCode code;
  DeviceId device;
  KeyPair keys;
  ClockProbe clock;
  Bytes binding;  ///< SHA-256 of the TLS certificate seen, empty on ws://
};

/// The hub's Challenge when it is the hub with that key, which has signed this connection. Errors:
/// hub_untrusted, version_unsupported.
[[nodiscard]] Status check_challenge(const Challenge& challenge, const PublicKey& hub_key,
                                     ByteView binding);

struct EnrolAnswer {
  Bytes frame;
  PublicKey hub_key;  ///< of the hub that issued the code: its key fits the code's fingerprint
};
/// Takes the hub's first frame; gives the frame to answer with. Errors: hub_untrusted, malformed,
/// unexpected_message, version_unsupported, or what the hub said.
[[nodiscard]] Result<EnrolAnswer> answer_with_enrol(const EnrolRequest& request,
                                                    ByteView challenge_frame);

/// Takes the hub's second frame. Errors: code_unknown and whatever else the hub said, malformed.
[[nodiscard]] Result<Enrolled> read_enrolled(ByteView frame);

}  // namespace doorstep
