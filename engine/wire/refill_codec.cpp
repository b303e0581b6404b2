#include "engine/wire/refill_codec.hpp"

#include "engine/core/limits.hpp"
#include "engine/wire/parts.hpp"

namespace doorstep {
namespace {

constexpr std::size_t sum_bytes = 8;

std::uint8_t read_bits(CborReader& reader) {
  return static_cast<std::uint8_t>(reader.number(limits::bucket_bits_max));
}

BucketSums read_table_sums(CborReader& reader) {
  BucketSums table;
  reader.array_of(3);
  table.table = read_name(reader);
  table.bits = read_bits(reader);
  const ByteView bytes = reader.bytes();
  if (bytes.size() != sum_bytes << table.bits) {
    reader.fail_malformed("another number of sums than buckets");
    return table;
  }
  table.sums.resize(bytes.size() / sum_bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint64_t& sum = table.sums[i / sum_bytes];
    sum = sum << 8U | bytes[i];
  }
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
    Bytes bytes;
    bytes.reserve(table.sums.size() * sum_bytes);
    for (const std::uint64_t sum : table.sums) {
      for (unsigned i = 0; i < sum_bytes; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(sum >> (8U * (sum_bytes - 1 - i))));
      }
    }
    writer.array(3);
    writer.text(table.table);
    writer.number(table.bits);
    writer.bytes(bytes);
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
  for (const BucketList& list : refill->tables) {
    writer.array(3);
    writer.text(list.table);
    writer.number(list.bits);
    writer.array(list.buckets.size());
    for (const std::uint32_t bucket : list.buckets) writer.number(bucket);
  }
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
