#include "engine/ports/memory_hub_state.hpp"

#include <algorithm>

namespace doorstep {

namespace {

bool holds(const std::vector<ScopeId>& scopes, const ScopeId& scope) {
  return std::binary_search(scopes.begin(), scopes.end(), scope);
}

// One item of the feed against one request.
class FeedReader {
 public:
  FeedReader(const FeedRequest& request, Position head)
      : request_(request), removals_after_(removals_after(request, head)) {}

  [[nodiscard]] bool shows_item(const FeedKey& key, const MemoryFeedItem& item) const {
    const bool conflict = std::holds_alternative<std::shared_ptr<const Conflict>>(item);
    if ((request_.conflicts_only && !conflict) || request_.hides(key.part)) return false;
    return std::visit([&](const auto& held) { return shows_one(key, *held); }, item);
  }
  void take(const MemoryFeedItem& item, FeedBatch& batch) {
    std::visit([&](const auto& held) { put(*held, batch); }, item);
    ++count_;
  }
  [[nodiscard]] bool is_full() const {
    return count_ > 0 && (count_ >= request_.rows_max || bytes_ > request_.bytes_max);
  }

 private:
  /// Of this scope, and not behind the device's cursor there.
  [[nodiscard]] bool wants(const FeedKey& key, const ScopeId& scope) const {
    return holds(request_.scopes, scope) && key.position > read_after(request_, scope, key.part);
  }
  [[nodiscard]] bool shows_one(const FeedKey& key, const StoredRow& row) const {
    return wants(key, row.scope) && (row.live || row.position > removals_after_);
  }
  [[nodiscard]] bool shows_one(const FeedKey& key, const Departure& departure) const {
    return wants(key, departure.from) && departure.position > removals_after_;
  }
  [[nodiscard]] bool shows_one(const FeedKey& key, const Conflict& conflict) const {
    return wants(key, conflict.scope) && shows(request_, conflict, removals_after_);
  }
  void put(const StoredRow& row, FeedBatch& batch) {
    bytes_ += feed_bytes(row);
    batch.rows.push_back(row);
  }
  void put(const Departure& departure, FeedBatch& batch) {
    bytes_ += feed_bytes(departure);
    batch.departures.push_back(departure);
  }
  void put(const Conflict& conflict, FeedBatch& batch) {
    bytes_ += feed_bytes(conflict);
    batch.conflicts.push_back(conflict);
  }

