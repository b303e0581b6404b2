// Transactions as bytes. Consecutive changes of one table, kind, decision and set of columns are
// one block, written in columns; blocks stand in the order of the changes, so nothing is reordered.
#include <algorithm>
#include <span>

#include "engine/core/limits.hpp"
#include "engine/wire/cbor_check.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/parts.hpp"
#include "engine/wire/row_columns.hpp"
#include "engine/wire/transaction_blocks.hpp"

namespace doorstep {
namespace {

using RowSpan = std::span<const RowChange>;

bool same_shape(const RowChange& a, const RowChange& b) {
  return a.table == b.table && a.kind == b.kind && a.decision == b.decision &&
         std::ranges::equal(a.cells, b.cells, [](const CellChange& x, const CellChange& y) {
           return x.column == y.column && x.edit.index() == y.edit.index() &&
                  x.decision == y.decision;
         });
}

std::vector<RowSpan> blocks_of(RowSpan changes) {
  std::vector<RowSpan> out;
  std::size_t first = 0;
  for (std::size_t i = 1; i <= changes.size(); ++i) {
    if (i < changes.size() && same_shape(changes[first], changes[i])) continue;
    out.push_back(changes.subspan(first, i - first));
    first = i;
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

void write_edits(CborWriter& writer, RowSpan changes, std::size_t cell, DictionaryBudget& budget) {
  const auto& first = changes.front().cells[cell].edit;
  if (std::holds_alternative<SetEdit>(first)) {
    writer.array(changes.size());
    for (const RowChange& change : changes) {
      write_set_edit(writer, std::get<SetEdit>(change.cells[cell].edit));
    }
    return;
  }
  if (std::holds_alternative<CounterDelta>(first)) {
    std::vector<Value> amounts;
    for (const RowChange& change : changes) {
      amounts.push_back(Value::integer(std::get<CounterDelta>(change.cells[cell].edit).amount));
    }
    write_column(writer, pointers_to(amounts), budget);
    return;
  }
  std::vector<const Value*> values;
  for (const RowChange& change : changes) {
    values.push_back(&std::get<Value>(change.cells[cell].edit));
  }
  write_column(writer, values, budget);
}

void write_block(CborWriter& writer, const Table& table, RowSpan changes,
                 DictionaryBudget& budget) {
  const RowChange& first = changes.front();
  const std::size_t cells = first.cells.size();
  const bool values = first.kind != RowChange::Kind::remove;
  writer.array(6 + (values ? cells : 0));
  writer.text(table.name);
  write_block_kind(writer, first.kind, first.decision);
  writer.array(cells);
  for (const CellChange& cell : first.cells) {
    write_block_column(writer, {table.column(cell.column).name, cell.edit.index(), cell.decision});
  }
  std::vector<const RowId*> keys;
  for (const RowChange& change : changes) keys.push_back(&change.row);
  write_keys(writer, keys);
  write_observed(
      writer, changes, budget, [](const RowChange& c) -> auto& { return c.observed; });
  for (std::size_t cell = 0; values && cell < cells; ++cell) {
    write_edits(writer, changes, cell, budget);
  }
  const bool any = std::ranges::any_of(changes, [](const RowChange& change) {
    return std::ranges::any_of(change.cells,
                               [](const CellChange& c) { return c.observed.has_value(); });
  });
  if (!any) return writer.null();
  writer.array(cells);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    write_observed(
        writer, changes,
        budget, [cell](const RowChange& c) -> auto& { return c.cells[cell].observed; });
  }
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
  writer.array(transaction.resends ? 8 : 7);
  write(writer, transaction.observed);
  writer.integer(transaction.time.clock.wall_ms);
  writer.id(transaction.time.clock.boot);
  writer.integer(transaction.time.clock.boot_ms);
  write(writer, transaction.time.hub_seen);
  writer.id(transaction.view);
  const std::vector<RowSpan> blocks = blocks_of(transaction.changes);
  writer.array(blocks.size());
  for (const RowSpan& block : blocks) {
    write_block(writer, schema.table(block.front().table), block, budget);
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
  const std::size_t parts = reader.array(8);
  if (parts < 7) reader.fail_malformed("a transaction of too few parts");
  transaction.observed = read_position(reader);
  transaction.time.clock.wall_ms = reader.integer();
  transaction.time.clock.boot = reader.id<BootId>();
  transaction.time.clock.boot_ms = reader.integer();
  transaction.time.hub_seen = read_instant(reader);
  transaction.view = reader.id<Fingerprint>();
  BlockReader blocks(schema, reader);
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    blocks.read(transaction.changes);
  }
  if (parts == 8) transaction.resends = reader.id<Hash>();
  if (!reader.ok()) return reader.error();
  DS_TRY(check_rows_once(transaction));
  return transaction;
}

}  // namespace doorstep
