// Remembered, Again, AsBefore, the texts that they prove, and a caller as text.
#include "engine/core/hash.hpp"
#include "engine/wire/message_codec.hpp"
#include "engine/wire/parts.hpp"

namespace doorstep {
namespace {

// What Hello says in bytes is a signed number there.
constexpr std::uint64_t free_mib_max = (std::uint64_t{1} << 43U) - 1;

CborWriter text_on(const Call& call, const Remembered& said, std::string_view words,
                   std::size_t more) {
  CborWriter writer;
  writer.array(8 + more);
  writer.text(words);
  writer.number(said.version_min);
  writer.number(said.version_max);
  writer.id(call.hub);
  writer.id(call.device);
  writer.id(call.fresh);
  writer.id(said.fresh);
  writer.bytes(call.binding);
  return writer;
}

}  // namespace

std::string text_of(const Caller& caller) { return caller.name.hex() + caller.fresh.hex(); }

std::optional<Caller> read_caller(std::string_view text) {
  constexpr std::size_t size = CallerName::size + CallKey::size;
  if (text.size() != 2 * size) return std::nullopt;
  const auto bytes = from_hex(text);
  if (!bytes) return std::nullopt;
  const ByteView view(*bytes);
  return Caller{*CallerName::from(view.first(CallerName::size)),
                *CallKey::from(view.subspan(CallerName::size))};
}

CallerName caller_name(const SharedKey& key, const Fingerprint& standing) {
  constexpr std::string_view domain = "doorstep caller";
  Bytes text(domain.begin(), domain.end());
  text.insert(text.end(), standing.bytes.begin(), standing.bytes.end());
  return {keyed_hash(key, text).bytes};
}

void write_fields(CborWriter& writer, const Remembered& message) {
  writer.number(message.version_min);
  writer.number(message.version_max);
  writer.id(message.fresh);
  writer.id(message.proof);
}

void read_fields(CborReader& reader, Remembered& message) {
  message.version_min = read_version(reader);
  message.version_max = read_version(reader);
  message.fresh = reader.id<CallKey>();
  message.proof = reader.id<Hash>();
}

void write_fields(CborWriter& writer, const Again& message) {
  writer.id(message.proof);
  writer.integer(message.wall_ms);
  writer.integer(message.boot_ms);
  write_optional(writer, message.free_mib);
  writer.boolean(message.live);
}

void read_fields(CborReader& reader, Again& message) {
  message.proof = reader.id<Hash>();
  message.wall_ms = reader.integer();
  message.boot_ms = reader.integer();
  if (!reader.take_null()) message.free_mib = reader.number(free_mib_max);
  message.live = reader.boolean();
}

void write_fields(CborWriter& writer, const AsBefore& message) {
  write(writer, message.now);
  write_optional(writer, message.push_bytes);
}

void read_fields(CborReader& reader, AsBefore& message) {
  message.now = read_instant(reader);
  if (!reader.take_null()) message.push_bytes = reader.number();
}

Bytes remembered_text(const Call& call, const Remembered& said) {
  return text_on(call, said, "doorstep remembered", 0).take();
}

Bytes again_text(const Call& call, const Remembered& answered, const Again& said) {
  CborWriter writer = text_on(call, answered, "doorstep again", 4);
  writer.integer(said.wall_ms);
  writer.integer(said.boot_ms);
  write_optional(writer, said.free_mib);
  writer.boolean(said.live);
  return writer.take();
}

}  // namespace doorstep
