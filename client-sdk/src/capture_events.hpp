// The buffer between SQLite's hooks and the net change of a transaction. Pure; no SQLite here.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// A row as the hook gave it: the key and the columns as SQLite had them bound, not yet by declared
/// type.
struct RawRow {
  Value key;
  RowImage image;
};

/// One call of the hook: insert has only `after`, delete only `before`.
struct CaptureEvent {
  TableId table;
  std::optional<RawRow> before;
  std::optional<RawRow> after;
};

class CaptureEvents {
 public:
  void add(CaptureEvent event) { events_.push_back(std::move(event)); }
  void clear();
  /// A savepoint began: remember how much there is.
  void mark(int savepoint);
  /// Cuts what came after the savepoint, which stays open.
  void cut_to(int savepoint);
  /// The savepoint and those inside it ended; what they hold stays.
  void release(int savepoint);

  [[nodiscard]] const std::vector<CaptureEvent>& all() const { return events_; }
  /// All of them; none are left. Marks stay.
  [[nodiscard]] std::vector<CaptureEvent> take() { return std::exchange(events_, {}); }

 private:
  std::vector<CaptureEvent> events_;
  std::vector<std::pair<int, std::size_t>> marks_;  // savepoint, events before it; ascending
};

}  // namespace doorstep
