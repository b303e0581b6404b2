// What a person calls a row, when it happened, and how its values read. All of it is found from the
// schema: no table or column of an app is known here by itself.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/ports/hub_store.hpp"

namespace doorstep::console {

/// The column that names a row: the first text column called name, head_name or title; else the
/// first text column that is required and refers to nothing. nullopt: the key is all there is.
[[nodiscard]] std::optional<ColumnId> label_column(const Table& table);
/// True where that column is called name, head_name or title: the row is a thing with a name of its
/// own, and not something that happened.
[[nodiscard]] bool has_name(const Table& table);
/// When a row happened, as people state it: the first required date column, else the first one
/// called ..._on, else the first of a table without names. nullopt: only when it was written is
/// known.
[[nodiscard]] std::optional<ColumnId> date_column(const Table& table);

/// A list of elements, not one text.
[[nodiscard]] bool holds_elements(const Column& column);

/// The value of the label column, else the key.
[[nodiscard]] std::string label_of(const Table& table, const StoredRow& row);

/// Values in words. Labels of rows that values refer to are looked up once each. Used by one
/// thread, not longer than the snapshot lives.
class ValueWords {
 public:
  ValueWords(HubSnapshot& snapshot, bool chinese) : snapshot_(snapshot), chinese_(chinese) {}

  /// Money of columns called ..._fen in yuan, dates and times as in China, sets as lists,
  /// references by the label of their row; empty for NULL.
  [[nodiscard]] Result<std::string> of(const Column& column, const Value& value);
  /// The same of a whole cell, which may be a group of columns: "surveyed_on 2026-03-02, ...".
  [[nodiscard]] Result<std::string> of_cell(const Table& table, ColumnId column,
                                            const Value& value);
  /// The label of a row, live or dead; its key when the hub has no such row.
  [[nodiscard]] Result<std::string> label(const RowKey& key);

 private:
  HubSnapshot& snapshot_;
  bool chinese_;
  std::map<RowKey, std::string> labels_;
};

}  // namespace doorstep::console
