// The contract of HubStore, collection: what goes out of a feed, what stays of a deleted row,
// floors and recounted sums (SEMANTICS D4, E2). Runs on every implementation.
#include <doctest/doctest.h>

#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

#define HUB_STORES MemoryHub, SqliteHub

namespace {

const Instant noon{1'760'000'000'000};

/// Household 1 dies at 2, visit 5 at 3, household 2 leaves for Longtan at 4, three conflicts at 5.
Position fill(HubStore& store) {
  commit(store, [&](HubCommit& open, Position at) {
    put(store, open,
        {household_row(1, dushi, at, "No. 1"), household_row(2, dushi, at, "No. 2"),
         visit_row(5, 2, dushi, at, "x")});
  });
  commit(store, [&](HubCommit& open, Position at) {
    put(store, open, {dead(household_row(1, dushi, at, "No. 1"), at)});
  });
  commit(store, [&](HubCommit& open, Position at) {
    put(store, open, {dead(visit_row(5, 2, dushi, at, "x"), at)});
  });
  commit(store, [&](HubCommit& open, Position at) {
    put(store, open, {household_row(2, longtan, at, "No. 2")});
    const Departure left{{household, row_id(2)}, dushi, longtan, at};
    REQUIRE(open.put_departures({&left, 1}).ok());
  });
  return commit(store, [&](HubCommit& open, Position at) {
    std::vector<Conflict> conflicts{conflict_of(1, dushi, at, ConflictState::automatic, phone(1)),
                                    conflict_of(2, dushi, at, ConflictState::open, phone(1)),
                                    conflict_of(3, dushi, at, ConflictState::decided, phone(1))};
    REQUIRE(open.put_conflicts(conflicts).ok());
    conflicts[2].withdrawn = true;
    REQUIRE(open.put_conflicts(conflicts).ok());
  });
}

Collected collect(HubStore& store, const CollectRequest& request) {
  Collected collected;
  commit(store, [&](HubCommit& open, Position) { collected = open.collect(request).value(); });
  return collected;
}

Position floor_of(HubStore& store, const ScopeId& scope) {
  return store.snapshot().value()->floor({&scope, 1}).value();
}

}  // namespace

TEST_CASE_TEMPLATE("collect: what every phone has passed goes, the id of a deleted row stays", Hub,
                   HUB_STORES) {
  Hub hub;
  const Position last = fill(hub.store());
  const Position second = Position::of(last.epoch(), 2);
  CHECK(collect(hub.store(), {dushi, second, {}, 100}) == Collected{1, 0, 0, true});
  CHECK(floor_of(hub.store(), dushi) == second);
  CHECK(floor_of(hub.store(), longtan) == Position{});
  const auto gone = hub.store().snapshot().value()->row({household, row_id(1)}).value();
  REQUIRE(gone);
  CHECK_FALSE(gone->live);
  CHECK(gone->collected);
  CHECK(gone->scope == dushi);
  CHECK(gone->position == second);
  REQUIRE(gone->death);
  CHECK(gone->death->author == phone(2));
  CHECK(gone->image == RowImage{std::vector<Value>(gone->image.values.size())});
  const auto fetched =
      hub.store().begin().value()->fetch(household, std::vector<RowId>{row_id(1)}).value();
  CHECK(fetched[0] == gone);

  // Open conflicts stay, automatic ones until they are old.
  CHECK(collect(hub.store(), {dushi, last, second, 100}) == Collected{1, 1, 1, true});
  CHECK(floor_of(hub.store(), dushi) == last);
  CHECK(hub.store().snapshot().value()->conflicts({.count_max = 10}).value().size() == 2);
  CHECK(collect(hub.store(), {dushi, last, last, 100}) == Collected{0, 0, 1, true});
  CHECK(hub.store().snapshot().value()->conflicts({.count_max = 10}).value().size() == 1);
  CHECK(collect(hub.store(), {dushi, last, last, 100}) == Collected{});
  CHECK(collect(hub.store(), {ScopeId{"nowhere"}, last, last, 100}) == Collected{});
  CHECK(read_all(hub.store(), pull(phone(1), {dushi}, Position::of(last.epoch(), 1))) ==
        std::vector<std::string>{"conflict 00000002"});
}

TEST_CASE_TEMPLATE("collect: a little at a time comes to the same", Hub, HUB_STORES) {
  Hub hub;
  const Position last = fill(hub.store());
  Collected all;
  for (int round = 0; round < 10; ++round) {
    const Collected some = collect(hub.store(), {dushi, last, last, 1});
    CHECK(some.count() <= 1);
    all.tombstones += some.tombstones;
    all.departures += some.departures;
    all.conflicts += some.conflicts;
    if (some.complete) break;
  }
  CHECK(all == Collected{2, 1, 2, true});
}

