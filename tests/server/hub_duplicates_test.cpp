// The contract of HubDuplicates. Runs on every implementation.
#include <doctest/doctest.h>

#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

#define HUB_STORES MemoryHub, SqliteHub

namespace {

Duplicate pair_of(std::uint32_t first, std::uint32_t second, Position proposed) {
  Duplicate pair;
  pair.id = duplicate_id_of("household", row_id(first), row_id(second));
  pair.table = household;
  pair.first = row_id(first);
  pair.second = row_id(second);
  pair.score = 84;
  pair.reasons = {{"same_address", 92}, {"same_phone", 100}};
  pair.proposed = proposed;
  return pair;
}

}  // namespace

TEST_CASE_TEMPLATE("hub duplicates: blocks hold the rows that joined, until they leave", Hub,
                   HUB_STORES) {
  Hub hub;
  const RowKey one{household, row_id(1)};
  const RowKey two{household, row_id(2)};
  const MatchBlock door{0xFFFF'FFFF'FFFF'FFFF};
  const MatchBlock phone_number{7};
  commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.duplicates().change_blocks(two, {}, std::vector{phone_number, door}).ok());
    REQUIRE(open.duplicates().change_blocks(one, {}, std::vector{door}).ok());
    REQUIRE(open.duplicates().change_blocks(one, {}, std::vector{door}).ok());
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.duplicates().rows_in(door, 9).value() == std::vector{row_id(1), row_id(2)});
    CHECK(open.duplicates().rows_in(door, 1).value() == std::vector{row_id(1)});
    CHECK(open.duplicates().rows_in(phone_number, 9).value() == std::vector{row_id(2)});
    REQUIRE(open.duplicates().change_blocks(two, std::vector{phone_number, door}, {}).ok());
    REQUIRE(open.duplicates().change_blocks(two, std::vector{door}, {}).ok());
    CHECK(open.duplicates().rows_in(door, 9).value() == std::vector{row_id(1)});
    CHECK(open.duplicates().rows_in(phone_number, 9).value().empty());
  });
}

TEST_CASE_TEMPLATE(
    "hub duplicates: pairs are found by id and by either row, and listed newest first", Hub,
    HUB_STORES) {
  Hub hub;
  Duplicate older;
  const Position first = commit(hub.store(), [&](HubCommit& open, Position at) {
    older = pair_of(1, 2, at);
    REQUIRE(open.duplicates().put(older).ok());
  });
  Duplicate newer;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    newer = pair_of(2, 3, at);
    REQUIRE(open.duplicates().put(newer).ok());
    CHECK(open.duplicates().find(older.id).value() == older);
    CHECK(open.duplicates().find(pair_of(1, 3, first).id).value() == std::nullopt);
    CHECK(open.duplicates().of_row({household, row_id(1)}).value() == std::vector{older});
    CHECK(open.duplicates().of_row({household, row_id(2)}).value().size() == 2);
    CHECK(open.duplicates().of_row({visit, row_id(2)}).value().empty());
  });
  CHECK(hub.store().snapshot().value()->duplicates(true, 9).value() == std::vector{newer, older});
  CHECK(hub.store().snapshot().value()->duplicates(true, 1).value() == std::vector{newer});
  commit(hub.store(), [&](HubCommit& open, Position at) {
    newer.state = DuplicateState::accepted;
    newer.survivor = row_id(2);
    newer.decided = at;
    newer.decided_at = {1'700'000'000'000};
    newer.decided_by = "李秀英";
    REQUIRE(open.duplicates().put(newer).ok());
  });
  CHECK(hub.store().snapshot().value()->duplicates(true, 9).value() == std::vector{older});
  CHECK(hub.store().snapshot().value()->duplicates(false, 9).value() == std::vector{newer, older});
  commit(hub.store(),
         [&](HubCommit& open, Position) { REQUIRE(open.duplicates().remove(older.id).ok()); });
  CHECK(hub.store().snapshot().value()->duplicates(true, 9).value().empty());
}

TEST_CASE_TEMPLATE("hub duplicates: a row merged into another is known until it lives again", Hub,
                   HUB_STORES) {
  Hub hub;
  const RowKey merged{household, row_id(1)};
  commit(hub.store(), [&](HubCommit& open, Position at) {
    CHECK_FALSE(open.duplicates().has_merged_rows().value());
    StoredRow row = dead(household_row(1, dushi, at, "No. 1"), at);
    row.merged_into = row_id(2);
    REQUIRE(open.put_rows(std::vector{row}).ok());
    CHECK(open.duplicates().has_merged_rows().value());
    CHECK(open.duplicates().merged_into(merged).value() == row_id(2));
    CHECK(open.duplicates().merged_into({household, row_id(2)}).value() == std::nullopt);
    CHECK(open.fetch(household, std::vector{row_id(1)}).value()[0] == row);
  });
  CHECK(hub.store().snapshot().value()->row(merged).value()->merged_into == row_id(2));
  commit(hub.store(), [&](HubCommit& open, Position at) {
    REQUIRE(open.put_rows(std::vector{household_row(1, dushi, at, "No. 1")}).ok());
    CHECK_FALSE(open.duplicates().has_merged_rows().value());
    CHECK(open.duplicates().merged_into(merged).value() == std::nullopt);
  });
}

TEST_CASE_TEMPLATE("hub duplicates: the log of a merge comes back as it was, and ends whole", Hub,
                   HUB_STORES) {
  Hub hub;
  const RowKey loser{household, row_id(1)};
  Redirect redirect;
  std::vector<RedirectedReference> references;
  std::vector<RedirectedWrite> writes;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    redirect = {loser, row_id(2), pair_of(1, 2, at).id, at,
                household_row(2, dushi, Position{at.value - 1}, "No. 2")};
    references = {{loser, {visit, row_id(11)}, ColumnId{0}, phone(1), at},
                  {loser, {visit, row_id(12)}, ColumnId{0}, phone(2), at}};
    RedirectedWrite write;
    write.loser = loser;
    write.version = {at, phone(1), Stamp::at({1'700'000'000'000})};
    write.content.observed = Position{3};
    RowChange change;
    change.table = household;
    change.row = row_id(1);
    const auto address = hub.store().schema().table(household).find_column("address");
    change.cells = {{*address, Value::text("No. 1b"), Position{2}}};
    write.content.changes = {change};
    writes = {write, write};
    writes[1].version.author = phone(2);
    HubDuplicates& log = open.duplicates();
    REQUIRE(log.put_redirect(redirect).ok());
    REQUIRE(log.put_references(references).ok());
    REQUIRE(log.put_references(references).ok());
    REQUIRE(log.put_writes(writes).ok());
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    HubDuplicates& log = open.duplicates();
    CHECK(log.redirect(loser).value() == redirect);
    CHECK(log.redirect({household, row_id(2)}).value() == std::nullopt);
    CHECK(log.references(loser).value() == references);
    CHECK(log.writes(loser).value() == writes);
    REQUIRE(log.end_redirect(loser).ok());
    CHECK(log.redirect(loser).value() == std::nullopt);
    CHECK(log.references(loser).value().empty());
    CHECK(log.writes(loser).value().empty());
  });
}

}  // namespace doorstep::test
