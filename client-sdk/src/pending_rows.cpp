#include "client-sdk/src/pending_rows.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "engine/core/hash.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

void put_number(Bytes& out, std::uint64_t number) {
  while (number >= 0x80U) {
    out.push_back(static_cast<std::uint8_t>(number | 0x80U));
    number >>= 7U;
  }
  out.push_back(static_cast<std::uint8_t>(number));
}

/// Reads what put_number and put_text wrote; `ok` turns false at the first damaged byte.
struct Reader {
  ByteView bytes;
  bool ok = true;

  [[nodiscard]] bool at_end() const { return bytes.empty() || !ok; }
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64U; shift += 7U) {
      if (bytes.empty()) break;
      const std::uint8_t byte = bytes.front();
      bytes = bytes.subspan(1);
      out |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80U) return out;
    }
    ok = false;
    return 0;
  }
  std::string_view text() {
    const std::uint64_t size = number();
    if (!ok || size > bytes.size()) {
      ok = false;
      return {};
    }
    const auto out = text_of(bytes.first(static_cast<std::size_t>(size)));
    bytes = bytes.subspan(static_cast<std::size_t>(size));
    return out;
  }
};

// Deltas, so that a row edited in every transaction of a month costs a byte each.
Bytes encode_sequences(std::span<const Sequence> sequences) {
  Bytes out;
  std::uint64_t before = 0;
  for (const Sequence sequence : sequences) {
    put_number(out, sequence.value - before);
    before = sequence.value;
  }
  return out;
}

Result<std::vector<Sequence>> decode_sequences(ByteView bytes) {
  std::vector<Sequence> out;
  Reader reader{bytes};
  std::uint64_t before = 0;
  while (!reader.at_end()) out.push_back(Sequence{before += reader.number()});
  if (!reader.ok) return error(ErrorCode::corrupt, "ds_pending: sequences");
  return out;
}

void put_text(Bytes& out, std::string_view text) {
  put_number(out, text.size());
  out.insert(out.end(), text.begin(), text.end());
}

// The cells of a row were mostly seen at one position: then a byte says so.
void put_position(Bytes& out, Position position, Position& before) {
  put_number(out, position == before ? 0 : position.value + 1);
  before = position;
}

Position read_position(Reader& reader, Position& before) {
  const std::uint64_t said = reader.number();
  if (said > 0) before = Position{said - 1};
  return before;
}

/// The first bytes of a hash over what a carry says. A flipped bit in a position would be a claim
/// to have seen what was never sent, or not to have seen what was.
constexpr std::size_t sum_bytes = 4;

bool ends_with_sum(ByteView carry) {
  if (carry.size() < sum_bytes) return false;
  const std::array<ByteView, 1> said = {carry.first(carry.size() - sum_bytes)};
  const Hash hash = hash_of(said);
  return std::ranges::equal(hash.view().first(sum_bytes), carry.last(sum_bytes));
}

Bytes with_sum(Bytes carry) {
  const std::array<ByteView, 1> said = {ByteView(carry)};
  const Hash hash = hash_of(said);
  const ByteView sum = hash.view().first(sum_bytes);
  carry.insert(carry.end(), sum.begin(), sum.end());
  return carry;
}

// Positions of cells, then of set elements, by the columns' numbers; the count of either goes
// before it. With names, and each position in full, a row that was inserted with an id that did not
// rise took 157 bytes more.
Bytes encode_carry(const Carry& carry) {
  Bytes out;
  Position before = carry.row.value_or(Position{});
  put_number(out, carry.row ? carry.row->value + 1 : 0);  // zero: none
  put_number(out, carry.cells.size());
  for (const auto& [column, position] : carry.cells) {
    put_number(out, column.index);
    put_position(out, position, before);
  }
  put_number(out, carry.elements.size());
  for (const auto& [column, elements] : carry.elements) {
    put_number(out, column.index);
    put_number(out, elements.size());
    for (const auto& [element, position] : elements) {
      put_text(out, element);
      put_position(out, position, before);
    }
  }
  return with_sum(std::move(out));
}

/// Nothing, and `reader` is not ok, when the table has none of this number.
ColumnId read_column(const Table& table, Reader& reader) {
  const std::uint64_t number = reader.number();
  if (number < table.columns.size()) return ColumnId{static_cast<std::uint16_t>(number)};
  reader.ok = false;
  return {};
}

Result<Carry> decode_carry(const Table& table, ByteView bytes) {
  if (!ends_with_sum(bytes)) return error(ErrorCode::corrupt, "ds_pending: carry");
  Carry carry;
  Reader reader{bytes.first(bytes.size() - sum_bytes)};
  if (const std::uint64_t row = reader.number(); row != 0) carry.row = Position{row - 1};
  Position before = carry.row.value_or(Position{});
  for (std::uint64_t left = reader.number(); left > 0 && reader.ok; --left) {
    const ColumnId column = read_column(table, reader);
    const Position position = read_position(reader, before);
    if (reader.ok) carry.cells[column] = position;
  }
  for (std::uint64_t left = reader.number(); left > 0 && reader.ok; --left) {
    const ColumnId column = read_column(table, reader);
    for (std::uint64_t elements = reader.number(); elements > 0 && reader.ok; --elements) {
      const std::string element(reader.text());
      const Position position = read_position(reader, before);
      if (reader.ok) carry.elements[column][element] = position;
    }
  }
  if (!reader.ok) return error(ErrorCode::corrupt, "ds_pending: carry");
  return carry;
}

Result<std::optional<RowImage>> image_at(const Table& table, const sqlite::Statement& row,
                                         int column) {
  if (row.is_null(column)) return std::optional<RowImage>();
  DS_ASSIGN(RowImage image, decode_image(table, row.blob(column)));
  return std::optional<RowImage>(std::move(image));
}

}  // namespace

