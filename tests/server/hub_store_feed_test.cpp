// The contract of HubStore, second part: what a device's pull sees of the hub (SEMANTICS A1 to A3,
// D7). Runs on every implementation.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/ports/feed_order.hpp"
#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

#define HUB_STORES MemoryHub, SqliteHub

using Lines = std::vector<std::string>;

namespace {

void put_departure(HubCommit& commit, std::uint32_t number, const ScopeId& from, const ScopeId& to,
                   Position at) {
  const Departure departure{{household, row_id(number)}, from, to, at};
  REQUIRE(commit.put_departures({&departure, 1}).ok());
}

void put_conflict(HubCommit& commit, const Conflict& conflict) {
  REQUIRE(commit.put_conflicts({&conflict, 1}).ok());
}

}  // namespace

TEST_CASE_TEMPLATE(
    "feed: rows of several villages come in the order of their commits, and of no other village",
    Hub, HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {visit_row(5, 1, dushi, at, "x"), household_row(1, dushi, at, "No. 1"),
         household_row(9, qiaojiang, at, "elsewhere")});
  });
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(2, longtan, at, "No. 2")});
  });
  const Position last = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(3, dushi, at, "No. 3")});
  });
  const Lines all{"household/00000001", "visit/00000005", "household/00000002",
                  "household/00000003"};
  const FeedBatch batch = read_once(hub.store(), pull(phone(1), {dushi, longtan}));
  CHECK(lines_of(hub.store().schema(), batch) == all);
  CHECK(batch.complete);
  CHECK(batch.next == ScanPoint{last, "", 0, last});
  CHECK(batch.rows[2] == household_row(2, longtan, Position::of(2, 2), "No. 2"));
  for (std::size_t rows = 1; rows < 5; ++rows) {
    CAPTURE(rows);
    CHECK(read_all(hub.store(), pull(phone(1), {dushi, longtan}, {}, rows)) == all);
  }
  CHECK(read_all(hub.store(), pull(phone(1), {dushi, longtan}, Position::of(2, 1))) ==
        Lines{"household/00000002", "household/00000003"});
  CHECK(read_all(hub.store(), pull(phone(1), {dushi, longtan}, last)).empty());
  CHECK(read_all(hub.store(), pull(phone(1), {ScopeId{"no such village"}})).empty());
  CHECK(read_all(hub.store(), pull(phone(1), {})).empty());
}

TEST_CASE(
    "feed: what is still to come of a long load is counted once, and anew when it is used up") {
  SqliteHub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    std::vector<StoredRow> rows;
    for (std::uint32_t i = 1; i <= 90; ++i) rows.push_back(household_row(i, dushi, at, "a house"));
    put(hub.store(), open, rows);
  });
  FeedRequest request = pull(phone(1), {dushi}, {}, 30);
  const FeedBatch first = read_once(hub.store(), request);
  CHECK(first.remaining == 60);
  request.scan = first.next;
  request.still_to_come = 1000;  // what the batch before said is taken at its word
  CHECK(read_once(hub.store(), request).remaining == 970);
  request.still_to_come = 30;  // and here more has come in since it was said
  CHECK(read_once(hub.store(), request).remaining == 30);
}

TEST_CASE_TEMPLATE("feed: a batch that ends inside a commit goes on with the commit's other rows",
                   Hub, HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    std::vector<StoredRow> rows;
    for (std::uint32_t i = 1; i <= 40; ++i) {
      rows.push_back(household_row(i, i % 2 == 0 ? dushi : longtan, at, "a row of a large commit"));
      rows.push_back(visit_row(100 + i, i, i % 2 == 0 ? dushi : longtan, at, "with its visit"));
    }
    put(hub.store(), open, rows);
  });
  const Lines whole = read_all(hub.store(), pull(phone(1), {dushi, longtan}));
  CHECK(whole.size() == 80);
  CHECK(whole.front() == "household/00000001");
  CHECK(whole.back() == "visit/0000008c");
  for (const std::size_t rows :
       {std::size_t{1}, std::size_t{7}, std::size_t{39}, std::size_t{41}}) {
    CAPTURE(rows);
    CHECK(read_all(hub.store(), pull(phone(1), {dushi, longtan}, {}, rows)) == whole);
  }
  FeedRequest request = pull(phone(1), {dushi, longtan}, {}, 30);
  FeedBatch batch = read_once(hub.store(), request);
  CHECK(batch.rows.size() == 30);
  CHECK(!batch.complete);
  CHECK(batch.remaining == 50);
  CHECK(batch.next.position == Position::of(2, 1));
  request.scan = batch.next;
  request.still_to_come = batch.remaining;
  CHECK(read_once(hub.store(), request).remaining == 20);
  request.rows_max = 50;
  batch = read_once(hub.store(), request);
  CHECK(batch.rows.size() == 50);
  CHECK(batch.complete);
  CHECK(batch.remaining == 0);
}

