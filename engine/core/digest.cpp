#include "engine/core/digest.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "engine/core/assert.hpp"
#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

/// What a cell counts by, in one piece of memory: on the stack unless it is long. With a vector the
/// cells of a merged row took 10,700 instructions, so 7,500, and since short_hash() is XXH3 4,300.
class CellInput {
 public:
  explicit CellInput(std::size_t size) {
    if (size > small_.size()) large_.resize(size);
    out_ = large_.empty() ? std::span<std::uint8_t>(small_) : std::span<std::uint8_t>(large_);
  }
  void add(ByteView bytes) {
    if (bytes.empty()) return;
    std::memcpy(out_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }
  void add(std::uint8_t byte) { out_[used_++] = byte; }
  void add_big_endian(std::uint64_t number) {
    if (std::endian::native == std::endian::little) number = __builtin_bswap64(number);
    std::memcpy(out_.data() + used_, &number, sizeof number);
    used_ += sizeof number;
  }
  void add(const Value& value) {
    switch (value.kind()) {
      case Value::Kind::null:
        return;
      case Value::Kind::integer:
        return add_big_endian(static_cast<std::uint64_t>(value.as_integer()));
      case Value::Kind::real:
        return add_big_endian(std::bit_cast<std::uint64_t>(value.as_real()));
      case Value::Kind::text:
        return add(bytes_of(value.as_text()));
      case Value::Kind::blob:
        return add(value.as_blob());
    }
  }
  [[nodiscard]] ByteView bytes() const { return out_.first(used_); }

 private:
  std::array<std::uint8_t, 512> small_;
  Bytes large_;
  std::span<std::uint8_t> out_;
  std::size_t used_ = 0;
};

std::uint64_t read_big_endian(const std::array<std::uint8_t, 16>& bytes, std::size_t at) {
  std::uint64_t out = 0;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return std::endian::native == std::endian::little ? __builtin_bswap64(out) : out;
}

}  // namespace

Digest& Digest::operator+=(const Digest& other) {
  low += other.low;
  high += other.high + (low < other.low ? 1U : 0U);
  return *this;
}

Digest& Digest::operator-=(const Digest& other) {
  const std::uint64_t borrow = low < other.low ? 1U : 0U;
  low -= other.low;
  high -= other.high + borrow;
  return *this;
}

std::string Digest::hex() const { return to_hex(bytes()); }

std::array<std::uint8_t, 16> Digest::bytes() const {
  std::array<std::uint8_t, 16> out{};
  for (std::size_t i = 0; i < 8; ++i) {
    out[i] = static_cast<std::uint8_t>(high >> (8U * (7U - i)));
    out[8 + i] = static_cast<std::uint8_t>(low >> (8U * (7U - i)));
  }
  return out;
}

Digest Digest::from(const std::array<std::uint8_t, 16>& bytes) {
  return {read_big_endian(bytes, 0), read_big_endian(bytes, 8)};
}

Digest digest_of_cell(std::string_view table, const RowId& row, std::string_view column,
                      const Value& value) {
  if (value.is_null()) return {};
  CellInput input(table.size() + column.size() + row.view().size() + 4 + value.payload_size());
  input.add(bytes_of(table));
  input.add(std::uint8_t{0});
  input.add(bytes_of(column));
  input.add(std::uint8_t{0});
  input.add(static_cast<std::uint8_t>(row.view().size()));
  input.add(row.view());
  input.add(static_cast<std::uint8_t>(value.kind()));
  input.add(value);
  return Digest::from(short_hash(input.bytes()));
}

Digest digest_of_key(const Table& table, const RowId& row) {
  return digest_of_cell(table.name, row, table.key, value_of_key(table, row));
}

Digest digest_of_row(const Table& table, const RowId& row, const RowImage& image) {
  DS_ASSERT(image.values.size() == table.columns.size());
  Digest sum = digest_of_key(table, row);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    sum += digest_of_cell(table.name, row, table.columns[i].name, image.values[i]);
  }
  return sum;
}

void DigestChanges::replace(const Schema& schema, const StoredRow* before, const StoredRow* after) {
  const bool was = before != nullptr && before->live;
  const bool is = after != nullptr && after->live;
  if (!was || !is || before->scope != after->scope || before->key() != after->key()) {
    if (was) add(schema, *before, false);
    if (is) add(schema, *after, true);
    return;
  }
  // In place: unchanged cells would cancel out, so they are not hashed.
  const Table& table = schema.table(after->table);
  if (before->image == after->image) return;
  ColumnDigests& sums = sums_of(*after, table);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Value& old_value = before->image.values[i];
    const Value& new_value = after->image.values[i];
    if (old_value == new_value) continue;
    sums[i + 1] -= digest_of_cell(table.name, after->id, table.columns[i].name, old_value);
    sums[i + 1] += digest_of_cell(table.name, after->id, table.columns[i].name, new_value);
  }
}

ColumnDigests& DigestChanges::sums_of(const StoredRow& row, const Table& table) {
  ColumnDigests& sums = sums_[{row.scope, row.table}];
  sums.resize(table.columns.size() + 1);
  return sums;
}

void DigestChanges::add(const Schema& schema, const StoredRow& row, bool positive) {
  const Table& table = schema.table(row.table);
  DS_ASSERT(row.image.values.size() == table.columns.size());
  ColumnDigests& sums = sums_of(row, table);
  const auto put = [&](std::size_t at, const Digest& cell) {
    if (positive) {
      sums[at] += cell;
    } else {
      sums[at] -= cell;
    }
  };
  put(0, digest_of_key(table, row.id));
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    put(i + 1, digest_of_cell(table.name, row.id, table.columns[i].name, row.image.values[i]));
  }
}

Digest sum_shown(const ColumnDigests& sums, TableId table, const SchemaView& view) {
  Digest total;
  if (!view.shows(table)) return total;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const bool shown = i == 0 || view.shows(table, ColumnId{static_cast<std::uint16_t>(i - 1)});
    if (shown) total += sums[i];
  }
  return total;
}

}  // namespace doorstep
