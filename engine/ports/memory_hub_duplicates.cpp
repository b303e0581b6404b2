#include "engine/ports/memory_hub_duplicates.hpp"

#include <algorithm>

namespace doorstep {

namespace {

template <class Map, class Key>
auto copy_of(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::vector<Duplicate> MemoryDuplicatesState::list(bool only_open, std::size_t count_max) const {
  std::vector<Duplicate> out;
  for (const auto& [id, pair] : pairs) {
    if (!only_open || pair.state == DuplicateState::open) out.push_back(pair);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Duplicate& a, const Duplicate& b) { return a.proposed > b.proposed; });
  if (out.size() > count_max) out.resize(count_max);
  return out;
}

bool MemoryDuplicatesState::has_redirected(const DeviceId& author, Position after) const {
  return std::any_of(references.begin(), references.end(), [&](const auto& logged) {
    return std::any_of(logged.second.begin(), logged.second.end(), [&](const auto& one) {
      return one.author == author && one.position > after;
    });
  });
}

Result<std::optional<RowId>> MemoryHubDuplicates::merged_into(const RowKey& key) {
  return copy_of(state_.merged, key);
}

Status MemoryHubDuplicates::change_blocks(const RowKey& key, std::span<const MatchBlock> left,
                                          std::span<const MatchBlock> joined) {
  for (const MatchBlock block : left) {
    const auto found = state_.blocks.find(block);
    if (found == state_.blocks.end()) continue;
    found->second.erase(key.row);
    if (found->second.empty()) state_.blocks.erase(found);
  }
  for (const MatchBlock block : joined) state_.blocks[block].insert(key.row);
  return {};
}

Result<std::vector<RowId>> MemoryHubDuplicates::rows_in(MatchBlock block, std::size_t count_max) {
  std::vector<RowId> rows;
  const auto found = state_.blocks.find(block);
  if (found == state_.blocks.end()) return rows;
  for (const RowId& row : found->second) {
    if (rows.size() == count_max) break;
    rows.push_back(row);
  }
  return rows;
}

Result<std::optional<Duplicate>> MemoryHubDuplicates::find(const DuplicateId& id) {
  return copy_of(state_.pairs, id);
}

Result<std::vector<Duplicate>> MemoryHubDuplicates::of_row(const RowKey& key) {
  std::vector<Duplicate> found;
  for (const auto& [id, pair] : state_.pairs) {
    if (pair.table != key.table) continue;
    if (pair.first == key.row || pair.second == key.row) found.push_back(pair);
  }
  return found;
}

Status MemoryHubDuplicates::put(const Duplicate& pair) {
  state_.pairs[pair.id] = pair;
  return {};
}

Status MemoryHubDuplicates::remove(const DuplicateId& id) {
  state_.pairs.erase(id);
  return {};
}

Result<std::optional<Redirect>> MemoryHubDuplicates::redirect(const RowKey& loser) {
  return copy_of(state_.redirects, loser);
}

Status MemoryHubDuplicates::put_redirect(const Redirect& redirect) {
  state_.redirects[redirect.loser] = redirect;
  return {};
}

Status MemoryHubDuplicates::end_redirect(const RowKey& loser) {
  state_.redirects.erase(loser);
  state_.references.erase(loser);
  state_.writes.erase(loser);
  return {};
}

Status MemoryHubDuplicates::put_references(std::span<const RedirectedReference> references) {
  for (const RedirectedReference& one : references) state_.references[one.loser].insert(one);
  return {};
}

Result<std::vector<RedirectedReference>> MemoryHubDuplicates::references(const RowKey& loser) {
  const auto found = state_.references.find(loser);
  if (found == state_.references.end()) return std::vector<RedirectedReference>();
  return std::vector<RedirectedReference>(found->second.begin(), found->second.end());
}

Status MemoryHubDuplicates::put_writes(std::span<const RedirectedWrite> writes) {
  for (const RedirectedWrite& one : writes) state_.writes[one.loser].push_back(one);
  return {};
}

Result<std::vector<RedirectedWrite>> MemoryHubDuplicates::writes(const RowKey& loser) {
  const auto found = state_.writes.find(loser);
  return found == state_.writes.end() ? std::vector<RedirectedWrite>() : found->second;
}

}  // namespace doorstep
