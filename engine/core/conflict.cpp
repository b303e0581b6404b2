#include "engine/core/conflict.hpp"

#include "engine/core/hash.hpp"

namespace doorstep {

ConflictId conflict_id_of(std::string_view table, const RowId& row, std::string_view column,
                          const CellVersion& loser) {
  Bytes input;
  const auto append = [&input](ByteView bytes) {
    input.insert(input.end(), bytes.begin(), bytes.end());
  };
  append(bytes_of("conflict"));
  input.push_back(0);
  append(bytes_of(table));
  input.push_back(0);
  append(bytes_of(column));
  input.push_back(0);
  input.push_back(static_cast<std::uint8_t>(row.view().size()));
  append(row.view());
  append(loser.author.view());
  for (unsigned i = 0; i < 8; ++i) {
    input.push_back(static_cast<std::uint8_t>(loser.position.value >> (8U * (7U - i))));
  }
  const ByteView whole = input;
  return ConflictId{hash_of({&whole, 1}).bytes};
}

std::string_view name_of(ConflictState state) {
  switch (state) {
    case ConflictState::automatic:
      return "auto";
    case ConflictState::open:
      return "open";
    case ConflictState::decided:
      return "decided";
  }
  return "auto";
}

std::optional<ConflictState> conflict_state_of(std::string_view name) {
  for (const auto state : {ConflictState::automatic, ConflictState::open, ConflictState::decided}) {
    if (name_of(state) == name) return state;
  }
  return std::nullopt;
}

}  // namespace doorstep
