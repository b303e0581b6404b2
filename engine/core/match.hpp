// Which rows may be one and the same thing, registered twice (SEMANTICS D6): values made
// comparable, names compared as people misspell them, and blocks, by which a hub finds candidates
// without looking at every row. Pure and deterministic; docs/decisions/0002-duplicates.md has the
// reasons.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// The text as match keys compare it: full-width letters, digits and spaces as their narrow forms,
/// capitals small, spaces and punctuation left out. What is not UTF-8 is left out too.
[[nodiscard]] std::string match_text(std::string_view text);
/// The same of any value: numbers in decimal digits, blobs in hexadecimal, NULL empty.
[[nodiscard]] std::string match_text(const Value& value);

/// How alike two names are, 0 to 100; both as match_text() gives them. 100: the same characters.
/// Another character of the same sound costs little, a character left out, added or swapped with
/// its neighbour more, another character most. Only the first limits::match_name_points_max
/// characters count.
[[nodiscard]] int name_similarity(std::string_view a, std::string_view b);

/// What stands for the sound of a character: the first of those that are said alike (tones aside),
/// or the character itself when the table of sounds does not have it.
[[nodiscard]] char32_t sound_of(char32_t character);

/// A key in which two rows agree.
struct MatchReason {
  std::string key;       ///< MatchKey::name
  int similarity = 100;  ///< of the key's similar column; 100 without one
  friend bool operator==(const MatchReason&, const MatchReason&) = default;
};

struct RowMatch {
  int score =
      0;  ///< 1 to 100: each key's score times its similarity, taken together as independent
  std::vector<MatchReason> reasons;  ///< in the order of the table's match keys; never empty
  friend bool operator==(const RowMatch&, const RowMatch&) = default;
};

/// The keys in which two live rows of the table agree; nullopt when the score stays below
/// limits::match_score_min.
[[nodiscard]] std::optional<RowMatch> match_rows(const Table& table, const StoredRow& a,
                                                 const StoredRow& b);

/// A place where rows that may be alike meet: a hash over table, key, scope, equal columns and the
/// sound of the similar one, whole or with one character left out. Rows that agree in a key share
/// at least one block, but for names with more than one character of another sound.
struct MatchBlock {
  std::uint64_t value = 0;
  friend auto operator<=>(const MatchBlock&, const MatchBlock&) = default;
};

/// Every block of a live row, ascending, each once; none for a dead row or a table without keys.
[[nodiscard]] std::vector<MatchBlock> match_blocks(const Table& table, const StoredRow& row);

}  // namespace doorstep
