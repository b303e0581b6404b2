#include "engine/session/propose_duplicates.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

using Blocks = std::vector<MatchBlock>;

Blocks minus(const Blocks& a, const Blocks& b) {
  Blocks out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

Status propose(HubCommit& commit, const Table& table, const StoredRow& a, const StoredRow& b,
               const RowMatch& match) {
  const DuplicateId id = duplicate_id_of(table.name, a.id, b.id);
  DS_ASSIGN(const auto known, commit.duplicates().find(id));
  Duplicate pair;
  if (known) {
    if (known->state != DuplicateState::open) return {};
    if (known->score == match.score && known->reasons == match.reasons) return {};
    pair = *known;
  } else {
    pair.id = id;
    pair.table = a.table;
    pair.first = std::min(a.id, b.id);
    pair.second = std::max(a.id, b.id);
    pair.proposed = commit.position();
  }
  pair.score = match.score;
  pair.reasons = match.reasons;
  return commit.duplicates().put(pair);
}

/// Rows that share a block which this row has joined.
Status meet(HubCommit& commit, const Table& table, const StoredRow& row, const Blocks& joined) {
  std::set<RowId> candidates;
  for (const MatchBlock block : joined) {
    DS_ASSIGN(const auto rows,
              commit.duplicates().rows_in(block, limits::match_block_rows_max + 1));
    candidates.insert(rows.begin(), rows.end());
  }
  candidates.erase(row.id);
  if (candidates.empty()) return {};
  const std::vector<RowId> ids(candidates.begin(), candidates.end());
  DS_ASSIGN(const auto found, commit.fetch(row.table, ids));
  for (const auto& other : found) {
    if (!other || !other->live) continue;
    if (const auto match = match_rows(table, row, *other)) {
      DS_TRY(propose(commit, table, row, *other, *match));
    }
  }
  return {};
}

/// Open pairs of a row that is another now than when they were proposed.
Status review_open_pairs(HubCommit& commit, const Table& table, const StoredRow& row) {
  DS_ASSIGN(const auto pairs, commit.duplicates().of_row(row.key()));
  for (const Duplicate& pair : pairs) {
    if (pair.state != DuplicateState::open) continue;
    const RowId other_id = pair.first == row.id ? pair.second : pair.first;
    DS_ASSIGN(const auto others, commit.fetch(row.table, {&other_id, 1}));
    const auto& other = others.front();
    const auto match = row.live && other && other->live ? match_rows(table, row, *other)
                                                        : std::optional<RowMatch>();
    if (match) {
      DS_TRY(propose(commit, table, row, *other, *match));
    } else {
      DS_TRY(commit.duplicates().remove(pair.id));
    }
  }
  return {};
}

}  // namespace

Status propose_duplicates(HubCommit& commit, const Schema& schema, const RowSet& before,
                          std::span<const StoredRow> after) {
  struct Change {
    const StoredRow* row;
    Blocks left;
    Blocks joined;
  };
  std::vector<Change> changes;
  for (const StoredRow& row : after) {
    const Table& table = schema.table(row.table);
    if (table.match_keys.empty()) continue;
    const StoredRow* was = before.knows(row.key()) ? before.find(row.key()) : nullptr;
    const Blocks old = was != nullptr ? match_blocks(table, *was) : Blocks();
    const Blocks now = match_blocks(table, row);
    if (old == now) continue;
    changes.push_back({&row, minus(old, now), minus(now, old)});
  }
  // All are in their blocks first, so that two new rows of one commit meet too.
  for (const Change& change : changes) {
    DS_TRY(commit.duplicates().change_blocks(change.row->key(), change.left, change.joined));
  }
  for (const Change& change : changes) {
    const Table& table = schema.table(change.row->table);
    if (!change.left.empty()) DS_TRY(review_open_pairs(commit, table, *change.row));
    DS_TRY(meet(commit, table, *change.row, change.joined));
  }
  return {};
}

}  // namespace doorstep