Status PendingRows::prepare() {
  if (remove_) return {};
  DS_ASSIGN(auto find, db_->kept("SELECT base, sequences, carry, copy, copy_cursor FROM ds_pending"
                                 " WHERE \"table\" = ?1 AND id = ?2"));
  DS_ASSIGN(auto put, db_->kept("INSERT OR REPLACE INTO ds_pending"
                                " (\"table\", id, base, sequences, carry, copy, copy_cursor)"
                                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  DS_ASSIGN(auto remove, db_->kept("DELETE FROM ds_pending WHERE \"table\" = ?1 AND id = ?2"));
  find_.emplace(std::move(find));
  put_.emplace(std::move(put));
  remove_.emplace(std::move(remove));
  return {};
}

Result<std::optional<PendingRow>> PendingRows::find(const RowKey& key, bool may_be_fresh) {
  DS_TRY(prepare());
  const Table& table = schema_->table(key.table);
  (*find_)->bind(1, std::string_view(table.name));
  (*find_)->bind(2, key.row.view());
  DS_ASSIGN(const bool found, (*find_)->step());
  if (!found && !may_be_fresh) return std::optional<PendingRow>();
  if (!found) return find_fresh(key);
  PendingRow row;
  auto base = image_at(table, **find_, 0);
  auto sequences = decode_sequences((*find_)->blob(1));
  auto carry = decode_carry(table, (*find_)->blob(2));
  auto copy = image_at(table, **find_, 3);
  row.copy_cursor = (*find_)->position(4);
  (*find_)->reset();
  DS_ASSIGN(row.base, std::move(base));
  DS_ASSIGN(row.sequences, std::move(sequences));
  DS_ASSIGN(row.carry, std::move(carry));
  DS_ASSIGN(row.copy, std::move(copy));
  return std::optional<PendingRow>(std::move(row));
}

Result<std::optional<PendingRow>> PendingRows::find_fresh(const RowKey& key) {
  DS_ASSIGN(const auto found, fresh_.find(key));
  if (!found) return std::optional<PendingRow>();
  PendingRow row;
  row.sequences.push_back(found->sequence);
  extend_carry(row.carry, *found->change, found->observed);
  return std::optional(std::move(row));
}

Result<RowId> PendingRows::highest(TableId table) {
  DS_ASSIGN(const auto read, db_->kept("SELECT id FROM ds_pending WHERE \"table\" = ?1"
                                       " ORDER BY id DESC LIMIT 1"));
  read->bind(1, std::string_view(schema_->table(table).name));
  DS_ASSIGN(const bool found, read->step());
  return found ? RowId::from(read->blob(0)).value_or(RowId{}) : RowId{};
}

Status PendingRows::put(const RowKey& key, const PendingRow& row) {
  DS_TRY(prepare());
  const Table& table = schema_->table(key.table);
  const Bytes base = row.base ? encode_image(table, *row.base) : Bytes{};
  const Bytes copy = row.copy ? encode_image(table, *row.copy) : Bytes{};
  const Bytes sequences = encode_sequences(row.sequences);
  const Bytes carry = encode_carry(row.carry);
  (*put_)->bind(1, std::string_view(table.name));
  (*put_)->bind(2, key.row.view());
  if (row.base) {
    (*put_)->bind(3, ByteView(base));
  } else {
    (*put_)->bind_null(3);
  }
  (*put_)->bind(4, ByteView(sequences));
  (*put_)->bind(5, ByteView(carry));
  if (row.copy) {
    (*put_)->bind(6, ByteView(copy));
    (*put_)->bind(7, row.copy_cursor);
  } else {
    (*put_)->bind_null(6);
    (*put_)->bind_null(7);
  }
  return (*put_)->run();
}

Status PendingRows::remove(const RowKey& key) {
  DS_TRY(prepare());
  (*remove_)->bind(1, std::string_view(schema_->table(key.table).name));
  (*remove_)->bind(2, key.row.view());
  return (*remove_)->run();
}

Result<bool> PendingRows::none_touched() {
  DS_ASSIGN(const auto one, db_->one_kept("SELECT 1 FROM ds_pending LIMIT 1"));
  return !one.has_value();
}

Result<bool> PendingRows::empty() {
  DS_ASSIGN(const bool none, none_touched());
  return none ? fresh_.empty() : Result<bool>(false);
}

Result<std::vector<RowKey>> PendingRows::keys() {
  DS_ASSIGN(std::vector<RowKey> out, touched_keys());
  DS_ASSIGN(const std::vector<RowKey> fresh, fresh_.keys());
  out.insert(out.end(), fresh.begin(), fresh.end());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<std::vector<RowKey>> PendingRows::touched_keys() {
  std::vector<RowKey> out;
  DS_ASSIGN(const auto read, db_->kept("SELECT \"table\", id FROM ds_pending"));
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) break;
    const auto table = schema_->find_table(read->text(0));
    const auto row = RowId::from(read->blob(1));
    if (table && row) out.push_back({*table, *row});
  }
  std::sort(out.begin(), out.end());
  return out;
}

void extend_carry(Carry& carry, const RowChange& change, Position transaction_observed) {
  const ObservedChange seen{&change, transaction_observed};
  Carry added = carry_of({&seen, 1});
  if (added.row) {
    carry = std::move(added);
    return;
  }
  for (const auto& [column, position] : added.cells) carry.cells[column] = position;
  for (const auto& [column, elements] : added.elements) {
    for (const auto& [element, position] : elements) carry.elements[column][element] = position;
  }
}

}  // namespace doorstep
