// Which rows a checkpoint leaves out because their author has them (SEMANTICS A6), so that both
// ends can tell whether they mean the same ones. A number alone did not do: a visit that had moved
// away with its family and another that outlived its own removal made the number right and both
// wrong. Pure.
#pragma once

#include <cstdint>

#include "engine/core/ids.hpp"

namespace doorstep {

struct LeftOut {
  std::uint64_t rows = 0;
  std::uint64_t keys = 0;  ///< sum modulo 2^64 over their keys: short_hash(), the first 8 bytes
                           ///< big-endian; zero when `rows` is
  void add(const RowId& row);
  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

}  // namespace doorstep
