// What a hub makes of a caller's words, and what it answers. Parts of HubSession; pure.
#pragma once

#include <span>

#include "engine/session/hub_session.hpp"

namespace doorstep {

/// The first words, which are the hub's.
[[nodiscard]] Challenge challenge_of(const HubSession::Options& options);

/// Errors: version_unsupported when the device speaks none of the hub's versions, wrong_key.
[[nodiscard]] Status check_enrol(const Enrol& enrol, const Challenge& challenge, ByteView binding);

/// Before the store is asked. Errors: version_unsupported, device_unknown when its replica belongs
/// to another hub.
[[nodiscard]] Status check_call(const Hello& hello, const HubId& hub);

/// Who it is comes before anything else is said about it. Errors: device_unknown, wrong_key,
/// malformed.
[[nodiscard]] Status check_hello(const HelloAnswer& answer, const Hello& hello,
                                 const Challenge& challenge, ByteView binding);

/// The same of a device that was remembered and has proved its key.
[[nodiscard]] Status check_known(const HelloAnswer& answer, const Parting& parting);

/// This hub has the commit at which the device says that it stands, and knows of what the device
/// wrote on a history that was lost. Otherwise the hub was restored or reset (SEMANTICS G2).
[[nodiscard]] bool shares_history(const HelloAnswer& answer, const Hello& hello);

/// Why this device's connection is to end once its work is here; nullopt: it need not.
[[nodiscard]] std::optional<ErrorCode> ended(const DeviceRecord& device);

/// The answer to a Hello that passed.
[[nodiscard]] Welcome welcome_of(const HelloAnswer& answer, const Hello& hello,
                                 const HubSession::Options& options, Instant now);

/// Errors: malformed when it is empty, message_too_large.
[[nodiscard]] Status check_push(const Push& push);

/// What the merge is asked to do with a push, `since_hello` ms after the Hello that it follows.
[[nodiscard]] PushRequest request_of(const Push& push, const Hello& hello, std::int64_t since_hello,
                                     Instant now);

/// That the successor's key is there (SEMANTICS C5). Errors: wrong_key, malformed.
[[nodiscard]] Status check_fork(const Fork& fork, const Hello& hello, const Challenge& challenge,
                                ByteView binding);

/// What the device knew to be durable when it said Hello.
[[nodiscard]] Sequence acknowledged_by(const Hello& hello);

/// The recorded outcomes of what came after `told`, through `through` (SEMANTICS A5).
[[nodiscard]] Ack ack_of(Sequence through, std::span<const TransactionRecord> outcomes,
                         Sequence told, Position head, Instant now);

}  // namespace doorstep
