// Transactions as bytes. Consecutive changes of one table, kind, decision and set of columns are
// one block, written in columns, and so are consecutive inserts into one table that leave out
// different ones; blocks stand in the order of the changes, so nothing is reordered.
#include <algorithm>
#include <iterator>
#include <span>

#include "engine/core/limits.hpp"
#include "engine/wire/cbor_check.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/parts.hpp"
#include "engine/wire/row_columns.hpp"
#include "engine/wire/transaction_blocks.hpp"

namespace doorstep {
namespace {

// Of a position, which is below 2^63: a pair is five bytes shorter than the number that it makes.
constexpr std::uint64_t epoch_max = (std::uint64_t{1} << 23U) - 1;
constexpr std::uint64_t number_max = (std::uint64_t{1} << 40U) - 1;

using RowSpan = std::span<const RowChange>;

bool same_shape(const RowChange& a, const RowChange& b) {
  return a.table == b.table && a.kind == b.kind && a.decision == b.decision &&
         std::ranges::equal(a.cells, b.cells, [](const CellChange& x, const CellChange& y) {
           return x.column == y.column && x.edit.index() == y.edit.index() &&
                  x.decision == y.decision;
         });
}

/// Rows that travel as one block, and its columns: those of every row, or, of a sparse one, of any.
struct BlockShape {
  RowSpan rows;
  bool sparse = false;
  std::vector<const CellChange*> columns;  // one cell of each, ascending by column
  std::size_t cells = 0;                   // that the rows have

