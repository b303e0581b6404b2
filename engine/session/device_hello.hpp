// How a device presents itself on the hub's Challenge. Parts of DeviceSession.
#pragma once

#include "engine/session/device_session.hpp"

namespace doorstep {

/// Who it is, where it stands and what its clocks say now.
/// Without digests and signature.
[[nodiscard]] Hello hello_of(const DeviceState& own, const Fingerprint& schema,
                             const DeviceSession::Options& options);
/// With the digests and without a signature.
[[nodiscard]] Result<Hello> whole_hello(DeviceStore& store, const DeviceState& own,
                                        const DeviceSession::Options& options);

/// That it goes on as its successor. Precondition: it has one.
[[nodiscard]] Fork fork_of(const DeviceState& own, const DeviceSession::Options& options,
                           const Challenge& challenge);

/// A copy was noticed (SEMANTICS C5): whom the replica goes on as is kept. False when that was done
/// before, or cannot be: there is nothing new to come again with.
[[nodiscard]] bool begin_fork(DeviceStore& store, const DeviceSession::Options& options);

}  // namespace doorstep
