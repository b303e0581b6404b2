// Challenge, Enrol, Enrolled, Hello, Welcome, Fork, Forked, Restored, and the texts that are
// signed.
#include "engine/wire/message_codec.hpp"
#include "engine/wire/parts.hpp"

namespace doorstep {
void write_fields(CborWriter& writer, const Challenge& message) {
  writer.number(message.version_min);
  writer.number(message.version_max);
  writer.id(message.hub);
  writer.id(message.hub_key);
  writer.id(message.nonce);
  writer.id(message.signature);
}

void read_fields(CborReader& reader, Challenge& message) {
  message.version_min = read_version(reader);
  message.version_max = read_version(reader);
  message.hub = reader.id<HubId>();
  message.hub_key = reader.id<PublicKey>();
  message.nonce = reader.id<Nonce>();
  message.signature = reader.id<Signature>();
}

void write_fields(CborWriter& writer, const Enrol& message) {
  writer.number(message.version_min);
  writer.number(message.version_max);
  writer.bytes(message.secret);
  writer.id(message.device);
  writer.id(message.key);
  writer.id(message.signature);
  write(writer, message.clock);
}

void read_fields(CborReader& reader, Enrol& message) {
  message.version_min = read_version(reader);
  message.version_max = read_version(reader);
  const ByteView secret = reader.bytes();
  message.secret.assign(secret.begin(), secret.end());
  message.device = reader.id<DeviceId>();
  message.key = reader.id<PublicKey>();
  message.signature = reader.id<Signature>();
  message.clock = read_clock_probe(reader);
}

void write_fields(CborWriter& writer, const Enrolled& message) {
  writer.id(message.hub);
  writer.text(message.hub_name);
  writer.text(message.device_name);
  writer.text(message.role);
  write(writer, message.scopes);
  writer.text(message.schema);
  write(writer, message.now);
}

void read_fields(CborReader& reader, Enrolled& message) {
  message.hub = reader.id<HubId>();
  message.hub_name = reader.text();
  message.device_name = reader.text();
  message.role = read_name(reader);
  message.scopes = read_scopes(reader);
  message.schema = reader.text(limits::schema_bytes_max);
  message.now = read_instant(reader);
}

void write_fields(CborWriter& writer, const Hello& message) {
  writer.number(message.version_min);
  writer.number(message.version_max);
  writer.id(message.device);
  writer.id(message.signature);
  writer.id(message.schema);
  writer.id(message.hub);
  write(writer, message.cursor);
  writer.id(message.token);
  write(writer, message.last);
  write(writer, message.clock);
  writer.text(message.software);
  writer.number(message.pending);
  writer.id(message.holds);
  if (message.schema_held == message.schema) {
    writer.null();
  } else {
    writer.id(message.schema_held);
  }
  write(writer, message.recovering);
  write_optional(writer, message.free_bytes);
  write_optional(writer, message.answer_bytes);
  writer.id(message.digests);
}

void read_fields(CborReader& reader, Hello& message) {
  message.version_min = read_version(reader);
  message.version_max = read_version(reader);
  message.device = reader.id<DeviceId>();
  message.signature = reader.id<Signature>();
  message.schema = reader.id<Fingerprint>();
  message.hub = reader.id<HubId>();
  message.cursor = read_position(reader);
  message.token = reader.id<CommitToken>();
  message.last = read_sequence(reader);
  message.clock = read_clock_probe(reader);
  message.software = reader.text(limits::name_bytes_max);
  message.pending = reader.number();
  message.holds = reader.id<Fingerprint>();
  message.schema_held = message.schema;
  if (!reader.take_null()) {
    message.schema_held = reader.id<Fingerprint>();
    if (message.schema_held == message.schema) reader.fail_malformed("a schema named twice");
  }
  message.recovering = read_sequence(reader);
  message.free_bytes = read_free_bytes(reader);
  if (!reader.take_null()) message.answer_bytes = reader.number();
  message.digests = reader.id<Hash>();
}

void write_fields(CborWriter& writer, const Welcome& message) {
  writer.number(message.version);
  writer.number(message.epoch);
  write(writer, message.now);
  write(writer, message.merged);
  writer.id(message.head);
  write(writer, message.scopes);
  writer.id(message.schema);
  writer.number(message.push_bytes);
  if (message.visible) {
    write(writer, *message.visible);
  } else {
    writer.null();
  }
  writer.boolean(message.schema_known);
  writer.text(message.schema_text);
}

void read_fields(CborReader& reader, Welcome& message) {
  message.version = read_version(reader);
  message.epoch = reader.number();
  message.now = read_instant(reader);
  message.merged = read_sequence(reader);
  message.head = reader.id<Hash>();
  message.scopes = read_scopes(reader);
  message.schema = reader.id<Fingerprint>();
  message.push_bytes = reader.number();
  if (!reader.take_null()) message.visible = read_scopes(reader);
  message.schema_known = reader.boolean();
  message.schema_text = reader.text(limits::schema_bytes_max);
}

void write_fields(CborWriter& writer, const Fork& message) {
  writer.id(message.successor);
  writer.id(message.key);
  writer.id(message.signature);
}

void read_fields(CborReader& reader, Fork& message) {
  message.successor = reader.id<DeviceId>();
  message.key = reader.id<PublicKey>();
  message.signature = reader.id<Signature>();
}

void write_fields(CborWriter& writer, const Forked& message) { writer.id(message.successor); }

void read_fields(CborReader& reader, Forked& message) { message.successor = reader.id<DeviceId>(); }

void write_fields(CborWriter& writer, const Restored& message) {
  writer.number(message.epoch);
  write(writer, message.at);
  writer.id(message.token);
  write(writer, message.merged);
  writer.id(message.head);
  writer.boolean(message.reset);
}

void read_fields(CborReader& reader, Restored& message) {
  message.epoch = reader.number();
  message.at = read_position(reader);
  message.token = reader.id<CommitToken>();
  message.merged = read_sequence(reader);
  message.head = reader.id<Hash>();
  message.reset = reader.boolean();
}

namespace {

/// What every signed text begins with: the words that keep it from being taken for another one, and
/// the connection that it is said on. `more` elements follow.
CborWriter text_on(const Challenge& challenge, ByteView binding, std::string_view words,
                   std::size_t more) {
  CborWriter writer;
  writer.array(7 + more);
  writer.text(words);
  writer.number(challenge.version_min);
  writer.number(challenge.version_max);
  writer.id(challenge.hub);
  writer.id(challenge.hub_key);
  writer.id(challenge.nonce);
  writer.bytes(binding);
  return writer;
}

}  // namespace

Bytes challenge_text(const Challenge& challenge, ByteView binding) {
  return text_on(challenge, binding, "doorstep challenge", 0).take();
}

Bytes proof_text(const Challenge& challenge, ByteView binding, const DeviceId& device) {
  CborWriter writer = text_on(challenge, binding, "doorstep proof", 1);
  writer.id(device);
  return writer.take();
}

Bytes fork_text(const Challenge& challenge, ByteView binding, const DeviceId& device,
                const DeviceId& successor) {
  CborWriter writer = text_on(challenge, binding, "doorstep fork", 2);
  writer.id(device);
  writer.id(successor);
  return writer.take();
}

}  // namespace doorstep
