// The contract of HubStore, of rows that a device inserted itself and need not be sent (SEMANTICS
// A6). Runs on every implementation.
#include <doctest/doctest.h>

#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

#define HUB_STORES MemoryHub, SqliteHub

using Lines = std::vector<std::string>;

namespace {

FeedRequest pull_without_own(const DeviceId& device, Position cursor,
                             std::size_t rows_max = 1'000'000) {
  FeedRequest request = pull(device, {dushi, longtan}, cursor, rows_max);
  request.own_left_out = true;
  return request;
}

/// Households 1 to 4, inserted by phone 1 in one commit.
Position put_four(HubStore& store) {
  return commit(store, [&](HubCommit& open, Position at) {
    put(store, open,
        {household_row(1, dushi, at, "No. 1"), household_row(2, dushi, at, "No. 2"),
         household_row(3, longtan, at, "No. 3"), household_row(4, dushi, at, "No. 4")});
  });
}

}  // namespace

TEST_CASE_TEMPLATE("feed: own inserts are counted and take no room; others get them", Hub,
                   HUB_STORES) {
  Hub hub;
  put_four(hub.store());
  const FeedBatch own = read_once(hub.store(), pull_without_own(phone(1), {}, 1));
  CHECK(own.rows.empty());
  CHECK(own.own_left_out.rows == 4);
  CHECK(own.complete);
  const FeedBatch other = read_once(hub.store(), pull_without_own(phone(2), {}));
  CHECK(other.rows.size() == 4);
  CHECK(other.own_left_out.rows == 0);
  const FeedBatch asked = read_once(hub.store(), pull(phone(1), {dushi, longtan}));
  CHECK(asked.rows.size() == 4);
  CHECK(asked.own_left_out.rows == 0);
}

TEST_CASE_TEMPLATE("feed: an own row that somebody wrote to, that moved or lives again is given",
                   Hub, HUB_STORES) {
  Hub hub;
  const Position first = put_four(hub.store());
  commit(hub.store(), [&](HubCommit& open, Position at) {
    StoredRow moved = household_row(1, longtan, first, "No. 1");
    moved.position = moved.since = at;
    StoredRow edited = household_row(2, dushi, first, "No. 2");
    edited.position = at;
    const auto address = hub.store().schema().table(household).find_column("address");
    const CellVersion by_other{at, phone(2), edited.base.stamp};
    edited.cells.push_back({*address, at, {{Value::text("No. 7"), by_other}}, {}});
    edited.image.values[address->index] = Value::text("No. 7");
    StoredRow met = household_row(5, dushi, at, "No. 5");
    met.cells.push_back(
        {*address, at, {{Value::text("No. 5"), met.base}, {Value::text("No. 9"), by_other}}, {}});
    put(hub.store(), open, {moved, edited, met, household_row(6, dushi, at, "No. 6")});
  });
  const FeedBatch batch = read_once(hub.store(), pull_without_own(phone(1), {}));
  CHECK(lines_of(hub.store().schema(), batch) ==
        Lines{"household/00000001", "household/00000002", "household/00000005"});
  CHECK(batch.own_left_out.rows == 3);  // 3, 4 and 6
}

TEST_CASE_TEMPLATE("feed: nothing of a table is left out of which the device sees only a part", Hub,
                   HUB_STORES) {
  Hub hub;
  put_four(hub.store());
  FeedRequest request = pull_without_own(phone(1), {});
  request.partly_hidden = {"household"};
  CHECK(read_once(hub.store(), request).rows.size() == 4);
  CHECK(read_once(hub.store(), request).own_left_out.rows == 0);
}

TEST_CASE_TEMPLATE("feed: an author whose reference was redirected gets all own rows back", Hub,
                   HUB_STORES) {
  Hub hub;
  const Position at = put_four(hub.store());
  commit(hub.store(), [&](HubCommit& open, Position) {
    const RedirectedReference one{
        {household, row_id(9)}, {visit, row_id(8)}, ColumnId{0}, phone(1), at};
    REQUIRE(open.duplicates().put_references({&one, 1}).ok());
  });
  CHECK(read_once(hub.store(), pull_without_own(phone(1), {})).rows.size() == 4);
  CHECK(read_once(hub.store(), pull_without_own(phone(1), {})).own_left_out.rows == 0);
  CHECK(read_once(hub.store(), pull_without_own(phone(1), at)).own_left_out.rows == 0);
}

}  // namespace doorstep::test
