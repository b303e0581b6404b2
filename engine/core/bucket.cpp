#include "engine/core/bucket.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/core/digest.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {

namespace {
constexpr unsigned hash_bits = 64;
}

std::uint8_t bucket_bits_for(std::uint64_t rows) {
  const std::uint64_t buckets = rows / limits::bucket_rows_target;
  const auto bits = static_cast<unsigned>(std::bit_width(buckets));
  return static_cast<std::uint8_t>(std::min<unsigned>(bits, limits::bucket_bits_max));
}

std::uint32_t bucket_of(const Table& table, const RowId& row, std::uint8_t bits) {
  DS_ASSERT(bits <= limits::bucket_bits_max);
  if (bits == 0) return 0;
  return static_cast<std::uint32_t>(digest_of_key(table, row).high >> (hash_bits - bits));
}

void add_to_bucket(const Table& table, const RowId& row, const RowImage& image, BucketSums& sums) {
  DS_ASSERT(sums.sums.size() == std::size_t{1} << sums.bits);
  sums.sums[bucket_of(table, row, sums.bits)] += digest_of_row(table, row, image).low;
}

const BucketSums* find_sums(std::span<const BucketSums> sums, std::string_view table) {
  const auto found = std::find_if(sums.begin(), sums.end(),
                                  [&](const BucketSums& one) { return one.table == table; });
  return found == sums.end() ? nullptr : &*found;
}

BucketList differing_buckets(const BucketSums& one, const BucketSums& other) {
  BucketList list{one.table, one.bits, {}};
  for (std::size_t i = 0; i < one.sums.size(); ++i) {
    if (one.sums[i] != other.sums[i]) list.buckets.push_back(static_cast<std::uint32_t>(i));
  }
  return list;
}

RefillCover::RefillCover(const Schema& schema, const Refill& refill) : schema_(schema) {
  for (const BucketList& list : refill.tables) {
    const auto table = schema.find_table(list.table);
    if (!table) continue;
    Part& part = tables_[*table];
    part.bits = list.bits;
    part.wanted.assign(std::size_t{1} << list.bits, false);
    for (const std::uint32_t bucket : list.buckets) {
      if (bucket < part.wanted.size()) part.wanted[bucket] = true;
    }
  }
}

std::string_view name_of(RowDifference::Kind kind) {
  switch (kind) {
    case RowDifference::Kind::missing:
      return "missing";
    case RowDifference::Kind::surplus:
      return "surplus";
    case RowDifference::Kind::changed:
      return "changed";
  }
  return "";
}

std::vector<std::string> columns_differing(const Table& table, const RowImage& one,
                                           const RowImage& other) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (one.values[i] != other.values[i]) names.push_back(table.columns[i].name);
  }
  return names;
}

void TableDifference::add(const RowId& row, RowDifference::Kind kind,
                          std::vector<std::string> columns) {
  switch (kind) {
    case RowDifference::Kind::missing:
      ++missing;
      break;
    case RowDifference::Kind::surplus:
      ++surplus;
      break;
    case RowDifference::Kind::changed:
      ++changed;
      break;
  }
  if (rows.size() < limits::healed_rows_max) rows.push_back({row, kind, std::move(columns)});
}

bool RefillCover::covers(const RowKey& key) const {
  const auto found = tables_.find(key.table);
  if (found == tables_.end()) return false;
  return found->second.wanted[bucket_of(schema_.table(key.table), key.row, found->second.bits)];
}

}  // namespace doorstep