  const FeedRequest& request_;
  Position removals_after_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

FeedKey MemoryHubState::next_key(Position position, std::string_view part,
                                 const FeedKey* previous) {
  // An item that stays at its place keeps its number, or a scan that stands there would meet it
  // twice.
  if (previous != nullptr && previous->position == position && previous->part == part) {
    return *previous;
  }
  return {position, std::string(part), ++ordinals};
}

void MemoryHubState::put(const Schema& schema, const StoredRow& row) {
  const Table& table = schema.table(row.table);
  DS_ASSERT(row.image.values.size() == table.columns.size());
  dead.erase(row.key());
  const auto found = rows.find(row.key());
  const FeedKey key =
      next_key(row.position, row.live ? std::string_view(table.name) : feed_part::tombstones,
               found == rows.end() ? nullptr : &found->second);
  if (found != rows.end()) feed.erase(found->second);
  rows[row.key()] = key;
  feed[key] = std::make_shared<const StoredRow>(row);
  if (row.merged_into) {
    duplicates.merged[row.key()] = *row.merged_into;
  } else {
    duplicates.merged.erase(row.key());
  }
}

void MemoryHubState::put(const Departure& departure) {
  const std::tuple<RowKey, Position, ScopeId> id{departure.key, departure.position, departure.from};
  const auto found = departures.find(id);
  const FeedKey key = next_key(departure.position, feed_part::departures,
                               found == departures.end() ? nullptr : &found->second);
  if (found != departures.end()) feed.erase(found->second);
  departures[id] = key;
  feed[key] = std::make_shared<const Departure>(departure);
}

void MemoryHubState::put(const Conflict& conflict) {
  const auto found = conflicts.find(conflict.id);
  if (found == conflicts.end() && conflict.withdrawn) return;
  const FeedKey key = next_key(conflict.position, feed_part::conflicts,
                               found == conflicts.end() ? nullptr : &found->second);
  if (found != conflicts.end()) feed.erase(found->second);
  conflicts[conflict.id] = key;
  feed[key] = std::make_shared<const Conflict>(conflict);
}

const StoredRow* MemoryHubState::find(const RowKey& key) const {
  const auto found = rows.find(key);
  if (found == rows.end()) {
    const auto gone = dead.find(key);
    return gone == dead.end() ? nullptr : &gone->second;
  }
  return std::get<std::shared_ptr<const StoredRow>>(feed.at(found->second)).get();
}

const Conflict* MemoryHubState::find(const ConflictId& id) const {
  const auto found = conflicts.find(id);
  if (found == conflicts.end()) return nullptr;
  return std::get<std::shared_ptr<const Conflict>>(feed.at(found->second)).get();
}

std::vector<Conflict> MemoryHubState::conflicts_of(const RowKey& key) const {
  std::vector<Conflict> found;
  for (const auto& [id, place] : conflicts) {
    const Conflict& conflict = *std::get<std::shared_ptr<const Conflict>>(feed.at(place));
    if (conflict.key == key && !conflict.withdrawn) found.push_back(conflict);
  }
  return found;
}

std::vector<RowId> MemoryHubState::children(const Schema& schema, const ChildQuery& query) const {
  const bool text = schema.table(query.child).column(query.via).type != ColumnType::uuid;
  const Value wanted = text ? Value::text(query.parent.text()) : Value::blob(query.parent.view());
  std::vector<RowId> found;
  for (auto at = rows.lower_bound(RowKey{query.child, RowId{}});
       at != rows.end() && at->first.table == query.child; ++at) {
    const StoredRow& row = *std::get<std::shared_ptr<const StoredRow>>(feed.at(at->second));
    if (row.live && row.image.values[query.via.index] == wanted) found.push_back(row.id);
  }
  return found;
}

std::vector<Departure> MemoryHubState::departures_of(const RowKey& key) const {
  std::vector<Departure> found;
  for (auto at = departures.lower_bound({key, Position{}, ScopeId{}});
       at != departures.end() && std::get<RowKey>(at->first) == key; ++at) {
    found.push_back(*std::get<std::shared_ptr<const Departure>>(feed.at(at->second)));
  }
  return found;
}

bool MemoryHubState::may_go(const MemoryFeedItem& item, const CollectRequest& request) const {
  if (const auto* row = std::get_if<std::shared_ptr<const StoredRow>>(&item)) {
    const StoredRow& held = **row;
    if (held.live || held.merged_into || held.scope != request.scope) return false;
    if (held.position > request.passed) return false;
    return std::none_of(conflicts.begin(), conflicts.end(), [&](const auto& entry) {
      const auto& one = *std::get<std::shared_ptr<const Conflict>>(feed.at(entry.second));
      return one.key == held.key() && one.state == ConflictState::open && !one.withdrawn;
    });
  }
  if (const auto* departure = std::get_if<std::shared_ptr<const Departure>>(&item)) {
    return (*departure)->from == request.scope && (*departure)->position <= request.passed;
  }
  const Conflict& conflict = *std::get<std::shared_ptr<const Conflict>>(item);
  if (conflict.scope != request.scope) return false;
  if (conflict.withdrawn) return conflict.position <= request.passed;
  return conflict.state == ConflictState::automatic && conflict.position <= request.old;
}

void MemoryHubState::take_away(const MemoryFeedItem& item, Collected& collected) {
  Position& floor = floors[std::visit(
      [](const auto& held) -> const ScopeId& {
        if constexpr (requires { held->from; }) {
          return held->from;
        } else {
          return held->scope;
        }
      },
      item)];
  if (const auto* row = std::get_if<std::shared_ptr<const StoredRow>>(&item)) {
    floor = std::max(floor, (*row)->position);
    StoredRow gone;
    gone.table = (*row)->table;
    gone.id = (*row)->id;
    gone.scope = (*row)->scope;
    gone.live = false;
    gone.collected = true;
    gone.position = gone.since = (*row)->position;
    gone.death = (*row)->death;
    gone.base = (*row)->death.value_or((*row)->base);
    gone.image.values.resize((*row)->image.values.size());
    rows.erase(gone.key());
    dead[gone.key()] = std::move(gone);
    ++collected.tombstones;
  } else if (const auto* departure = std::get_if<std::shared_ptr<const Departure>>(&item)) {
    floor = std::max(floor, (*departure)->position);
    departures.erase({(*departure)->key, (*departure)->position, (*departure)->from});
    ++collected.departures;
  } else {
    const Conflict& conflict = *std::get<std::shared_ptr<const Conflict>>(item);
    if (conflict.withdrawn) floor = std::max(floor, conflict.position);
    conflicts.erase(conflict.id);
    ++collected.conflicts;
  }
}

Collected MemoryHubState::collect(const CollectRequest& request) {
  Collected collected;
  for (auto at = feed.begin(); at != feed.end();) {
    if (!may_go(at->second, request)) {
      ++at;
      continue;
    }
    if (collected.count() >= request.count_max) {
      collected.complete = false;
      break;
    }
    take_away(at->second, collected);
    at = feed.erase(at);
  }
  return collected;
}

void MemoryHubState::recount(const Schema& schema, std::span<const ScopeId> scopes) {
  std::erase_if(digests, [&](const auto& entry) {
    return std::find(scopes.begin(), scopes.end(), entry.first.first) != scopes.end();
  });
  DigestChanges changes;
  for (const auto& [key, place] : rows) {
    const StoredRow& row = *std::get<std::shared_ptr<const StoredRow>>(feed.at(place));
    const bool wanted = std::find(scopes.begin(), scopes.end(), row.scope) != scopes.end();
    if (row.live && wanted) changes.replace(schema, nullptr, &row);
  }
  for (const auto& [place, sums] : changes.sums()) digests[place] = sums;
}

bool MemoryHubState::leaves_out(const FeedRequest& request, const MemoryFeedItem& item) const {
  const auto* row = std::get_if<std::shared_ptr<const StoredRow>>(&item);
  if (row == nullptr || !is_own_insert(**row, request.device)) return false;
  return request.leaves_own_out_of(schemas->newest().table((*row)->table).name);
}

FeedBatch MemoryHubState::read_feed(const FeedRequest& asked) const {
  FeedRequest request = asked;
  if (duplicates.has_redirected(request.device, request.cursor)) request.own_left_out = false;
  FeedBatch batch;
  FeedReader reader(request, head);
  batch.next = request.scan;
  batch.next.started = started_of(request, head);
  for (auto at = feed.lower_bound(FeedKey{request.scan.position, {}, 0}); at != feed.end(); ++at) {
    const auto& [key, item] = *at;
    if (!follows(key, request.scan) || !reader.shows_item(key, item)) continue;
    if (leaves_out(request, item)) {
      batch.own_left_out.add(std::get<std::shared_ptr<const StoredRow>>(item)->id);
      continue;
    }
    if (reader.is_full()) {
      ++batch.remaining;
      continue;
    }
    reader.take(item, batch);
    batch.next = {key.position, key.part, key.ordinal, batch.next.started, request.scan.asked};
  }
  batch.complete = batch.remaining == 0;
  if (batch.complete) batch.next = {head, {}, 0, batch.next.started, request.scan.asked};
  return batch;
}

// Old tables and columns keep their numbers (docs/schema.md), so only the rows get longer.
void MemoryHubState::take_schema(const Schema& schema, Instant now, Position position) {
  for (auto& [key, item] : feed) {
    const auto* held = std::get_if<std::shared_ptr<const StoredRow>>(&item);
    if (held == nullptr) continue;
    StoredRow row = **held;
    row.image.values.resize(schema.table(row.table).columns.size());
    item = std::make_shared<const StoredRow>(std::move(row));
  }
  for (auto& [key, row] : dead) row.image.values.resize(schema.table(key.table).columns.size());
  std::vector<SchemaHistory::Entry> entries = schemas->entries();
  entries.push_back({schema, position, now});
  schemas = std::make_shared<const SchemaHistory>(std::move(entries));
}

}  // namespace doorstep
