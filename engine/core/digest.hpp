// Order-free digests of rows (SEMANTICS E1): a sum modulo 2^128 over cells of
// H(table name, row key, column name, canonical value). NULL and absent cells count zero; the key
// counts as a cell of its own, so that a row of NULLs is seen. Equal digests mean equal rows
// against accidents, not against an attacker who can choose values. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/core/schema_view.hpp"

namespace doorstep {

/// A number modulo 2^128.
struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const Digest&, const Digest&) = default;
  Digest& operator+=(const Digest& other);
  Digest& operator-=(const Digest& other);
  [[nodiscard]] std::string hex() const;                     ///< 32 digits, high half first
  [[nodiscard]] std::array<std::uint8_t, 16> bytes() const;  ///< big-endian
  [[nodiscard]] static Digest from(const std::array<std::uint8_t, 16>& bytes);
};

/// Of one cell; zero for NULL. The hashed bytes are: table name, 0, column name, 0, key length (1
/// byte), key, kind (1 byte), then integer or real as 8 bytes big-endian, or the text or blob
/// itself.
[[nodiscard]] Digest digest_of_cell(std::string_view table, const RowId& row,
                                    std::string_view column, const Value& value);
/// Of the key cell.
[[nodiscard]] Digest digest_of_key(const Table& table, const RowId& row);
/// Of a whole row: its key cell and every column.
[[nodiscard]] Digest digest_of_row(const Table& table, const RowId& row, const RowImage& image);

/// Running sums of one table in one scope: the key's sum first, then one for each column.
using ColumnDigests = std::vector<Digest>;

/// The sum of one table's sums that `view` shows, the key's among them.
[[nodiscard]] Digest sum_shown(const ColumnDigests& sums, TableId table, const SchemaView& view);

/// What a commit adds to the running sums; by scope code and table, so that iteration has one
/// order.
class DigestChanges {
 public:
  /// Takes `before` out of its scope and puts `after` into its own; either may be null or dead.
  void replace(const Schema& schema, const StoredRow* before, const StoredRow* after);
  [[nodiscard]] const std::map<std::pair<ScopeId, TableId>, ColumnDigests>& sums() const {
    return sums_;
  }

 private:
  [[nodiscard]] ColumnDigests& sums_of(const StoredRow& row, const Table& table);
  void add(const Schema& schema, const StoredRow& row, bool positive);
  std::map<std::pair<ScopeId, TableId>, ColumnDigests> sums_;
};

}  // namespace doorstep
