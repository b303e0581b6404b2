#include "engine/session/device_hello.hpp"

#include <utility>

#include "engine/wire/version.hpp"

namespace doorstep {

Hello hello_of(const DeviceState& own, const Fingerprint& schema,
               const DeviceSession::Options& options) {
  Hello hello;
  hello.version_min = protocol_version_min;
  hello.version_max = protocol_version_max;
  hello.device = own.device;
  hello.schema = schema;
  hello.schema_held = own.hub_schema;
  hello.hub = own.hub;
  hello.cursor = own.cursor;
  hello.token = own.token;
  hello.last = own.last;
  hello.clock = options.read_clocks();
  hello.software = options.software;
  hello.pending = own.last.value - own.acknowledged.value;
  hello.holds = scopes_fingerprint(own.expected);
  hello.recovering = own.recovering;
  if (options.read_free_bytes) hello.free_bytes = options.read_free_bytes();
  return hello;
}

Result<Hello> whole_hello(DeviceStore& store, const DeviceState& own,
                          const DeviceSession::Options& options) {
  Hello hello = hello_of(own, store.schema().fingerprint(), options);
  DS_ASSIGN(hello.digests, store.digests_held());
  return hello;
}

Result<std::optional<Calling>> calling_now(DeviceStore& store,
                                           const DeviceSession::Options& options,
                                           const Nonce& secret) {
  DS_ASSIGN(const DeviceState own, store.state());
  DS_ASSIGN(Hello hello, whole_hello(store, own, options));
  return calling_of(std::move(hello), own.keys, own.hub_key, secret);
}

Fork fork_of(const DeviceState& own, const DeviceSession::Options& options,
             const Challenge& challenge) {
  DS_ASSERT(own.successor.has_value());
  const Successor& next = *own.successor;
  return {next.device, next.keys.public_key,
          sign(next.keys, fork_text(challenge, options.binding, own.device, next.device))};
}

bool begin_fork(DeviceStore& store, const DeviceSession::Options& options) {
  if (!options.new_identity) return false;
  const auto own = store.state();
  if (!own || own->successor) return false;
  return store.remember_successor(options.new_identity()).ok();
}

}  // namespace doorstep
