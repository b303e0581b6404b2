// Push, Ack, Busy, ErrorMessage, Restart and OverBudget.
#include <limits>

#include "engine/wire/cbor_check.hpp"
#include "engine/wire/cbor_item.hpp"
#include "engine/wire/message_codec.hpp"
#include "engine/wire/parts.hpp"

namespace doorstep {
namespace {

// As many as a push may have of these stay below limits::cbor_items_max.
constexpr std::size_t in_place_bytes_max = 2048;
static_assert(in_place_bytes_max * limits::push_transactions_max < limits::cbor_items_max);
constexpr std::size_t arrays_around_body = 2;

// A hot path: as a byte string, a visit alone in its transaction was 3 bytes longer when sent (the
// length, which hardly ever is that of the one before, cuts what compression finds again in two).
void write_body(CborWriter& writer, const Bytes& body) {
  CborItem first;
  const bool in_place =
      next_item(body, first) && first.kind == CborItem::Kind::array &&
      check_cbor(body, in_place_bytes_max, limits::cbor_depth_max - arrays_around_body).ok();
  return in_place ? writer.item(body) : writer.bytes(body);
}

ByteView read_body(CborReader& reader) {
  return reader.peek() == CborItem::Kind::array ? reader.item() : reader.bytes();
}

}  // namespace

void write_fields(CborWriter& writer, const Push& message) {
  write(writer, message.first);
  writer.array(message.bodies.size());
  for (const Bytes& body : message.bodies) write_body(writer, body);
  writer.id(message.head);
  writer.array(message.was.size());
  for (const Position was : message.was) write(writer, was);
  if (message.missing) {
    writer.id(*message.missing);
  } else {
    writer.null();
  }
}

void read_fields(CborReader& reader, Push& message) {
  message.first = read_sequence(reader);
  for (std::size_t left = reader.array(limits::push_transactions_max); left > 0 && reader.ok();
       --left) {
    const ByteView body = read_body(reader);
    if (body.size() > limits::transaction_bytes_max) {
      reader.fail(error(ErrorCode::message_too_large, "a transaction larger than the limit"));
    }
    message.bodies.emplace_back(body.begin(), body.end());
  }
  message.head = reader.id<Hash>();
  for (std::size_t left = reader.array(limits::push_transactions_max); left > 0 && reader.ok();
       --left) {
    message.was.push_back(read_position(reader));
  }
  if (!message.was.empty() && message.was.size() != message.bodies.size()) {
    reader.fail_malformed("old positions of another number of transactions");
  }
  if (!reader.take_null()) message.missing = reader.id<Hash>();
}

void write_fields(CborWriter& writer, const Ack& message) {
  write(writer, message.through);
  write(writer, message.now);
  writer.array(message.items.size());
  for (const Ack::Item& item : message.items) {
    writer.array(2);
    write(writer, item.sequence);
    write(writer, item.outcome);
  }
  write(writer, message.position);
}

void read_fields(CborReader& reader, Ack& message) {
  message.through = read_sequence(reader);
  message.now = read_instant(reader);
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    Ack::Item& item = message.items.emplace_back();
    reader.array_of(2);
    item.sequence = read_sequence(reader);
    item.outcome = read_outcome(reader);
  }
  message.position = read_position(reader);
}

void write_fields(CborWriter& writer, const Busy& message) {
  writer.number(message.retry_after_ms);
}

void read_fields(CborReader& reader, Busy& message) {
  message.retry_after_ms =
      static_cast<std::uint32_t>(reader.number(std::numeric_limits<std::uint32_t>::max()));
}

void write_fields(CborWriter& writer, const Restart& message) { writer.boolean(message.reconcile); }

void read_fields(CborReader& reader, Restart& message) { message.reconcile = reader.boolean(); }

void write_fields(CborWriter& writer, const OverBudget& message) {
  writer.number(message.bytes);
  write_optional(writer, message.rows);
}

void read_fields(CborReader& reader, OverBudget& message) {
  message.bytes = reader.number();
  if (!reader.take_null()) message.rows = reader.number();
}

void write_fields(CborWriter& writer, const ErrorMessage& message) {
  writer.number(message.code);
  writer.text(message.detail);
}

void read_fields(CborReader& reader, ErrorMessage& message) {
  message.code = reader.number();
  message.detail = reader.text();
}

}  // namespace doorstep
