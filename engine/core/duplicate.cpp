#include "engine/core/duplicate.hpp"

#include <algorithm>

#include "engine/core/hash.hpp"

namespace doorstep {

DuplicateId duplicate_id_of(std::string_view table, const RowId& a, const RowId& b) {
  Bytes input;
  const auto append = [&input](ByteView bytes) {
    input.push_back(static_cast<std::uint8_t>(bytes.size()));
    input.insert(input.end(), bytes.begin(), bytes.end());
  };
  append(bytes_of("duplicate"));
  append(bytes_of(table));
  append(std::min(a, b).view());
  append(std::max(a, b).view());
  const ByteView whole = input;
  return DuplicateId{hash_of({&whole, 1}).bytes};
}

std::string_view name_of(DuplicateState state) {
  switch (state) {
    case DuplicateState::open:
      return "open";
    case DuplicateState::accepted:
      return "accepted";
    case DuplicateState::rejected:
      return "rejected";
    case DuplicateState::unmerged:
      return "unmerged";
  }
  return "open";
}

std::optional<DuplicateState> duplicate_state_of(std::string_view name) {
  for (const auto state : {DuplicateState::open, DuplicateState::accepted, DuplicateState::rejected,
                           DuplicateState::unmerged}) {
    if (name_of(state) == name) return state;
  }
  return std::nullopt;
}

}  // namespace doorstep
