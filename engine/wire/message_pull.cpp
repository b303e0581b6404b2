// Pull, Credit and Changes.
#include <array>
#include <limits>

#include "engine/core/hash.hpp"
#include "engine/wire/conflict_codec.hpp"
#include "engine/wire/message_codec.hpp"
#include "engine/wire/parts.hpp"
#include "engine/wire/refill_codec.hpp"
#include "engine/wire/row_block_codec.hpp"

namespace doorstep {
namespace {

std::uint32_t read_count(CborReader& reader) {
  return static_cast<std::uint32_t>(reader.number(std::numeric_limits<std::uint32_t>::max()));
}

void write(CborWriter& writer, const RemovalBlock& block) {
  writer.array(4);
  writer.text(block.table);
  write(writer, block.scope);
  if (block.to) {
    write(writer, *block.to);
  } else {
    writer.null();
  }
  write_keys(writer, pointers_to(block.rows));
}

RemovalBlock read_removals(CborReader& reader, std::size_t& rows_left) {
  RemovalBlock block;
  reader.array_of(4);
  block.table = read_name(reader);
  block.scope = read_scope(reader);
  if (!reader.take_null()) block.to = read_scope(reader);
  block.rows = read_keys(reader, rows_left);
  rows_left -= block.rows.size();
  return block;
}

void write(CborWriter& writer, std::span<const Checkpoint::ScopeDigest> digests) {
  writer.array(digests.size());
  for (const Checkpoint::ScopeDigest& entry : digests) {
    writer.array(2);
    write(writer, entry.scope);
    writer.bytes(entry.digest.bytes());
  }
}

// A position has nine bytes, the way from one checkpoint to the next one or two.
void write(CborWriter& writer, const Checkpoint& checkpoint, Position from) {
  writer.array(7);
  writer.integer(static_cast<std::int64_t>(checkpoint.position.value - from.value));
  if (checkpoint.position == from) {
    writer.null();
  } else {
    writer.id(checkpoint.token);
  }
  write(writer, checkpoint.included);
  write(writer, checkpoint.upstream_durable);
  write(writer, checkpoint.backed_up);
  write(writer, checkpoint.digests);
  writer.boolean(checkpoint.others_stand);
}

void write(CborWriter& writer, const LeftOut& left_out) {
  if (left_out.rows == 0) return writer.null();
  writer.array(2);
  writer.number(left_out.rows);
  writer.number(left_out.keys);
}

LeftOut read_left_out(CborReader& reader) {
  LeftOut left_out;
  if (reader.take_null()) return left_out;
  reader.array_of(2);
  left_out.rows = reader.number();
  left_out.keys = reader.number();
  if (left_out.rows == 0) reader.fail_malformed("no rows are left out");
  return left_out;
}

Digest read_digest(CborReader& reader) {
  const ByteView bytes = reader.bytes();
  std::array<std::uint8_t, 16> digest{};
  if (bytes.size() != digest.size()) {
    reader.fail_malformed("a digest of the wrong length");
  } else {
    std::copy(bytes.begin(), bytes.end(), digest.begin());
  }
  return Digest::from(digest);
}

Position read_position_after(CborReader& reader, Position from) {
  const auto way = static_cast<std::uint64_t>(reader.integer());
  const Position position{from.value + way};
  if (position.value >> 63U != 0) reader.fail_malformed("a checkpoint beyond all positions");
  return position;
}

Checkpoint read_checkpoint(CborReader& reader, Position from) {
  Checkpoint checkpoint;
  reader.array_of(7);
  checkpoint.position = read_position_after(reader, from);
  if (checkpoint.position != from) {
    checkpoint.token = reader.id<CommitToken>();
  } else if (!reader.take_null()) {
    reader.fail_malformed("a token that the device has");
  }
  checkpoint.included = read_sequence(reader);
  checkpoint.upstream_durable = read_position(reader);
  checkpoint.backed_up = read_position(reader);
  for (std::size_t left = reader.array(limits::scope_count_max); left > 0 && reader.ok(); --left) {
    Checkpoint::ScopeDigest& entry = checkpoint.digests.emplace_back();
    reader.array_of(2);
    entry.scope = read_scope(reader);
    entry.digest = read_digest(reader);
  }
  checkpoint.others_stand = reader.boolean();
  return checkpoint;
}

}  // namespace

Hash digests_hash(std::span<const Checkpoint::ScopeDigest> digests) {
  if (digests.empty()) return {};
  CborWriter writer;
  write(writer, digests);
  const Bytes bytes = writer.take();
  const std::array<ByteView, 1> parts{bytes};
  return hash_of(parts);
}

void write_fields(CborWriter& writer, const Pull& message) {
  write(writer, message.cursor);
  if (message.scan) {
    write(writer, *message.scan);
  } else {
    writer.null();
  }
  write(writer, message.include);
  writer.boolean(message.live);
  writer.number(message.credit);
  writer.id(message.holds);
  write(writer, message.new_scopes);
  writer.array(message.new_columns.size());
  for (const NewColumn& one : message.new_columns) {
    writer.array(2);
    writer.text(one.table);
    writer.text(one.column);
  }
  if (message.sums) {
    write(writer, *message.sums);
  } else {
    writer.null();
  }
  write(writer, message.refill);
  writer.boolean(message.own_left_out);
}

void read_fields(CborReader& reader, Pull& message) {
  message.cursor = read_position(reader);
  if (!reader.take_null()) message.scan = read_scan_point(reader);
  message.include = read_sequence(reader);
  message.live = reader.boolean();
  message.credit = read_count(reader);
  message.holds = reader.id<Fingerprint>();
  message.new_scopes = read_scopes(reader);
  constexpr std::size_t columns_max = limits::table_count_max * limits::column_count_max;
  for (std::size_t left = reader.array(columns_max); left > 0 && reader.ok(); --left) {
    NewColumn& one = message.new_columns.emplace_back();
    reader.array_of(2);
    one.table = read_name(reader);
    one.column = read_name(reader);
  }
  if (!reader.take_null()) message.sums = read_sums(reader);
  message.refill = read_refill(reader);
  message.own_left_out = reader.boolean();
}

void write_fields(CborWriter& writer, const Credit& message) {
  writer.number(message.messages);
  write_optional(writer, message.answer_bytes);
}

void read_fields(CborReader& reader, Credit& message) {
  message.messages = read_count(reader);
  if (!reader.take_null()) message.answer_bytes = reader.number();
}

void write_fields(CborWriter& writer, const Changes& message) {
  DictionaryBudget budget;
  write(writer, message.from);
  writer.array(message.removals.size());
  for (const RemovalBlock& block : message.removals) write(writer, block);
  writer.array(message.rows.size());
  for (const RowBlock& block : message.rows) write(writer, block, budget);
  write(writer, message.conflicts, budget);
  if (message.next) {
    write(writer, *message.next);
  } else {
    writer.null();
  }
  if (message.checkpoint) {
    write(writer, *message.checkpoint, message.from);
  } else {
    writer.null();
  }
  writer.number(message.remaining);
  write(writer, message.refill);
  write(writer, message.own_left_out);
}

void read_fields(CborReader& reader, Changes& message) {
  DictionaryBudget budget;
  std::size_t rows_left = limits::changes_rows_accepted_max;
  message.from = read_position(reader);
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    message.removals.push_back(read_removals(reader, rows_left));
  }
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    message.rows.push_back(read_rows(reader, rows_left, budget));
  }
  message.conflicts = read_conflicts(reader, budget);
  if (!reader.take_null()) message.next = read_scan_point(reader);
  if (!reader.take_null()) message.checkpoint = read_checkpoint(reader, message.from);
  message.remaining = reader.number();
  message.refill = read_refill(reader);
  message.own_left_out = read_left_out(reader);
}

}  // namespace doorstep