TEST_CASE_TEMPLATE("feed: a batch stops after the row that passes its bytes, and always moves on",
                   Hub, HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {household_row(1, dushi, at, std::string(5000, 'a')),
         household_row(2, dushi, at, std::string(5000, 'b')),
         household_row(3, dushi, at, std::string(5000, 'c'))});
  });
  FeedRequest request = pull(phone(1), {dushi});
  request.bytes_max = 6000;
  const FeedBatch batch = read_once(hub.store(), request);
  CHECK(lines_of(hub.store().schema(), batch) == Lines{"household/00000001", "household/00000002"});
  CHECK(!batch.complete);
  request.bytes_max = 0;
  CHECK(read_once(hub.store(), request).rows.size() == 1);
  request.rows_max = 0;
  CHECK(read_all(hub.store(), request) ==
        Lines{"household/00000001", "household/00000002", "household/00000003"});
}

// SEMANTICS A2: rows 1..40; batch 1..20 sent; a commit moves row 25 to the end. A scan that trusted
// its first snapshot's order would lack row 25 in any form.
TEST_CASE_TEMPLATE("feed: a row that is edited between two batches is met at its new place", Hub,
                   HUB_STORES) {
  Hub hub;
  for (std::uint32_t i = 1; i <= 40; ++i) {
    commit(hub.store(), [&](HubCommit& open, Position at) {
      put(hub.store(), open, {household_row(i, dushi, at, "as first written")});
    });
  }
  FeedRequest request = pull(phone(1), {dushi}, {}, 20);
  const FeedBatch first = read_once(hub.store(), request);
  CHECK(first.rows.back().id == row_id(20));
  commit(hub.store(), [&](HubCommit& open, Position at) {
    StoredRow ahead = household_row(25, dushi, at, "edited");
    ahead.since = Position::of(2, 25);
    put(hub.store(), open, {ahead});
  });
  const Position head = commit(hub.store(), [&](HubCommit& open, Position at) {
    StoredRow behind = household_row(3, dushi, at, "edited too");
    behind.since = Position::of(2, 3);
    put(hub.store(), open, {behind});
  });
  request.scan = first.next;
  request.rows_max = 100;
  const FeedBatch second = read_once(hub.store(), request);
  CHECK(second.complete);
  CHECK(second.next == ScanPoint{head, "", 0, Position::of(2, 40)});
  REQUIRE(second.rows.size() == 21);
  CHECK(second.rows[3].id == row_id(24));
  CHECK(second.rows[4].id == row_id(26));
  CHECK(second.rows[19].id == row_id(25));
  CHECK(second.rows[19].image.values[1] == Value::text("edited"));
  CHECK(second.rows[20].id == row_id(3));
  CHECK(second.rows[20].since == Position::of(2, 3));
}

TEST_CASE_TEMPLATE("feed: a delete reaches who held the row, not who starts from nothing after it",
                   Hub, HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {household_row(1, dushi, at, "No. 1"), household_row(2, dushi, at, "No. 2")});
  });
  const Position death = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {dead(household_row(1, dushi, Position::of(2, 1), "No. 1"), at)});
  });
  CHECK(read_all(hub.store(), pull(phone(1), {dushi}, Position::of(2, 1))) ==
        Lines{"household/00000001 dead"});
  CHECK(read_all(hub.store(), pull(phone(1), {dushi})) == Lines{"household/00000002"});
  CHECK(read_all(hub.store(), pull(phone(1), {dushi}, death)).empty());
  CHECK(read_all(hub.store(), pull(phone(1), {longtan}, Position::of(2, 1))).empty());

  // A first load that began before the delete may have row 1 staged: it needs the tombstone.
  FeedRequest begun = pull(phone(1), {dushi});
  begun.scan = {Position::of(2, 1), "household", ~std::uint64_t{0}, Position::of(2, 1)};
  CHECK(read_all(hub.store(), begun) == Lines{"household/00000001 dead"});

  const Position back = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, dushi, at, "No. 1 again")});
  });
  const FeedBatch revived = read_once(hub.store(), pull(phone(1), {dushi}, Position::of(2, 1)));
  REQUIRE(revived.rows.size() == 1);
  CHECK(revived.rows[0] == household_row(1, dushi, back, "No. 1 again"));
}

