#include "server/store/sqlite_hub_feed.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "engine/core/defect.hpp"
#include "server/store/sqlite_hub_rows.hpp"

namespace doorstep {

namespace {

constexpr std::int64_t last_row = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t rows_most = std::size_t{1} << 24;

// Automatic conflicts in which device ?1 lost with what it had written through ?6, of all scopes,
// after (?2, ?3) up to ?4; withdrawn ones only after ?5.
constexpr std::string_view own_conflicts_sql =
    "SELECT ds_position, ds_row, ds_scope FROM ds_conflict WHERE loser_author = ?1 AND state = "
    "'auto'"
    " AND (ds_position, ds_row) > (?2, ?3) AND ds_position <= ?4 AND (withdrawn = 0 OR ds_position "
    "> ?5) AND loser_position <= ?6"
    " ORDER BY ds_position, ds_row";

// A scan point comes back from the device, so it may hold any number.
std::int64_t clamped(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min(value, static_cast<std::uint64_t>(last_row)));
}

}  // namespace

SqliteHubFeed::SqliteHubFeed(HubConnection& hub, const HubSql& sql, const FeedRequest& request,
                             Position head)
    : hub_(hub),
      sql_(sql),
      request_(request),
      head_(head),
      removals_after_(removals_after(request, head)),
      room_(std::clamp(request.rows_max, std::size_t{1}, rows_most) + 1),
      last_wanted_(clamped(head.value)) {
  if (DS_DEFECT("scan_to_first_head")) last_wanted_ = clamped(started_of(request, head).value);
}

SqliteHubFeed::Start SqliteHubFeed::after_scan(const HubFeedPart& part, const ScanPoint& scan) {
  const std::int64_t position = clamped(scan.position.value);
  Start start{position, last_row};
  if (!scan.table.empty() && part.name == scan.table) {
    start.row = clamped(scan.ordinal);
  } else if (!scan.table.empty() && part.name > scan.table) {
    start.position = position - 1;
  }
  return start;
}

SqliteHubFeed::Start SqliteHubFeed::start_of(const HubFeedPart& part, const Scope& scope,
                                             const ScanPoint& scan) const {
  Start start = after_scan(part, scan);
  const Position seen = read_after(request_, scope.code, part.name);
  const std::int64_t after = clamped((part.removals ? removals_after_ : seen).value);
  if (after > 0 && start.position <= after) start = Start{after, last_row};
  return start;
}

Status SqliteHubFeed::find_scopes() {
  for (const ScopeId& scope : request_.scopes) {
    DS_ASSIGN(const std::optional<std::int64_t> number, hub_.find_scope(scope));
    if (number) scopes_.push_back({*number, scope});
  }
  std::sort(scopes_.begin(), scopes_.end(),
            [](const Scope& a, const Scope& b) { return a.number < b.number; });
  return {};
}

/// Null when the device does not see it.
const SqliteHubFeed::Scope* SqliteHubFeed::find_scope(std::int64_t number) const {
  const auto found = std::lower_bound(
      scopes_.begin(), scopes_.end(), number,
      [](const Scope& scope, std::int64_t wanted) { return scope.number < wanted; });
  return found != scopes_.end() && found->number == number ? &*found : nullptr;
}

void SqliteHubFeed::add(Key key) {
  keys_.push_back(key);
  if (keys_.size() < 2 * room_) return;
  const auto last = keys_.begin() + static_cast<std::ptrdiff_t>(room_ - 1);
  std::nth_element(keys_.begin(), last, keys_.end());
  last_wanted_ = clamped(last->position.value);
  keys_.resize(room_);
}

void SqliteHubFeed::bind_keys(const HubQuery& query, const HubFeedPart& part, std::int64_t scope,
                              Start start, std::int64_t count_max) const {
  query->bind(1, scope);
  query->bind(2, start.position);
  query->bind(3, start.row);
  query->bind(4, last_wanted_);
  query->bind(5, count_max);
  if (part.name == feed_part::conflicts) query->bind(6, removals_after_);
}

