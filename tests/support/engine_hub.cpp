#include "tests/support/engine_hub.hpp"

#include <algorithm>

#include "engine/ports/feed_order.hpp"
#include "engine/session/commit_merge.hpp"
#include "engine/session/decide_duplicates.hpp"

namespace doorstep::test {
namespace {

HubIdentity somewhere() {
  HubIdentity identity;
  identity.id.bytes[0] = 1;
  return identity;
}

const std::vector<ScopeId>& villages() {
  static const std::vector<ScopeId> both{ScopeId{"x"}, ScopeId{"y"}};
  return both;
}

Result<std::optional<StoredRow>> fetch_live(HubCommit& commit, const RowKey& key) {
  DS_ASSIGN(auto rows, commit.fetch(key.table, {&key.row, 1}));
  if (!rows.front() || !rows.front()->live) return std::optional<StoredRow>();
  return std::move(rows.front());
}

/// The points that the entries of one place come to.
Result<std::int64_t> points_below(HubCommit& commit, const RowId& place) {
  const TableId entries = history_table("entry");
  const Table& table = commit.schemas().newest().table(entries);
  DS_ASSIGN(const auto found, commit.children({entries, table.scope.column, place}));
  std::int64_t points = 0;
  for (const RowId& row : found) {
    DS_ASSIGN(const auto entry, fetch_live(commit, {entries, row}));
    const Value& value = entry->image.values[table.find_column("score")->index];
    points += value.is_null() ? 0 : value.as_integer();
  }
  return points;
}

BrokenRule broken(const std::string& table, const RowKey& key) {
  const Rule& rule = history_schema().table(key.table).rules.front();
  return {table, rule.name, key.row, rule.message, {}};
}

/// The rules of history_schema(), which are SQL elsewhere.
Result<std::optional<BrokenRule>> ask_rules(HubCommit& commit, std::span<const RowKey> written) {
  for (const RowKey& key : written) {
    const Table& table = commit.schemas().newest().table(key.table);
    if (table.rules.empty()) continue;
    DS_ASSIGN(const auto row, fetch_live(commit, key));
    if (!row) continue;
    if (table.name == "place") {
      const Value& boxes = row->image.values[table.find_column("boxes")->index];
      if (!boxes.is_null() && boxes.as_integer() < 0) return std::optional(broken("place", key));
    } else {
      const Value& place = row->image.values[table.scope.column.index];
      DS_ASSIGN(const auto points, points_below(commit, *RowId::from(place.as_blob())));
      if (points > history_points_max) return std::optional(broken("entry", key));
    }
  }
  return std::optional<BrokenRule>();
}

DuplicateId pair_of(const HubAct& act) {
  return duplicate_id_of(history_schema().table(act.loser.table).name, act.loser.row,
                         act.survivor.row);
}

}  // namespace

EngineHub::EngineHub() : store_(history_schema(), somewhere()) { store_.set_rules(ask_rules); }

std::vector<Outcome> EngineHub::take(std::span<const IncomingTransaction> transactions) {
  for (const IncomingTransaction& transaction : transactions) {
    for (const RowChange& change : transaction.content.changes)
      named_.insert({change.table, change.row});
  }
  auto commit = store_.begin().value();
  Merged merged = merge_into(*commit, store_.schema(), transactions).value();
  DS_ASSERT(commit->commit(Instant{}, CommitToken{}).ok());
  look();
  return std::move(merged.outcomes);
}

void EngineHub::propose(const HubAct& act) {
  Duplicate pair;
  pair.id = pair_of(act);
  pair.table = act.loser.table;
  pair.first = std::min(act.loser.row, act.survivor.row);
  pair.second = std::max(act.loser.row, act.survivor.row);
  auto commit = store_.begin().value();
  DS_ASSERT(commit->duplicates().put(pair).ok());
  DS_ASSERT(commit->commit(Instant{}, CommitToken{}).ok());
}

bool EngineHub::take(const HubAct& act) {
  if (act.kind == HubAct::Kind::propose) {
    propose(act);
    return true;
  }
  if (act.kind == HubAct::Kind::grow) {
    auto commit = store_.begin().value();
    DS_ASSERT(commit->put_schema(grown_history_schema(), Instant{}).ok());
    DS_ASSERT(commit->commit(Instant{}, CommitToken{}).ok());
    look();
    return true;
  }
  const DuplicateDecision decision{pair_of(act), "secretary", Instant{}, CommitToken{}};
  const bool done = accept_duplicate(store_, decision, act.survivor.row).ok();
  if (!done) take(std::span<const IncomingTransaction>());
  look();
  return done;
}

void EngineHub::look() {
  auto snapshot = store_.snapshot().value();
  for (const RowKey& key : named_) {
    if (auto row = snapshot->row(key).value()) rows_.insert_or_assign(key, *std::move(row));
  }
}

std::vector<Conflict> EngineHub::records() {
  ConflictQuery all;
  all.count_max = 1'000'000;
  return store_.snapshot().value()->conflicts(all).value();
}

std::vector<Departure> EngineHub::departures() {
  auto snapshot = store_.snapshot().value();
  FeedRequest request;
  request.scopes = villages();
  request.cursor = Position{snapshot->head().value - 1};
  request.scan = scan_start(request);
  request.rows_max = request.bytes_max = 1'000'000;
  return snapshot->feed(request).value().departures;
}

std::string EngineHub::damaged_digests() {
  auto snapshot = store_.snapshot().value();
  const bool same =
      snapshot->digests(villages()).value() == snapshot->scan_digests(villages()).value();
  return same ? "" : "the running digests are not those of the rows";
}

}  // namespace doorstep::test
