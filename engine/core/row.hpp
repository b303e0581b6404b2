// Rows as a hub keeps them: values, the version of each cell, and where they stand in the feed.
// Plain data, value semantics. Devices keep only RowImage.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/time.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

/// The values of one row, by ColumnId; as many as the table has columns.
struct RowImage {
  std::vector<Value> values;
  friend bool operator==(const RowImage&, const RowImage&) = default;
};

/// Who wrote a cell, in which hub commit, and when on the hub's clock.
struct CellVersion {
  Position position;
  DeviceId author;
  Stamp stamp;
  friend bool operator==(const CellVersion&, const CellVersion&) = default;
};

/// One value that stands in a cell; more than one when their authors had not seen each other's.
struct Contribution {
  Value value;
  CellVersion version;
  friend bool operator==(const Contribution&, const Contribution&) = default;
};

/// One author's add of one element of a set.
struct ElementMark {
  std::string element;
  CellVersion version;
  friend bool operator==(const ElementMark&, const ElementMark&) = default;
};

/// A cell whose state is not simply "the row's value at the row's version".
///   plain policies: `contributions` in queue order (policy `first` reads that order), never empty;
///   a group of columns: the first column holds the contributions, their values are whole tuples
///   (group.hpp); the other columns hold one mark with a NULL value;
///   counter: the column holds the sum, `contributions` are marks with NULL values (SEMANTICS B4);
///   set: the column holds the canonical set, `elements` hold every add that stands.
struct CellState {
  ColumnId column;
  Position changed;  ///< the commit in which the shown value last changed
  std::vector<Contribution> contributions;
  std::vector<ElementMark> elements;
  /// The last decision of a person about this cell: what is older is settled (SEMANTICS B5).
  std::optional<CellVersion> decision = std::nullopt;
  friend bool operator==(const CellState&, const CellState&) = default;
};

/// A hub's row, live or dead. A dead one keeps its last values and versions (SEMANTICS A3, B6).
struct StoredRow {
  TableId table;
  RowId id;
  ScopeId scope;  ///< where it lives, or where it died
  bool live = true;
  Position position;  ///< the last commit that changed anything devices see: its place in the feed
  Position since;     ///< the commit in which it last became live in its scope
  CellVersion base;   ///< version of every cell that has no entry in `cells`
  RowImage image;
  std::vector<CellState> cells;      ///< ascending by column; only cells that differ from `base`
  std::optional<CellVersion> death;  ///< set when dead: who deleted it, where and when
  /// The last decision of a person whether this row stays or goes.
  std::optional<CellVersion> decision = std::nullopt;
  /// Deletes of this row, with all that hangs on it, that an edit overruled and that nobody has
  /// settled yet: each is an open conflict.
  std::vector<CellVersion> overruled = {};
  /// Of a dead row that took others along: all that died with it, however far below (SEMANTICS B6).
  /// An edit that brings one of them back brings all of them back.
  std::vector<RowKey> taken_along = {};
  /// Set when dead because it was merged into another row as its duplicate: writes and references
  /// to this id mean that one (SEMANTICS D6).
  std::optional<RowId> merged_into = std::nullopt;
  /// Dead for so long that its values are gone; only that it died is known (SEMANTICS D4).
  bool collected = false;
  friend bool operator==(const StoredRow&, const StoredRow&) = default;

  [[nodiscard]] RowKey key() const { return {table, id}; }
  /// The entry of `column` in `cells`, or null.
  [[nodiscard]] const CellState* find_cell(ColumnId column) const;
  /// The commit in which the shown value of `column` last changed: what a device at a cursor below
  /// lacks.
  [[nodiscard]] Position changed(ColumnId column) const;
};

/// A row left a scope without dying (SEMANTICS A3): the feed of `from` says so at `position`.
struct Departure {
  RowKey key;
  ScopeId from;
  ScopeId to;
  Position position;
  friend bool operator==(const Departure&, const Departure&) = default;
};

}  // namespace doorstep