Status SqliteHubFeed::collect(std::uint32_t part_index, const Scope& scope) {
  const HubFeedPart& part = sql_.feed_parts[part_index];
  const Start start = start_of(part, scope, request_.scan);
  for (const std::string* sql : {&part.within, &part.beyond}) {
    if (sql == &part.within && start.row == last_row) continue;
    DS_ASSIGN(const HubQuery query, hub_.query(*sql));
    bind_keys(query, part, scope.number, start, static_cast<std::int64_t>(room_));
    for (;;) {
      DS_ASSIGN(const bool found, query->step());
      if (!found) break;
      add({query->position(0), part_index, query->integer(1)});
    }
  }
  return {};
}

/// Nobody, where the device wrote references that were redirected: what it sent is not what stands.
Status SqliteHubFeed::find_author() {
  if (!request_.own_left_out) return {};
  DS_ASSIGN(const std::optional<std::int64_t> device, hub_.find_device(request_.device));
  if (!device) return {};
  DS_ASSIGN(const HubQuery redirected,
            hub_.query("SELECT 1 FROM ds_redirected_reference WHERE author = ?1 AND position > ?2"
                       " LIMIT 1"));
  redirected->bind(1, *device);
  redirected->bind(2, clamped(request_.cursor.value));
  DS_ASSIGN(const bool found, redirected->step());
  if (!found) author_ = device;
  return {};
}

// All of the others' rows that there is room for; what it leaves out takes no room. After a push of
// 10,000 visits the answers are 587 bytes so; with the rows they were 64 bytes a visit.
Status SqliteHubFeed::collect_but_own(std::uint32_t part_index, const Scope& scope) {
  const HubFeedPart& part = sql_.feed_parts[part_index];
  DS_ASSIGN(const HubQuery query, hub_.query(part.beyond_own));
  query->bind(1, scope.number);
  query->bind(2, start_of(part, scope, request_.scan).position);
  query->bind(3, *author_);
  query->bind(4, last_wanted_);
  for (std::size_t others = 0; others < room_;) {
    DS_ASSIGN(const bool found, query->step());
    if (!found) return {};
    if (query->integer(2) != 0) {
      own_left_out_.add(RowId::from(query->blob(3)).value_or(RowId{}));
    } else {
      add({query->position(0), part_index, query->integer(1)});
      ++others;
    }
  }
  return {};
}

Status SqliteHubFeed::collect_own_conflicts() {
  DS_TRY(collect_own_conflicts({request_.device, Position{~std::uint64_t{0}}}));
  for (const PastIdentity& one : request_.before) DS_TRY(collect_own_conflicts(one));
  return {};
}

Status SqliteHubFeed::collect_own_conflicts(const PastIdentity& loser) {
  const auto part =
      std::find_if(sql_.feed_parts.begin(), sql_.feed_parts.end(),
                   [](const HubFeedPart& one) { return one.name == feed_part::conflicts; });
  DS_ASSERT(part != sql_.feed_parts.end());
  DS_ASSIGN(const std::optional<std::int64_t> device, hub_.find_device(loser.device));
  if (!device) return {};
  // Of all scopes at once: where the scan stands, however much of each scope the device knows.
  const Start start = after_scan(*part, request_.scan);
  DS_ASSIGN(const HubQuery query, hub_.query(own_conflicts_sql));
  query->bind(1, *device);
  query->bind(2, start.position);
  query->bind(3, start.row);
  query->bind(4, last_wanted_);
  query->bind(5, removals_after_);
  query->bind(6, clamped(loser.through.value));
  for (std::size_t count = 0; count < room_;) {
    DS_ASSIGN(const bool found, query->step());
    if (!found) return {};
    const Scope* scope = find_scope(query->integer(2));
    if (scope == nullptr) continue;
    if (query->position(0) <= read_after(request_, scope->code, part->name)) continue;
    add({query->position(0), static_cast<std::uint32_t>(part - sql_.feed_parts.begin()),
         query->integer(1)});
    ++count;
  }
  return {};
}

Status SqliteHubFeed::collect_keys() {
  for (std::uint32_t part = 0; part < sql_.feed_parts.size(); ++part) {
    if (request_.hides(sql_.feed_parts[part].name)) continue;
    const bool conflicts = sql_.feed_parts[part].name == feed_part::conflicts;
    if (request_.conflicts_only && !conflicts) continue;
    const bool without_own = author_ && sql_.feed_parts[part].table &&
                             request_.leaves_own_out_of(sql_.feed_parts[part].name);
    for (const Scope& scope : scopes_)
      DS_TRY(without_own ? collect_but_own(part, scope) : collect(part, scope));
  }
  DS_TRY(collect_own_conflicts());
  std::sort(keys_.begin(), keys_.end());
  if (keys_.size() > room_) keys_.resize(room_);
  return {};
}