  /// Null: the row does not write this column.
  [[nodiscard]] const CellChange* cell(const RowChange& row, std::size_t place) const {
    if (!sparse) return &row.cells[place];
    const auto found =
        std::ranges::lower_bound(row.cells, columns[place]->column, {}, &CellChange::column);
    const bool there = found != row.cells.end() && found->column == columns[place]->column;
    return there ? &*found : nullptr;
  }
};

/// An insert of plain values, none of them NULL, in the order of their columns.
bool may_be_sparse(const RowChange& row) {
  if (row.kind != RowChange::Kind::insert || row.decision != Decision::none) return false;
  const bool plain = std::ranges::all_of(row.cells, [](const CellChange& cell) {
    const auto* value = std::get_if<Value>(&cell.edit);
    return value != nullptr && !value->is_null() && cell.decision == Decision::none;
  });
  return plain && std::ranges::is_sorted(row.cells, {}, &CellChange::column);
}

/// Columns of both; ascending.
std::vector<const CellChange*> columns_with(const std::vector<const CellChange*>& columns,
                                            const RowChange& row) {
  std::vector<const CellChange*> added;
  added.reserve(row.cells.size());
  for (const CellChange& cell : row.cells) added.push_back(&cell);
  std::vector<const CellChange*> both;
  both.reserve(columns.size() + added.size());
  std::ranges::set_union(
      columns, added, std::back_inserter(both), {},
      [](const CellChange* cell) { return cell->column; },
      [](const CellChange* cell) { return cell->column; });
  return both;
}

/// Whether the row joins the block as one more. Inserts that leave out different columns do, as
/// long as at least half of the cells are there: a block of its own for each change of columns cost
/// 11.6 of 80 bytes a visit, where two of five visits name a day to come again.
bool join(BlockShape& block, const RowChange& row) {
  const RowChange& first = block.rows.front();
  if (!block.sparse && same_shape(first, row)) {
    block.cells += row.cells.size();
    return true;
  }
  if (row.table != first.table || !may_be_sparse(row)) return false;
  if (!block.sparse && !std::ranges::all_of(block.rows, may_be_sparse)) return false;
  auto columns = columns_with(block.columns, row);
  const std::size_t cells = block.cells + row.cells.size();
  if (columns.size() * (block.rows.size() + 1) > 2 * cells) return false;
  block.sparse = true;
  block.columns = std::move(columns);
  block.cells = cells;
  return true;
}

std::vector<BlockShape> blocks_of(RowSpan changes) {
  std::vector<BlockShape> out;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const RowChange& row = changes[i];
    if (!out.empty() && join(out.back(), row)) {
      const std::size_t first = i - out.back().rows.size();
      out.back().rows = changes.subspan(first, i - first + 1);
      continue;
    }
    BlockShape& block = out.emplace_back();
    block.rows = changes.subspan(i, 1);
    block.cells = row.cells.size();
    for (const CellChange& cell : row.cells) block.columns.push_back(&cell);
  }
  return out;
}

/// NULL where `observed_at` says nothing; one null for the whole column when it never says
/// anything.
template <class ObservedAt>
void write_observed(CborWriter& writer, RowSpan changes, DictionaryBudget& budget,
                    ObservedAt observed_at) {
  std::vector<Value> values;
  bool any = false;
  for (const RowChange& change : changes) {
    const std::optional<Position>& observed = observed_at(change);
    any = any || observed.has_value();
    values.push_back(observed ? Value::integer(static_cast<std::int64_t>(observed->value))
                              : Value());
  }
  if (!any) return writer.null();
  write_column(writer, pointers_to(values), budget);
}

void write_edits(CborWriter& writer, const BlockShape& block, std::size_t place,
                 DictionaryBudget& budget) {
  const auto& first = block.columns[place]->edit;
  if (std::holds_alternative<SetEdit>(first)) {
    writer.array(block.rows.size());
    for (const RowChange& change : block.rows) {
      write_set_edit(writer, std::get<SetEdit>(change.cells[place].edit));
    }
    return;
  }
  if (std::holds_alternative<CounterDelta>(first)) {
    std::vector<Value> amounts;
    for (const RowChange& change : block.rows) {
      amounts.push_back(Value::integer(std::get<CounterDelta>(change.cells[place].edit).amount));
    }
    write_column(writer, pointers_to(amounts), budget);
    return;
  }
  const Value none;
  std::vector<const Value*> values;
  values.reserve(block.rows.size());
  for (const RowChange& change : block.rows) {
    const CellChange* cell = block.cell(change, place);
    values.push_back(cell == nullptr ? &none : &std::get<Value>(cell->edit));
  }
  write_column(writer, values, budget);
}

void write_block(CborWriter& writer, const Table& table, const BlockShape& block,
                 DictionaryBudget& budget) {
  const RowChange& first = block.rows.front();
  const std::size_t cells = block.columns.size();
  const bool values = first.kind != RowChange::Kind::remove;
  writer.array(7 + (values ? cells : 0));
  writer.number(first.table.index);
  if (block.sparse) {
    writer.number(sparse_insert);
  } else {
    write_block_kind(writer, first.kind, first.decision);
  }
  std::vector<BlockColumn> columns;
  columns.reserve(cells);
  for (const CellChange* cell : block.columns) {
    columns.push_back({cell->column, cell->edit.index(), cell->decision});
  }
  write_block_columns(writer, table, columns);
  std::vector<const RowId*> keys;
  keys.reserve(block.rows.size());
  for (const RowChange& change : block.rows) keys.push_back(&change.row);
  write_keys(writer, keys);
  write_observed(
      writer, block.rows, budget, [](const RowChange& c) -> auto& { return c.observed; });
  for (std::size_t place = 0; values && place < cells; ++place) {
    write_edits(writer, block, place, budget);
  }
  const bool any = std::ranges::any_of(block.rows, [](const RowChange& change) {
    return std::ranges::any_of(change.cells,
                               [](const CellChange& c) { return c.observed.has_value(); });
  });
  if (!any) return writer.null();
  const std::optional<Position> unsaid;
  writer.array(cells);
  for (std::size_t place = 0; place < cells; ++place) {
    write_observed(
        writer, block.rows, budget, [&](const RowChange& c) -> auto& {
          const CellChange* cell = block.cell(c, place);
          return cell == nullptr ? unsaid : cell->observed;
        });
  }
}

/// What stands from one transaction to the next is said apart from what runs on: when the phone was
/// started, and from there the last time of its hub. Wraps, for a clock may hold anything.
std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// Each row once: what a transaction carries is the net change of a row.
Status check_rows_once(const Transaction& transaction) {
  std::vector<RowKey> keys;
  keys.reserve(transaction.changes.size());
  for (const RowChange& change : transaction.changes) keys.push_back({change.table, change.row});
  std::ranges::sort(keys);
  if (std::ranges::adjacent_find(keys) == keys.end()) return {};
  return error(ErrorCode::malformed, "a row changed twice in one transaction");
}

}  // namespace

