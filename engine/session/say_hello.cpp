#include "engine/session/say_hello.hpp"

#include "engine/wire/version.hpp"

namespace doorstep {

Hello hello_of(const DeviceState& own, const Fingerprint& schema) {
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
  hello.pending = own.last.value - own.acknowledged.value;
  hello.holds = scopes_fingerprint(own.expected);
  return hello;
}

}  // namespace doorstep