TEST_CASE_TEMPLATE("collect: a row that begins a new life is no longer among the dead", Hub,
                   HUB_STORES) {
  Hub hub;
  const Position last = fill(hub.store());
  collect(hub.store(), {dushi, last, {}, 100});
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, dushi, at, "new")});
  });
  const auto row = hub.store().snapshot().value()->row({household, row_id(1)}).value();
  REQUIRE(row);
  CHECK(row->live);
  CHECK_FALSE(row->collected);
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {dead(household_row(1, dushi, at, "new"), at)});
  });
  CHECK_FALSE(hub.store().snapshot().value()->row({household, row_id(1)}).value()->collected);
}

TEST_CASE_TEMPLATE("collect: a tombstone that an open conflict is about waits for it", Hub,
                   HUB_STORES) {
  Hub hub;
  const Position last = fill(hub.store());
  commit(hub.store(), [&](HubCommit& open, Position at) {
    Conflict conflict = conflict_of(9, dushi, at, ConflictState::open, phone(1));
    conflict.key = {household, row_id(1)};
    REQUIRE(open.put_conflicts({&conflict, 1}).ok());
  });
  CHECK(collect(hub.store(), {dushi, last, last, 100}).tombstones == 1);
  CHECK_FALSE(hub.store().snapshot().value()->row({household, row_id(1)}).value()->collected);
}

TEST_CASE_TEMPLATE("collect: an undone commit collects nothing", Hub, HUB_STORES) {
  Hub hub;
  const Position last = fill(hub.store());
  {
    const auto open = hub.store().begin().value();
    CHECK(open->collect({dushi, last, last, 100}).value().count() == 5);
  }
  CHECK(floor_of(hub.store(), dushi) == Position{});
  CHECK(collect(hub.store(), {dushi, last, last, 100}).count() == 5);
}

TEST_CASE_TEMPLATE("commits by time: a clock that was set back makes none look old", Hub,
                   HUB_STORES) {
  Hub hub;
  std::vector<Position> at;
  for (const std::int64_t ms : {0, 100, 50, 200}) {
    auto open = hub.store().begin().value();
    at.push_back(open->position());
    REQUIRE(open->commit(noon + ms, token_of(open->position())).ok());
  }
  const auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->committed_by(noon + -1).value() == Position{});
  CHECK(snapshot->committed_by(noon).value() == at[0]);
  CHECK(snapshot->committed_by(noon + 60).value() == at[0]);
  CHECK(snapshot->committed_by(noon + 100).value() == at[2]);
  CHECK(snapshot->committed_by(noon + 1'000).value() == at[3]);
}

TEST_CASE_TEMPLATE("the horizon is 180 days until the hub says otherwise", Hub, HUB_STORES) {
  Hub hub;
  CHECK(hub.store().snapshot().value()->horizon_ms().value() == limits::horizon_ms_default);
  commit(hub.store(), [](HubCommit& open, Position) { REQUIRE(open.put_horizon(5).ok()); });
  CHECK(hub.store().snapshot().value()->horizon_ms().value() == 5);
}

TEST_CASE_TEMPLATE("running sums that drifted are counted again from the rows", Hub, HUB_STORES) {
  Hub hub;
  fill(hub.store());
  commit(hub.store(), [&](HubCommit& open, Position at) {
    // Past all bookkeeping.
    const std::vector<StoredRow> rows{household_row(7, dushi, at, "by hand")};
    REQUIRE(open.put_rows(rows).ok());
  });
  const std::vector<ScopeId> scopes{longtan, dushi};
  {
    const auto snapshot = hub.store().snapshot().value();
    CHECK(snapshot->digests(scopes).value() != snapshot->scan_digests(scopes).value());
  }
  commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.recount_digests({&dushi, 1}).ok());
  });
  const auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->digests(scopes).value() == snapshot->scan_digests(scopes).value());
}

TEST_CASE_TEMPLATE("scan: the wanted live rows of a table in some scopes, each once", Hub,
                   HUB_STORES) {
  Hub hub;
  fill(hub.store());
  const auto snapshot = hub.store().snapshot().value();
  const auto ids = [&](const std::vector<ScopeId>& scopes, bool all) {
    std::vector<RowId> found;
    const auto wanted = [&](const RowId& id) { return all || id == row_id(99); };
    REQUIRE(snapshot
                ->scan(household, scopes, wanted,
                       [&](StoredRow row) -> Status {
                         found.push_back(row.id);
                         return {};
                       })
                .ok());
    return found;
  };
  CHECK(ids({dushi, longtan}, true) == std::vector<RowId>{row_id(2)});
  CHECK(ids({dushi}, true).empty());
  CHECK(ids({longtan}, false).empty());
  const auto stop = [](const StoredRow&) -> Status { return error(ErrorCode::busy); };
  const auto all = [](const RowId&) { return true; };
  CHECK_FALSE(snapshot->scan(household, {&longtan, 1}, all, stop).ok());
}

TEST_CASE_TEMPLATE("feed: conflicts alone, when that is what is asked", Hub, HUB_STORES) {
  Hub hub;
  fill(hub.store());
  FeedRequest request = pull(phone(1), {dushi, longtan});
  request.conflicts_only = true;
  CHECK(read_all(hub.store(), request) ==
        std::vector<std::string>{"conflict 00000001", "conflict 00000002"});
}

}  // namespace doorstep::test