Bytes encode_transaction(const Schema& schema, const Transaction& transaction) {
  CborWriter writer;
  DictionaryBudget budget;
  writer.array(transaction.resends ? 9 : 8);
  const ClaimedTime& time = transaction.time;
  const std::int64_t booted = difference(time.clock.wall_ms, time.clock.boot_ms);
  writer.id(transaction.view);
  writer.id(time.clock.boot);
  writer.integer(booted);
  writer.integer(difference(booted, time.hub_seen.ms));
  writer.number(transaction.observed.epoch());
  writer.number(transaction.observed.number());
  writer.integer(time.clock.boot_ms);
  const std::vector<BlockShape> blocks = blocks_of(transaction.changes);
  writer.array(blocks.size());
  for (const BlockShape& block : blocks) {
    write_block(writer, schema.table(block.rows.front().table), block, budget);
  }
  if (transaction.resends) writer.id(*transaction.resends);
  return writer.take();
}

Result<Bytes> encode_within_limits(const Schema& schema, const Transaction& transaction) {
  const auto check = [](std::size_t count, std::size_t most, const std::string& what) {
    return count <= most
               ? Status()
               : error(ErrorCode::transaction_too_large,
                       std::to_string(count) + " " + what + "; at most " + std::to_string(most));
  };
  DS_TRY(check(transaction.changes.size(), limits::transaction_changes_max, "rows"));
  std::size_t cells = 0;
  for (const RowChange& change : transaction.changes) cells += change.cells.size();
  DS_TRY(check(cells, limits::transaction_cells_max, "cells"));
  Bytes body = encode_transaction(schema, transaction);
  DS_TRY(check(body.size(), limits::transaction_bytes_max, "bytes"));
  // Elements of sets are items too; an item has at least one byte.
  if (body.size() > limits::cbor_items_max && !check_cbor(body, body.size())) {
    return error(ErrorCode::transaction_too_large,
                 "more than " + std::to_string(limits::cbor_items_max) + " values");
  }
  return body;
}

Result<Transaction> decode_transaction(const Schema& schema, ByteView body) {
  DS_ASSIGN(CborReader reader, CborReader::open(body, limits::transaction_bytes_max));
  Transaction transaction;
  const std::size_t parts = reader.array(9);
  if (parts < 8) reader.fail_malformed("a transaction of too few parts");
  transaction.view = reader.id<Fingerprint>();
  transaction.time.clock.boot = reader.id<BootId>();
  const std::int64_t booted = reader.integer();
  transaction.time.hub_seen = {difference(booted, reader.integer())};
  const std::uint64_t epoch = reader.number(epoch_max);
  transaction.observed = Position::of(epoch, reader.number(number_max));
  transaction.time.clock.boot_ms = reader.integer();
  transaction.time.clock.wall_ms = sum(booted, transaction.time.clock.boot_ms);
  BlockReader blocks(schema, reader);
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    blocks.read(transaction.changes);
  }
  if (parts == 9) transaction.resends = reader.id<Hash>();
  if (!reader.ok()) return reader.error();
  DS_TRY(check_rows_once(transaction));
  return transaction;
}

}  // namespace doorstep
