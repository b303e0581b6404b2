#include "engine/core/digest.hpp"

#include <bit>

#include "engine/core/assert.hpp"
#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

void append(Bytes& out, std::string_view text) {
  const ByteView bytes = bytes_of(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_big_endian(Bytes& out, std::uint64_t number) {
  for (unsigned i = 0; i < 8; ++i)
    out.push_back(static_cast<std::uint8_t>(number >> (8U * (7U - i))));
}

void append_payload(Bytes& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return;
    case Value::Kind::integer:
      return append_big_endian(out, static_cast<std::uint64_t>(value.as_integer()));
    case Value::Kind::real:
      return append_big_endian(out, std::bit_cast<std::uint64_t>(value.as_real()));
    case Value::Kind::text:
      return append(out, value.as_text());
    case Value::Kind::blob:
      return append(out, text_of(value.as_blob()));
  }
}

std::uint64_t read_big_endian(const std::array<std::uint8_t, 16>& bytes, std::size_t at) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8U | bytes[at + i];
  return out;
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
  Bytes input;
  input.reserve(table.size() + column.size() + limits::key_bytes_max + 4 + value.payload_size());
  append(input, table);
  input.push_back(0);
  append(input, column);
  input.push_back(0);
  input.push_back(static_cast<std::uint8_t>(row.view().size()));
  append(input, row.text());
  input.push_back(static_cast<std::uint8_t>(value.kind()));
  append_payload(input, value);
  return Digest::from(short_hash(input));
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
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Value& old_value = before->image.values[i];
    const Value& new_value = after->image.values[i];
    if (old_value == new_value) continue;
    ColumnDigests& sums = sums_[{after->scope, after->table}];
    sums.resize(table.columns.size() + 1);
    sums[i + 1] -= digest_of_cell(table.name, after->id, table.columns[i].name, old_value);
    sums[i + 1] += digest_of_cell(table.name, after->id, table.columns[i].name, new_value);
  }
}

void DigestChanges::add(const Schema& schema, const StoredRow& row, bool positive) {
  const Table& table = schema.table(row.table);
  DS_ASSERT(row.image.values.size() == table.columns.size());
  ColumnDigests& sums = sums_[{row.scope, row.table}];
  sums.resize(table.columns.size() + 1);
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
