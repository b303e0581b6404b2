#include "engine/core/left_out.hpp"

#include "engine/core/hash.hpp"

namespace doorstep {

void LeftOut::add(const RowId& row) {
  const auto hash = short_hash(row.view());
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | hash[i];
  ++rows;
  keys += number;
}

}  // namespace doorstep