TEST_CASE_TEMPLATE("feed: a family that moves leaves its old village and is whole in the new one",
                   Hub, HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, dushi, at, "No. 1")});
  });
  const Position move = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, longtan, at, "No. 12")});
    put_departure(open, 1, dushi, longtan, at);
  });
  const Position first = Position::of(2, 1);
  CHECK(read_all(hub.store(), pull(phone(1), {dushi}, first)) ==
        Lines{"household/00000001 to 431224103201"});
  CHECK(read_all(hub.store(), pull(phone(1), {longtan}, first)) == Lines{"household/00000001"});
  CHECK(read_all(hub.store(), pull(phone(1), {dushi})).empty());
  const FeedBatch both = read_once(hub.store(), pull(phone(1), {dushi, longtan}, first));
  REQUIRE(both.departures.size() == 1);
  CHECK(both.departures[0] == Departure{{household, row_id(1)}, dushi, longtan, move});
  CHECK(both.rows.size() == 1);

  const Position again = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, qiaojiang, at, "No. 12")});
    put_departure(open, 1, longtan, qiaojiang, at);
    put_departure(open, 1, dushi, longtan, at);
    put_departure(open, 1, dushi, qiaojiang, at);  // replaces the one before it
  });
  const FeedBatch later = read_once(hub.store(), pull(phone(1), {dushi}, first));
  REQUIRE(later.departures.size() == 2);
  CHECK(later.departures[0] == Departure{{household, row_id(1)}, dushi, longtan, move});
  CHECK(later.departures[1] == Departure{{household, row_id(1)}, dushi, qiaojiang, again});
  commit(hub.store(), [&](HubCommit& open, Position) {
    const auto all = open.departures({household, row_id(1)}).value();
    REQUIRE(all.size() == 3);
    CHECK(all[0].position == move);
    CHECK(all[1].position == again);
    CHECK(open.departures({household, row_id(2)}).value().empty());
  });
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->scopes().value() == std::vector{qiaojiang});
  CHECK(snapshot->digests(std::vector{dushi, longtan}).value() == std::vector<Digest>(2));
}

TEST_CASE_TEMPLATE(
    "feed: of a village that is new to the phone everything comes, of the rest the news", Hub,
    HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {household_row(1, dushi, at, "No. 1"), household_row(2, longtan, at, "No. 2")});
  });
  const Position cursor = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(3, dushi, at, "No. 3")});
  });
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(4, dushi, at, "No. 4")});
  });
  FeedRequest gained = pull(phone(1), {dushi, longtan}, cursor);
  gained.new_scopes = {longtan};
  std::sort(gained.scopes.begin(), gained.scopes.end());
  gained.scan = scan_start(gained);
  CHECK(read_all(hub.store(), gained) == Lines{"household/00000002", "household/00000004"});
  gained.new_scopes.clear();
  gained.new_columns = {{"household", "address"}};
  gained.scan = scan_start(gained);
  CHECK(read_all(hub.store(), gained).size() == 4);
  gained.new_columns = {{"visit", "findings"}};
  gained.scan = scan_start(gained);
  CHECK(read_all(hub.store(), gained) == Lines{"household/00000004"});
}

// SEMANTICS A3: a visit dies in X at 25 and its household moves to Y at 30.
TEST_CASE_TEMPLATE(
    "feed: a tombstone stays in the village where the row died, whatever its family does", Hub,
    HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, dushi, at, "No. 1"), visit_row(5, 1, dushi, at, "x")});
  });
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {dead(visit_row(5, 1, dushi, at, "x"), at)});
  });
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, longtan, at, "No. 1")});
    put_departure(open, 1, dushi, longtan, at);
  });
  CHECK(read_all(hub.store(), pull(phone(1), {dushi}, Position::of(2, 1), 1)) ==
        Lines{"visit/00000005 dead", "household/00000001 to 431224103201"});
}

