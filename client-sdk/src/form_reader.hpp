// Reading a row for a form: values and what was observed of them, at one moment.
#pragma once

#include <doorstep/form.hpp>

#include "client-sdk/src/form_state.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// Each call runs inside the caller's storage transaction.

/// nullopt: there is no such row here. Error: the storage's.
[[nodiscard]] Result<std::optional<FormReading>> read_form(sqlite::Database& db,
                                                           const Schema& schema, const RowKey& key);
/// For a row that is not there yet: every column is NULL.
[[nodiscard]] Result<FormReading> blank_form(sqlite::Database& db, const Schema& schema,
                                             TableId table);

/// What own transactions did to the row of a form since it was read.
struct OwnSince {
  std::map<Sequence, OwnTouch> touches;
  std::set<Sequence> known;  ///< also those that did nothing to it, or were refused since
  Sequence last;

  [[nodiscard]] bool removed() const;
  /// Was one of these columns written after `sequence`? Also true when that is not known any more:
  /// another process wrote something, and it is confirmed.
  [[nodiscard]] bool may_have_written(const Table& table, const std::vector<ColumnId>& columns,
                                      Sequence sequence) const;
  [[nodiscard]] bool knows_all_after(Sequence sequence) const;
};
[[nodiscard]] Result<OwnSince> own_since(sqlite::Database& db, const Schema& schema,
                                         const Form::State& form);

/// What of the form is not so any more, given its row now (null: it is gone).
[[nodiscard]] FormNews news_of(const Form::State& form, const Schema& schema, const RowImage* now,
                               const OwnSince& own);

}  // namespace doorstep