Status SqliteHubFeed::take(const Key& key, FeedBatch& batch) {
  const HubFeedPart& part = sql_.feed_parts[key.part];
  DS_ASSIGN(const HubQuery query, hub_.query(part.item));
  query->bind(1, key.row);
  DS_ASSIGN(const bool found, query->step());
  if (!found) return error(ErrorCode::corrupt, "an index of " + part.name + " leads to no row");
  if (part.table) {
    DS_ASSIGN(StoredRow row, live_row_at(hub_, sql_, *part.table, *query));
    bytes_ += feed_bytes(row);
    batch.rows.push_back(std::move(row));
  } else if (part.name == feed_part::tombstones) {
    DS_ASSIGN(StoredRow row, tombstone_at(hub_, sql_, *query));
    bytes_ += feed_bytes(row);
    batch.rows.push_back(std::move(row));
  } else if (part.name == feed_part::departures) {
    DS_ASSIGN(Departure departure, departure_at(hub_, sql_, *query));
    bytes_ += feed_bytes(departure);
    batch.departures.push_back(std::move(departure));
  } else {
    DS_ASSIGN(Conflict conflict, conflict_at(hub_, sql_, *query));
    bytes_ += feed_bytes(conflict);
    batch.conflicts.push_back(std::move(conflict));
  }
  return {};
}

Result<std::uint64_t> SqliteHubFeed::count_after(const ScanPoint& scan) {
  std::int64_t left = limits::feed_count_max;
  last_wanted_ = clamped(head_.value);
  for (const HubFeedPart& part : sql_.feed_parts) {
    if (request_.hides(part.name)) continue;
    for (const Scope& scope : scopes_) {
      if (left <= 0) return static_cast<std::uint64_t>(limits::feed_count_max);
      const Start start = start_of(part, scope, scan);
      for (const std::string* sql : {&part.count_within, &part.count_beyond}) {
        if (sql == &part.count_within && start.row == last_row) continue;
        DS_ASSIGN(const HubQuery query, hub_.query(*sql));
        bind_keys(query, part, scope.number, start, left);
        DS_ASSIGN(const bool found, query->step());
        if (found) left -= query->integer(0);
      }
    }
  }
  return static_cast<std::uint64_t>(limits::feed_count_max - std::max<std::int64_t>(left, 0));
}

// Counted for each batch, a first load of 50,000 rows spent a sixth of the hub's processor time on
// it. What changes meanwhile comes again at the end: counted anew when the estimate is used up.
Result<std::uint64_t> SqliteHubFeed::still_to_come(const ScanPoint& scan, std::size_t taken) {
  const auto said = request_.still_to_come;
  if (said && *said > taken && *said < static_cast<std::uint64_t>(limits::feed_count_max)) {
    return *said - taken;
  }
  return count_after(scan);
}

Result<FeedBatch> SqliteHubFeed::read() {
  FeedBatch batch;
  const Position started = started_of(request_, head_);
  batch.next = request_.scan;
  batch.next.started = started;
  DS_TRY(find_scopes());
  DS_TRY(find_author());
  DS_TRY(collect_keys());
  std::size_t taken = 0;
  while (taken < keys_.size() && taken + 1 < room_ &&
         (taken == 0 || bytes_ <= request_.bytes_max)) {
    const Key& key = keys_[taken++];
    DS_TRY(take(key, batch));
    batch.next = {key.position, sql_.feed_parts[key.part].name, static_cast<std::uint64_t>(key.row),
                  started, request_.scan.asked};
    if (DS_DEFECT("scan_by_position_alone")) batch.next.table.clear();
  }
  batch.complete = taken == keys_.size();
  batch.own_left_out = own_left_out_;
  if (batch.complete) {
    batch.next = {head_, {}, 0, started, request_.scan.asked};
  } else {
    DS_ASSIGN(batch.remaining, still_to_come(batch.next, taken));
  }
  return batch;
}

}  // namespace doorstep
