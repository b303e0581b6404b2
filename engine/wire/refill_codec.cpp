#include "engine/wire/refill_codec.hpp"

#include <algorithm>

#include "engine/core/limits.hpp"
#include "engine/wire/parts.hpp"
#include "engine/wire/row_block_codec.hpp"

namespace doorstep {
namespace {

constexpr std::size_t sum_bytes = 8;

std::uint8_t read_bits(CborReader& reader) {
  return static_cast<std::uint8_t>(reader.number(limits::bucket_bits_max));
}

// Each in 8 bytes.
void write_sums(CborWriter& writer, const std::vector<std::uint64_t>& sums) {
  Bytes bytes;
  bytes.reserve(sums.size() * sum_bytes);
  for (const std::uint64_t sum : sums) {
    for (unsigned i = 0; i < sum_bytes; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(sum >> (8U * (sum_bytes - 1 - i))));
    }
  }
  writer.bytes(bytes);
}

std::vector<std::uint64_t> read_sums(CborReader& reader, std::size_t count) {
  const ByteView bytes = reader.bytes();
  std::vector<std::uint64_t> sums;
  if (bytes.size() != sum_bytes * count) {
    reader.fail_malformed("another number of sums than there are things to sum up");
    return sums;
  }
  sums.resize(count);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint64_t& sum = sums[i / sum_bytes];
    sum = sum << 8U | bytes[i];
  }
  return sums;
}

void write_buckets(CborWriter& writer, const BucketList& list) {
  writer.array(3);
  writer.text(list.table);
  writer.number(list.bits);
  writer.array(list.buckets.size());
  for (const std::uint32_t bucket : list.buckets) writer.number(bucket);
}

BucketSums read_table_sums(CborReader& reader) {
  BucketSums table;
  reader.array_of(3);
  table.table = read_name(reader);
  table.bits = read_bits(reader);
  table.sums = read_sums(reader, std::size_t{1} << table.bits);
  return table;
}

BucketList read_buckets(CborReader& reader) {
  BucketList list;
  reader.array_of(3);
  list.table = read_name(reader);
  list.bits = read_bits(reader);
  const std::uint32_t last = (std::uint32_t{1} << list.bits) - 1;
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    const auto bucket = static_cast<std::uint32_t>(reader.number(last));
    if (!list.buckets.empty() && bucket <= list.buckets.back()) {
      reader.fail_malformed("buckets that do not rise");
    }
    list.buckets.push_back(bucket);
  }
  return list;
}

}  // namespace

void write(CborWriter& writer, const std::vector<BucketSums>& tables) {
  writer.array(tables.size());
  for (const BucketSums& table : tables) {
    writer.array(3);
    writer.text(table.table);
    writer.number(table.bits);
    write_sums(writer, table.sums);
  }
}

std::vector<BucketSums> read_sums(CborReader& reader) {
  std::vector<BucketSums> tables;
  for (std::size_t left = reader.array(limits::table_count_max); left > 0 && reader.ok(); --left) {
    tables.push_back(read_table_sums(reader));
  }
  return tables;
}

void write(CborWriter& writer, const std::optional<Refill>& refill) {
  if (!refill) {
    writer.null();
    return;
  }
  writer.array(2);
  writer.boolean(refill->conflicts);
  writer.array(refill->tables.size());
  for (const BucketList& list : refill->tables) write_buckets(writer, list);
}

void write(CborWriter& writer, const BucketRows& table) {
  writer.array(3);
  write_buckets(writer, table.list);
  write_keys(writer, pointers_to(table.rows));
  write_sums(writer, table.sums);
}

BucketRows read_bucket_rows(CborReader& reader, std::size_t& rows_left) {
  BucketRows table;
  reader.array_of(3);
  table.list = read_buckets(reader);
  table.rows = read_keys(reader, rows_left);
  rows_left -= std::min(rows_left, table.rows.size());
  table.sums = read_sums(reader, table.rows.size());
  return table;
}

std::optional<Refill> read_refill(CborReader& reader) {
  if (reader.take_null()) return std::nullopt;
  Refill refill;
  reader.array_of(2);
  refill.conflicts = reader.boolean();
  for (std::size_t left = reader.array(limits::table_count_max); left > 0 && reader.ok(); --left) {
    refill.tables.push_back(read_buckets(reader));
  }
  return refill;
}

}  // namespace doorstep
