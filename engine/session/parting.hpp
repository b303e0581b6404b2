// What a hub remembers of a device that has left: where the two stood, so that both can begin again
// with a few bytes while that is still true. A session says it at its end; the shell keeps it, in
// memory alone, and gives it to the session of that device's next call. Forgetting it costs bytes
// and nothing else; so does one that has become wrong: the device asks for it by a name that is of
// where it stands, and the hub looks it up as after any Hello. Pure.
#pragma once

#include <optional>

#include "engine/core/key_agreement.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

struct Parting {
  Hello hello;             ///< what the device says next if nothing has changed there
  PublicKey key;           ///< the device's
  Fingerprint schema;      ///< the hub's newest, as the device was told
  Position granted_since;  ///< of the grants that it was told
};

/// Who called, and what is remembered of that device.
struct Recognised {
  Caller caller;
  Parting parting;
  Nonce secret;  ///< fresh random, for the hub's own key of this connection
};

/// What a device says before anything else, and what it has to go on with.
struct Calling {
  Caller caller;
  Fingerprint standing;  ///< that the caller's name is of
  CallKeys keys;         ///< Caller::fresh and what belongs to it
};

/// Of all that Hello says but for the signature, the clocks within one boot, and free bytes.
[[nodiscard]] Fingerprint standing_of(Hello hello);

/// By which a hub finds what it remembers; nullopt: the two have no key in common.
[[nodiscard]] std::optional<CallerName> name_of(const Parting& parting, const KeyPair& hub);
/// nullopt likewise. `secret` is fresh random.
[[nodiscard]] std::optional<Calling> calling_of(Hello hello, const KeyPair& own,
                                                const PublicKey& hub_key, const Nonce& secret);

/// `key` is call_key() of this connection, here and below; `fresh` the hub's, as it shows it.
[[nodiscard]] Remembered remembered_of(const Call& call, const SharedKey& key,
                                       const CallKey& fresh);
/// The Challenge that a device may answer with a whole Hello as well: Remembered stands for it.
/// Without a signature.
[[nodiscard]] Challenge challenge_on(const Call& call, const PublicKey& hub_key,
                                     const Remembered& said);

/// Errors: hub_untrusted, version_unsupported.
[[nodiscard]] Status check_remembered(const Remembered& said, const Call& call,
                                      const SharedKey& key);
/// What the device says when its Hello is the one that is expected.
[[nodiscard]] Again again_of(const Hello& hello, bool live, const Call& call,
                             const Remembered& answered, const SharedKey& key);

/// Error: wrong_key.
[[nodiscard]] Status check_again(const Again& said, const Call& call, const Remembered& answered,
                                 const SharedKey& key);
/// What it stands for.
[[nodiscard]] Hello hello_of(const Parting& parting, const Again& said);
[[nodiscard]] Pull pull_of(const Hello& hello, const Again& said);

/// Whether Welcome would say only what the device knows.
[[nodiscard]] bool is_as_before(const Welcome& welcome, const Hello& hello, const Parting& parting,
                                Position granted_since);

}  // namespace doorstep
