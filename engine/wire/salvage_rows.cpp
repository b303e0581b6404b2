#include "engine/wire/salvage_rows.hpp"

#include <limits>
#include <string>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/wire/cbor_reader.hpp"
#include "engine/wire/cbor_writer.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

// What a value costs beside its payload.
constexpr std::size_t value_overhead = 5;

std::size_t size_of(const RowImage& image) {
  std::size_t bytes = limits::key_bytes_max;
  for (const Value& value : image.values) bytes += value.payload_size() + value_overhead;
  return bytes;
}

RowBlock empty_block(const Table& table) {
  RowBlock block;
  block.table = table.name;
  block.whole = true;
  for (const Column& column : table.columns) block.columns.push_back(column.name);
  return block;
}

/// Cuts rows into messages as they come.
class Cutter {
 public:
  Cutter(const Schema& schema, Sequence sequence) : schema_(schema), sequence_(sequence) {}

  void add(const RowKey& key, const RowImage& image) {
    const std::size_t bytes = size_of(image);
    if (bytes > limits::salvage_row_bytes_max || (is_full(bytes) && !begin())) {
      ++left_out_;
      return;
    }
    const Table& table = schema_.table(key.table);
    std::vector<RowBlock>& blocks = parts_.back().rows;
    if (blocks.empty() || blocks.back().table != table.name) blocks.push_back(empty_block(table));
    blocks.back().rows.push_back(key.row);
    blocks.back().cells.insert(blocks.back().cells.end(), image.values.begin(), image.values.end());
    rows_ += 1;
    bytes_ += bytes;
  }

  std::vector<Salvage> take() {
    for (Salvage& part : parts_) {
      part.parts = static_cast<std::uint32_t>(parts_.size());
      part.left_out = left_out_;
    }
    return std::move(parts_);
  }

 private:
  [[nodiscard]] bool is_full(std::size_t bytes) const {
    return parts_.empty() || rows_ >= limits::salvage_rows_max ||
           (rows_ > 0 && bytes_ + bytes > limits::salvage_bytes_target);
  }
  bool begin() {
    if (parts_.size() >= limits::salvage_parts_max) return false;
    Salvage& part = parts_.emplace_back();
    part.sequence = sequence_;
    part.part = static_cast<std::uint32_t>(parts_.size());
    rows_ = bytes_ = 0;
    return true;
  }

  const Schema& schema_;
  Sequence sequence_;
  std::vector<Salvage> parts_;
  std::size_t rows_ = 0;  // in the last part
  std::size_t bytes_ = 0;
  std::uint64_t left_out_ = 0;
};

bool is_key_of(const Table& table, const RowId& row) {
  const std::size_t size = row.view().size();
  return table.key_type == ColumnType::uuid ? size == DeviceId::size : size > 0;
}

Status read_block(const Schema& schema, const RowBlock& block, HeldRows& rows) {
  const auto table_id = schema.find_table(block.table);
  if (!table_id) return {};
  const Table& table = schema.table(*table_id);
  const std::size_t width = block.columns.size();
  if (block.cells.size() != block.rows.size() * width) {
    return error(ErrorCode::malformed, "cells of " + block.table);
  }
  for (std::size_t r = 0; r < block.rows.size(); ++r) {
    if (!is_key_of(table, block.rows[r])) return error(ErrorCode::bad_key, block.table);
    RowImage image;
    image.values.resize(table.columns.size());
    for (std::size_t i = 0; i < width; ++i) {
      const auto column = table.find_column(block.columns[i]);
      if (!column) continue;
      DS_ASSIGN(image.values[column->index],
                normalise(table.column(*column), block.cells[r * width + i]));
    }
    rows.insert_or_assign({*table_id, block.rows[r]}, std::move(image));
  }
  return {};
}

}  // namespace

std::vector<Salvage> salvage_of(const Schema& schema, Sequence sequence, const HeldRows& rows) {
  Cutter cutter(schema, sequence);
  for (const auto& [key, image] : rows) cutter.add(key, image);
  return cutter.take();
}

void append_salvage(std::vector<Salvage>& kept, std::vector<Salvage> more) {
  std::uint32_t parts = kept.empty() ? 0 : kept.back().part;
  std::uint64_t left_out = 0;
  for (Salvage& part : more) {
    left_out = std::max(left_out, part.left_out);
    if (parts < limits::salvage_parts_max) {
      part.part = ++parts;
      kept.push_back(std::move(part));
      continue;
    }
    for (const RowBlock& block : part.rows) left_out += block.rows.size();
  }
  for (Salvage& part : kept) {
    part.parts = parts;
    part.left_out = std::max(part.left_out, left_out);
  }
}

Result<HeldRows> rows_of(const Schema& schema, std::span<const Salvage> parts) {
  HeldRows rows;
  for (const Salvage& part : parts) {
    for (const RowBlock& block : part.rows) DS_TRY(read_block(schema, block, rows));
  }
  return rows;
}

Bytes encode_parts(std::span<const Salvage> parts) {
  CborWriter writer;
  writer.array(parts.size());
  for (const Salvage& part : parts) writer.bytes(encode(part));
  return writer.take();
}

Result<std::vector<Salvage>> decode_parts(ByteView bytes) {
  DS_ASSIGN(CborReader reader,
            CborReader::open(bytes, limits::message_bytes_max * limits::salvage_parts_max));
  std::vector<Salvage> parts;
  for (std::size_t left = reader.array(limits::salvage_parts_max); left > 0 && reader.ok();
       --left) {
    const ByteView one = reader.bytes();
    if (!reader.ok()) break;
    DS_ASSIGN(Message message, decode(one));
    auto* part = std::get_if<Salvage>(&message);
    if (part == nullptr) return error(ErrorCode::malformed, "a part of another kind");
    parts.push_back(std::move(*part));
  }
  if (!reader.ok()) return reader.error();
  return parts;
}

}  // namespace doorstep
