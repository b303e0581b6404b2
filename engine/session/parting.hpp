// What a hub remembers of a device that has left: where the two stood, so that both can begin again
// with a few bytes while that is still true. A session says it at its end; the shell keeps it, in
// memory alone, and gives it to the session of that device's next call. Forgetting it costs bytes
// and nothing else; so does one that has become wrong, for both sides compare before they use it.
// Pure.
#pragma once

#include <optional>

#include "engine/core/hash.hpp"
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
};

/// Of all that Hello says but for the signature, the clocks within one boot, and free bytes.
[[nodiscard]] Fingerprint standing_of(Hello hello);

/// `key` is shared_key() of both sides' keys, here and below.
[[nodiscard]] Remembered remembered_of(const Recognised& known, const Call& call,
                                       const SharedKey& key, const CallNonce& nonce);
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
