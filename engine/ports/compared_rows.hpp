// A device's answer to the second step of a comparison, made from its rows as they come: what is
// other than the hub's in the buckets that it asked about, and how rows with own work are shown.
// Bounded by limits::compared_rows_max and compared_bytes_max; what does not fit is counted. Pure.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

class ComparedRows {
 public:
  /// Both must outlive it.
  ComparedRows(const Schema& schema, const Compare& asked);

  /// The hub's values of a row here; of each row once.
  void hold(const RowKey& key, const RowImage& image);
  /// A row with unconfirmed own work as it is shown; nullopt: it is not. Of each row once.
  void show(const RowKey& key, const std::optional<RowImage>& image);

  /// After all rows: those of the hub that were not held are said to be missing. Rows stand in the
  /// order of their keys.
  [[nodiscard]] Compared take(Position cursor);

 private:
  struct Part {
    std::map<RowKey, std::optional<RowImage>> rows;
    std::size_t bytes = 0;
  };
  void put(Part& part, const RowKey& key, const std::optional<RowImage>& image);
  [[nodiscard]] std::vector<RowBlock> blocks_of(const Part& part) const;

  const Schema& schema_;
  RefillCover cover_;
  std::map<RowKey, std::uint64_t> theirs_;  // the hub's that were not held so far
  Compared said_;
  Part held_;
  Part shown_;
};

}  // namespace doorstep