TEST_CASE_TEMPLATE(
    "feed: an automatic conflict is shown to its loser alone, an open one to the village", Hub,
    HUB_STORES) {
  Hub hub;
  Conflict automatic;
  Conflict open_one;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    automatic = conflict_of(1, dushi, at, ConflictState::automatic, phone(1));
    open_one = conflict_of(2, dushi, at, ConflictState::open, phone(2));
    open_one.order_uncertain = true;
    Conflict elsewhere = conflict_of(3, longtan, at, ConflictState::automatic, phone(1));
    put_conflict(open, automatic);
    put_conflict(open, open_one);
    put_conflict(open, elsewhere);
  });
  CHECK(read_all(hub.store(), pull(phone(1), {dushi})) ==
        Lines{"conflict 00000001", "conflict 00000002"});
  CHECK(read_all(hub.store(), pull(phone(1), {dushi}, {}, 1)) ==
        Lines{"conflict 00000001", "conflict 00000002"});
  CHECK(read_all(hub.store(), pull(phone(2), {dushi})) == Lines{"conflict 00000002"});
  CHECK(read_all(hub.store(), pull(phone(3), {dushi})) == Lines{"conflict 00000002"});
  CHECK(read_all(hub.store(), pull(phone(3), {longtan})).empty());
  const FeedBatch batch = read_once(hub.store(), pull(phone(1), {dushi}));
  CHECK(batch.conflicts == std::vector{automatic, open_one});
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->conflicts({ConflictState::open, {}, 10}).value() == std::vector{open_one});
  CHECK(snapshot->conflicts({{}, {}, 10}).value().size() == 3);
  CHECK(snapshot->conflicts({{}, {}, 2}).value().size() == 2);
}

TEST_CASE_TEMPLATE(
    "feed: a decided conflict is sent again, a withdrawn one is taken back where it was known", Hub,
    HUB_STORES) {
  Hub hub;
  const Position first = commit(hub.store(), [&](HubCommit& open, Position at) {
    put_conflict(open, conflict_of(1, dushi, at, ConflictState::open, phone(1)));
    Conflict of_a_delete = conflict_of(2, dushi, at, ConflictState::open, phone(1));
    of_a_delete.column.reset();
    of_a_delete.winner.value = Value::null();
    of_a_delete.loser.value = Value::integer(3);
    put_conflict(open, of_a_delete);
    CHECK(of_a_delete.withdrawn == false);
  });
  const Position second = commit(hub.store(), [&](HubCommit& open, Position at) {
    Conflict decided = conflict_of(1, dushi, first, ConflictState::decided, phone(1));
    decided.position = at;
    decided.decision = CellVersion{at, phone(7), Stamp{40, 41}};
    Conflict withdrawn = conflict_of(2, dushi, first, ConflictState::open, phone(1));
    withdrawn.withdrawn = true;
    withdrawn.position = at;
    Conflict never_put = conflict_of(3, dushi, at, ConflictState::open, phone(1));
    never_put.withdrawn = true;
    put_conflict(open, decided);
    put_conflict(open, withdrawn);
    put_conflict(open, never_put);
  });
  CHECK(read_all(hub.store(), pull(phone(4), {dushi}, first)) ==
        Lines{"conflict 00000001", "conflict 00000002 withdrawn"});
  CHECK(read_all(hub.store(), pull(phone(4), {dushi})) == Lines{"conflict 00000001"});
  CHECK(read_all(hub.store(), pull(phone(4), {dushi}, second)).empty());
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->conflicts({ConflictState::open, {}, 10}).value().empty());
  const auto left = snapshot->conflicts({{}, {}, 10}).value();
  REQUIRE(left.size() == 1);
  CHECK(left[0].state == ConflictState::decided);
  CHECK(left[0].position == second);
  CHECK(left[0].decision == CellVersion{second, phone(7), Stamp{40, 41}});
  CHECK(snapshot->conflicts({{}, visit, 10}).value().empty());
  CHECK(snapshot->conflicts({ConflictState::decided, household, 10}).value() == left);
  CHECK(snapshot->conflict(left[0].id).value() == left[0]);
  CHECK(snapshot->conflicts_of({household, row_id(1)}).value() == left);
  CHECK(snapshot->conflicts_of({household, row_id(2)}).value().empty());
}

TEST_CASE_TEMPLATE("feed: bookkeeping that devices do not see leaves a row at its place", Hub,
                   HUB_STORES) {
  Hub hub;
  const Position first = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {household_row(1, dushi, at, "No. 1"), household_row(2, dushi, at, "No. 2")});
  });
  FeedRequest request = pull(phone(1), {dushi}, {}, 1);
  const FeedBatch batch = read_once(hub.store(), request);
  CHECK(batch.rows[0].id == row_id(1));
  commit(hub.store(), [&](HubCommit& open, Position) {
    StoredRow same = household_row(1, dushi, first, "No. 1");
    same.base.stamp = Stamp{1, 99};
    put(hub.store(), open, {same});
  });
  request.scan = batch.next;
  CHECK(read_all(hub.store(), request) == Lines{"household/00000002"});
}

}  // namespace doorstep::test
