// What this device wrote to one row since a form read it, by number of its transactions: those that
// a checkpoint has confirmed are in no table any more, so an open form has them noted.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>

#include "engine/core/change.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// What one transaction did to one row; by name, for a newer schema may come in between.
struct OwnTouch {
  bool removed = false;
  std::set<std::string> columns;
};

/// Of the changes of one transaction, those of one row.
[[nodiscard]] OwnTouch touch_of(const Schema& schema, const std::string& table, const RowId& row,
                                std::span<const RowChange> changes);

/// Of one form. Any thread.
class OwnWrites {
 public:
  OwnWrites(std::string table, const RowId& row) : table_(std::move(table)), row_(row) {}
  void note(const Schema& schema, Sequence sequence, std::span<const RowChange> changes);
  /// Of transactions after `sequence`, also those that did nothing to the row.
  [[nodiscard]] std::map<Sequence, OwnTouch> after(Sequence sequence) const;

 private:
  std::string table_;
  RowId row_;
  mutable std::mutex mutex_;
  std::map<Sequence, OwnTouch> touches_;
};

}  // namespace doorstep
