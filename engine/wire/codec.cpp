#include "engine/wire/codec.hpp"

#include "engine/wire/message_codec.hpp"

namespace doorstep {
namespace {

// A message's type number is its place in the variant, counted from 1.
constexpr std::size_t message_types = std::variant_size_v<Message>;

template <std::size_t index = 0>
Result<Message> read_message(CborReader& reader, std::uint64_t type, std::size_t fields) {
  if constexpr (index == message_types) {
    return error(ErrorCode::unexpected_message, "message type " + std::to_string(type));
  } else {
    if (type != index + 1) return read_message<index + 1>(reader, type, fields);
    std::variant_alternative_t<index, Message> message;
    if (fields != field_count(&message)) {
      return error(ErrorCode::malformed, "a message with another number of fields");
    }
    read_fields(reader, message);
    if (!reader.ok()) return reader.error();
    return Message(std::in_place_index<index>, std::move(message));
  }
}

}  // namespace

Bytes encode(const Message& message) {
  CborWriter writer;
  std::visit(
      [&](const auto& fields) {
        writer.array(field_count(&fields) + 1);
        writer.number(message.index() + 1);
        write_fields(writer, fields);
      },
      message);
  return writer.take();
}

Result<Message> decode(ByteView bytes) {
  DS_ASSIGN(CborReader reader, CborReader::open(bytes, limits::message_bytes_max));
  const std::size_t elements = reader.array();
  const std::uint64_t type = reader.number();
  if (!reader.ok()) return reader.error();
  return read_message(reader, type, elements - 1);
}

}  // namespace doorstep
