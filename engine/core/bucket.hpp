// Buckets of the key, by which two replicas find where their rows differ without sending them
// (SEMANTICS E3). The rows of a table fall into 2^bits buckets by a hash of their keys; a bucket's
// sum is the sum modulo 2^64 of the low halves of its rows' digests. A sum only finds where to
// look: what decides is the checkpoint's whole digest. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// Of one table: 2^bits sums.
struct BucketSums {
  std::string table;
  std::uint8_t bits = 0;
  std::vector<std::uint64_t> sums;
  friend bool operator==(const BucketSums&, const BucketSums&) = default;
};

/// Some buckets of one table, ascending.
struct BucketList {
  std::string table;
  std::uint8_t bits = 0;
  std::vector<std::uint32_t> buckets;
  friend bool operator==(const BucketList&, const BucketList&) = default;
};

/// Some buckets of one table with the rows that a hub has in them: keys, ascending, and of each the
/// low half of its digest.
struct BucketRows {
  BucketList list;
  std::vector<RowId> rows;
  std::vector<std::uint64_t> sums;
  friend bool operator==(const BucketRows&, const BucketRows&) = default;
};

/// What a hub states anew: the rows that follow are all that these buckets hold; with `conflicts`,
/// the conflicts that follow are all that the device may see.
struct Refill {
  bool conflicts = false;
  std::vector<BucketList> tables;
  friend bool operator==(const Refill&, const Refill&) = default;
};

/// So many that a bucket holds about limits::bucket_rows_target of `rows`; at most
/// limits::bucket_bits_max.
[[nodiscard]] std::uint8_t bucket_bits_for(std::uint64_t rows);

/// Precondition: bits <= limits::bucket_bits_max.
[[nodiscard]] std::uint32_t bucket_of(const Table& table, const RowId& row, std::uint8_t bits);

/// Adds a row to the sums of its table. Precondition: `sums` has 2^bits sums.
void add_to_bucket(const Table& table, const RowId& row, const RowImage& image, BucketSums& sums);

/// The sums of that table; null when there are none.
[[nodiscard]] const BucketSums* find_sums(std::span<const BucketSums> sums, std::string_view table);

/// Which buckets differ. Precondition: both are of one table, in as many buckets.
[[nodiscard]] BucketList differing_buckets(const BucketSums& one, const BucketSums& other);

/// Answers quickly whether a row lies in one of the buckets of a refill.
class RefillCover {
 public:
  /// Tables that the schema does not know are left out.
  RefillCover(const Schema& schema, const Refill& refill);
  [[nodiscard]] bool covers(const RowKey& key) const;
  [[nodiscard]] bool names(TableId table) const { return tables_.contains(table); }

 private:
  struct Part {
    std::uint8_t bits = 0;
    std::vector<bool> wanted;
  };
  const Schema& schema_;
  std::map<TableId, Part> tables_;
};

/// Names of the columns in which two rows of a table differ, in its order.
[[nodiscard]] std::vector<std::string> columns_differing(const Table& table, const RowImage& one,
                                                         const RowImage& other);

/// How one row differed from the hub's.
struct RowDifference {
  enum class Kind : std::uint8_t { missing, surplus, changed };
  RowId row;
  Kind kind = Kind::changed;
  std::vector<std::string> columns = {};  ///< of a changed one: which values differed
  friend bool operator==(const RowDifference&, const RowDifference&) = default;
};
[[nodiscard]] std::string_view name_of(RowDifference::Kind kind);

/// How the rows of one table differed from the hub's before they were healed.
struct TableDifference {
  std::string table;
  std::uint64_t missing = 0;             ///< at the hub only
  std::uint64_t surplus = 0;             ///< here only
  std::uint64_t changed = 0;             ///< other values
  std::vector<RowDifference> rows = {};  ///< which, at most limits::healed_rows_max
  /// Counts it, and names it while there is room.
  void add(const RowId& row, RowDifference::Kind kind, std::vector<std::string> columns = {});
  [[nodiscard]] std::uint64_t count() const { return missing + surplus + changed; }
  friend bool operator==(const TableDifference&, const TableDifference&) = default;
};

}  // namespace doorstep
