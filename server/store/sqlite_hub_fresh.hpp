// Rows that are new to a hub, many at once: most of what phones send. Found to be new by one look
// for a whole run of keys, and put by one statement for several, so that SQLite opens a table and
// its indexes once and stays at the end of what is appended to: 82,000 instructions for a visit
// that came in a batch before, 65,000 with this.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schema.hpp"

namespace doorstep {

/// Keys of a table that no row has, living or dead: all between two that stand next to each other.
/// Holds as long as nothing is put.
class KeyGap {
 public:
  [[nodiscard]] bool holds(const RowId& id) const;
  /// Looks for the gap that begins with `absent`, a key without a row, when `next` may lie in it.
  /// Keys that do not rise together make it look less and less often.
  [[nodiscard]] Status look_beyond(HubConnection& hub, const HubSql& sql, TableId table,
                                   const RowId& absent, const RowId& next);

 private:
  std::optional<RowId> begin_;
  std::optional<RowId> end_;  // nullopt: no key comes after
  std::size_t pause_ = 0;
  std::size_t to_skip_ = 0;
};

/// Takes rows of one table that are new and live, as put_row() would put them with `is_absent`.
class FreshRows {
 public:
  FreshRows(HubConnection& hub, const HubSql& sql) : hub_(hub), sql_(sql) {}

  /// `row` must live until finish().
  [[nodiscard]] Status put(const StoredRow& row);
  [[nodiscard]] Status finish();

 private:
  [[nodiscard]] Status put_together();

  HubConnection& hub_;
  const HubSql& sql_;
  std::vector<const StoredRow*> waiting_;  // of one table
};

}  // namespace doorstep
