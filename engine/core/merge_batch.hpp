// The rows of one hub commit while its transactions are merged one after another: what each row is
// now, what a transaction changed and how to take that back whole. Not thread-safe; lives as long
// as one merge().
#pragma once

#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/core/merge.hpp"

namespace doorstep {

/// A contribution that made way for a write which had seen it.
struct Replaced {
  ColumnId column;
  CellVersion version;
  CellVersion by;
};

/// A row as it is now, and what became of contributions to it that its cells no longer tell.
struct WorkingRow {
  std::optional<StoredRow> row;
  std::vector<Replaced> replaced;  ///< contributions that are in no cell any more
  std::vector<Conflict>
      recorded;  ///< losers that are in no cell; scope and position come at the end
  std::map<ConflictId, Conflict> known;  ///< records of the row, where a decision asked for them
  std::set<ConflictId> settled;          ///< those of `known` that a decision changed
};

class MergeBatch {
 public:
  MergeBatch(const Schema& schema, const RowSet& stored) : schema_(schema), stored_(stored) {}

  /// The row as it is now, live or dead; null when there is none.
  [[nodiscard]] const StoredRow* find(const RowKey& key) const;
  /// The row as it was before the transaction that is being merged; null when there was none.
  [[nodiscard]] const StoredRow* before(const RowKey& key) const;
  /// True when find() may be asked: written in this batch, or loaded.
  [[nodiscard]] bool knows(const RowKey& key) const {
    return rows_.contains(key) || stored_.knows(key);
  }
  /// For writing; remembered, so that undo() can take it back. Valid until the batch ends.
  [[nodiscard]] WorkingRow& touch(const RowKey& key);
  /// The live rows whose via column holds `parent` now, ascending by key.
  [[nodiscard]] std::vector<RowKey> children_of(const RowKey& parent) const;
  /// To be called when a row came to hang on `parent`.
  void hang(const ChildQuery& query, const RowId& child) { hung_[query].push_back(child); }

  /// The rows that the transaction has touched so far; ascending.
  [[nodiscard]] std::vector<RowKey> touched() const;

  /// The transaction is in.
  void keep() { forget(); }
  /// The transaction changed nothing.
  void undo();

  /// Every row that was touched and not taken back; ascending by key.
  [[nodiscard]] std::vector<std::pair<RowKey, WorkingRow*>> rows();
  [[nodiscard]] const Schema& schema() const { return schema_; }

 private:
  struct Entry {
    WorkingRow now;
    std::uint64_t touched_in = 0;  // the transaction that touched it last
    std::size_t before = 0;        // its place in before_, for that transaction
  };
  struct Before {
    RowKey key;
    std::optional<WorkingRow> row;  // nullopt: the transaction touched it first
  };

  void forget() {
    before_.clear();
    ++transaction_;
  }
  [[nodiscard]] bool is_touched(const Entry& entry) const {
    return entry.touched_in == transaction_;
  }

  const Schema& schema_;
  const RowSet& stored_;
  std::unordered_map<RowKey, Entry, RowKeyHash> rows_;
  std::vector<Before> before_;
  std::uint64_t transaction_ = 1;
  std::map<ChildQuery, std::vector<RowId>> hung_;  // some twice, some hang elsewhere by now
};

/// The row that `row` hangs on, when its table has its scope through a parent and the column holds
/// a key.
[[nodiscard]] std::optional<RowKey> parent_of(const Schema& schema, const StoredRow& row);
[[nodiscard]] std::optional<RowKey> parent_named(const Schema& schema, const Table& table,
                                                 const Value& value);
/// The tables whose rows hang on rows of `parent`, with the column by which they do.
/// The row of the scope tree that a scope column names; nullopt for tables without such a column,
/// schemas without a tree, and values that cannot be keys.
[[nodiscard]] std::optional<RowKey> unit_named(const Schema& schema, const Table& table,
                                               const Value& value);
[[nodiscard]] std::vector<std::pair<TableId, ColumnId>> child_tables(const Schema& schema,
                                                                     TableId parent);

}  // namespace doorstep
