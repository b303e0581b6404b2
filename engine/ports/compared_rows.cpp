#include "engine/ports/compared_rows.hpp"

#include "engine/core/digest.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

Refill refill_of(const Compare& asked) {
  Refill refill;
  for (const BucketRows& table : asked.tables) refill.tables.push_back(table.list);
  return refill;
}

std::size_t size_of(const RowImage& image) {
  std::size_t bytes = 0;
  for (const Value& value : image.values) bytes += value.payload_size();
  return bytes;
}

}  // namespace

ComparedRows::ComparedRows(const Schema& schema, const Compare& asked)
    : schema_(schema), cover_(schema, refill_of(asked)) {
  said_.number = asked.number;
  for (const BucketRows& table : asked.tables) {
    const auto id = schema.find_table(table.list.table);
    if (!id) continue;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      theirs_[{*id, table.rows[i]}] = table.sums[i];
    }
  }
}

void ComparedRows::put(Part& part, const RowKey& key, const std::optional<RowImage>& image) {
  const std::size_t bytes = image ? size_of(*image) : 0;
  if (part.rows.size() >= limits::compared_rows_max ||
      part.bytes + bytes > limits::compared_bytes_max) {
    ++said_.left_out;
    return;
  }
  part.bytes += bytes;
  part.rows[key] = image;
}

std::vector<RowBlock> ComparedRows::blocks_of(const Part& part) const {
  std::vector<RowBlock> blocks;
  for (const auto& [key, image] : part.rows) {
    const Table& table = schema_.table(key.table);
    const bool whole = image.has_value();
    if (blocks.empty() || blocks.back().table != table.name || blocks.back().whole != whole) {
      RowBlock& block = blocks.emplace_back();
      block.table = table.name;
      block.whole = whole;
      for (const Column& column : table.columns) {
        if (whole) block.columns.push_back(column.name);
      }
    }
    RowBlock& block = blocks.back();
    block.rows.push_back(key.row);
    if (whole) block.cells.insert(block.cells.end(), image->values.begin(), image->values.end());
  }
  return blocks;
}

void ComparedRows::hold(const RowKey& key, const RowImage& image) {
  if (!cover_.covers(key)) return;
  const auto theirs = theirs_.find(key);
  bool same = false;
  if (theirs != theirs_.end()) {
    same = digest_of_row(schema_.table(key.table), key.row, image).low == theirs->second;
    theirs_.erase(theirs);
  }
  if (!same) put(held_, key, image);
}

void ComparedRows::show(const RowKey& key, const std::optional<RowImage>& image) {
  ++said_.pending;
  put(shown_, key, image);
}

Compared ComparedRows::take(Position cursor) {
  for (const auto& [key, sum] : theirs_) put(held_, key, std::nullopt);
  said_.rows = blocks_of(held_);
  said_.shown = blocks_of(shown_);
  said_.cursor = cursor;
  return std::move(said_);
}

}  // namespace doorstep
