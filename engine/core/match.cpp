#include "engine/core/match.hpp"

#include <algorithm>

#include "engine/core/hash.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/match_name.hpp"

namespace doorstep {
namespace {

/// The equal columns of a key in one text, or nullopt when one of them says nothing.
std::optional<std::string> equal_text(const StoredRow& row, const MatchKey& key) {
  std::string all;
  for (const ColumnId column : key.equal) {
    const std::string one = match_text(row.image.values[column.index]);
    if (one.empty()) return std::nullopt;
    // The length in front keeps any two lists of texts apart.
    all += std::to_string(one.size());
    all += ':';
    all += one;
  }
  return all;
}

MatchBlock block_of(const Table& table, const MatchKey& key, const StoredRow& row,
                    std::string_view equal, std::string_view name) {
  std::string input = table.name;
  for (const std::string_view part :
       {std::string_view(key.name), std::string_view(key.same_scope ? row.scope.code : ""), equal,
        name}) {
    input += '\0';
    input += part;
  }
  const auto hash = short_hash(bytes_of(input));
  MatchBlock block;
  for (std::size_t i = 0; i < 8; ++i) block.value = block.value << 8U | hash[i];
  return block;
}

/// The name by its sounds: whole, and with each character left out.
std::vector<std::u32string> name_variants(std::string_view text) {
  std::u32string whole = name_points(text);
  for (char32_t& point : whole) point = sound_of(point);
  std::vector<std::u32string> variants;
  if (whole.empty()) return variants;
  variants.push_back(whole);
  if (whole.size() < 2 || whole.size() > limits::match_deletions_max) return variants;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::u32string shorter = whole;
    shorter.erase(i, 1);
    variants.push_back(std::move(shorter));
  }
  return variants;
}

void add_blocks(const Table& table, const MatchKey& key, const StoredRow& row,
                std::vector<MatchBlock>& blocks) {
  const auto equal = equal_text(row, key);
  if (!equal) return;
  if (!key.similar) {
    blocks.push_back(block_of(table, key, row, *equal, ""));
    return;
  }
  const std::string name = match_text(row.image.values[key.similar->index]);
  for (const std::u32string& variant : name_variants(name)) {
    blocks.push_back(block_of(table, key, row, *equal, utf8_of(variant)));
  }
}

/// How alike the rows are in one key; 0: not at all.
int similarity_in(const MatchKey& key, const StoredRow& a, const StoredRow& b) {
  if (key.same_scope && a.scope != b.scope) return 0;
  const auto equal = equal_text(a, key);
  if (!equal || equal != equal_text(b, key)) return 0;
  if (!key.similar) return 100;
  const int alike = name_similarity(match_text(a.image.values[key.similar->index]),
                                    match_text(b.image.values[key.similar->index]));
  return alike >= limits::match_similarity_min ? alike : 0;
}

}  // namespace

std::optional<RowMatch> match_rows(const Table& table, const StoredRow& a, const StoredRow& b) {
  RowMatch match;
  int doubt = 10'000;  // in hundredths of a percent, so that small doubts do not vanish
  for (const MatchKey& key : table.match_keys) {
    const int similarity = similarity_in(key, a, b);
    if (similarity == 0) continue;
    match.reasons.push_back({key.name, similarity});
    doubt = doubt * (10'000 - static_cast<int>(key.score) * similarity) / 10'000;
  }
  match.score = (10'000 - doubt) / 100;
  if (match.score < limits::match_score_min) return std::nullopt;
  return match;
}

std::vector<MatchBlock> match_blocks(const Table& table, const StoredRow& row) {
  std::vector<MatchBlock> blocks;
  if (!row.live) return blocks;
  for (const MatchKey& key : table.match_keys) add_blocks(table, key, row, blocks);
  std::sort(blocks.begin(), blocks.end());
  blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
  return blocks;
}

}  // namespace doorstep
