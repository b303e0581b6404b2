// What one device holds against what its hub has, as somebody at the hub sees it: the cells that
// differ, and what explains them. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

/// One cell that differs, or a whole row (`column` empty) that only one of the two has.
struct CellDifference {
  enum class What : std::uint8_t {
    changed,
    missing,  ///< the device has no such row
    surplus,  ///< the hub has no such row, or not where this device would see it
  };
  enum class Why : std::uint8_t {
    unexplained,
    behind,   ///< the hub changed it after the device's cursor
    pending,  ///< the device shows own work that no checkpoint includes yet
  };
  std::string table;
  RowId row;
  std::string column;
  What what = What::changed;
  Why why = Why::unexplained;
  Value hub;
  Value device;
  friend bool operator==(const CellDifference&, const CellDifference&) = default;
};
[[nodiscard]] std::string_view name_of(CellDifference::What what);
[[nodiscard]] std::string_view name_of(CellDifference::Why why);

struct DeviceComparison {
  Position head;                       ///< the hub as of this commit
  Position cursor;                     ///< the device as of this one, and its own work
  std::uint64_t buckets = 0;           ///< that differed
  std::uint64_t buckets_compared = 0;  ///< of them, row by row
  std::uint64_t pending = 0;           ///< rows on the device with unconfirmed own work
  std::uint64_t left_out = 0;          ///< rows that the device did not send, and cells not kept
  std::vector<CellDifference> cells;   ///< ascending by table and row as the device sent them
  [[nodiscard]] std::uint64_t count(CellDifference::Why why) const;
  /// Everything was looked at, and nothing is unexplained.
  [[nodiscard]] bool is_equal() const;
  friend bool operator==(const DeviceComparison&, const DeviceComparison&) = default;
};

}  // namespace doorstep
