// A hub's schema grows while the hub is in use: the same for every store, and between processes.
#include <doctest/doctest.h>

#include "engine/core/schema_difference.hpp"
#include "tests/server/hub_store_fixture.hpp"

#define HUB_STORES MemoryHub, SqliteHub

namespace doorstep::test {
namespace {

constexpr std::string_view grown_text = "the text of the schema of a grown village";
constexpr TableId pair{3};
constexpr ColumnId wish{6};

/// store_village() with a column more in household and the table pair.
Schema grown_store_village() {
  const Schema before = store_village();
  Schema::Parts parts;
  parts.name = before.name();
  parts.version = before.version() + 1;
  parts.tables = before.tables();
  parts.tree = before.tree();
  parts.source = grown_text;
  Column wish_column;
  wish_column.name = "wish";
  parts.tables[household.index].columns.push_back(wish_column);
  Table pairs;
  pairs.name = "pair";
  Column of;
  of.name = "household_id";
  of.type = ColumnType::uuid;
  of.references = household;
  pairs.columns = {of};
  pairs.scope = {ScopeRule::Kind::via, {0}};
  parts.tables.push_back(pairs);
  return Schema::make(std::move(parts)).value();
}

Result<Schema> either_village(std::string_view text) {
  return text == grown_text ? grown_store_village() : store_village();
}

Position bring(HubStore& store, const Schema& schema) {
  return commit(store, [&](HubCommit& open, Position) {
    REQUIRE(open.put_schema(schema, Instant{5000}).ok());
  });
}

StoredRow wishing(StoredRow row, std::string_view text) {
  row.image.values.resize(7);
  row.image.values[wish.index] = Value::text(text);
  return row;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "hub store: a newer schema holds from the next commit on, with every row as it was", Hub,
    HUB_STORES) {
  Hub hub;
  StoredRow first = household_row(1, dushi, Position::of(2, 1), "No. 1");
  const StoredRow gone =
      dead(household_row(2, dushi, Position::of(2, 1), "No. 2"), Position::of(2, 2));
  commit(hub.store(), [&](HubCommit& open, Position) {
    put(hub.store(), open, {first, gone});
    REQUIRE(open.put_conflicts(std::vector{conflict_of(1, dushi, Position::of(2, 1),
                                                       ConflictState::open, phone(3))})
                .ok());
  });
  auto before = hub.store().snapshot().value();
  const std::vector<Digest> sums = before->digests(std::vector{dushi}).value();
  const Position brought = bring(hub.store(), grown_store_village());

  CHECK(before->schemas().newest().version() == 1);
  auto after = hub.store().snapshot().value();
  CHECK(after->head() == brought);
  REQUIRE(after->schemas().entries().size() == 2);
  CHECK(after->schemas().newest().fingerprint() == grown_store_village().fingerprint());
  CHECK(after->schemas().newest().source() == grown_text);
  CHECK(after->schemas().entries()[1].since == brought);
  CHECK(after->schemas().entries()[1].applied == Instant{5000});
  first.image.values.resize(7);
  CHECK(after->row(first.key()).value() == first);
  CHECK(after->row(gone.key()).value()->image.values.size() == 7);
  CHECK(after->conflicts_of(first.key()).value().size() == 1);
  CHECK(after->digests(std::vector{dushi}).value() == sums);
  CHECK(read_all(hub.store(), pull(phone(9), {dushi})) ==
        std::vector<std::string>{"household/00000001", "conflict 00000001"});
}

TEST_CASE_TEMPLATE("hub store: the digest of an older form is over the columns that it knows", Hub,
                   HUB_STORES) {
  Hub hub;
  const StoredRow plain = household_row(1, dushi, Position::of(2, 1), "No. 1");
  commit(hub.store(), [&](HubCommit& open, Position) { put(hub.store(), open, {plain}); });
  const auto sums = hub.store().snapshot().value()->digests(std::vector{dushi}).value();
  bring(hub.store(), grown_store_village());
  StoredRow child;
  child.table = pair;
  child.id = row_id(70);
  child.scope = dushi;
  child.position = child.since = Position::of(2, 3);
  child.base = {Position::of(2, 3), phone(1), Stamp::at(Instant{3000})};
  child.image.values = {Value::blob(row_id(1).view())};
  commit(hub.store(), [&](HubCommit& open, Position) {
    put(hub.store(), open, {wishing(plain, "a stove"), child});
  });

  auto snapshot = hub.store().snapshot().value();
  const SchemaView& old = snapshot->schemas().view_of(store_village().fingerprint(), "");
  CHECK(snapshot->digests(std::vector{dushi}, old).value() == sums);
  CHECK(snapshot->digests(std::vector{dushi}).value() != sums);
  CHECK(snapshot->digests(std::vector{dushi}).value() ==
        snapshot->scan_digests(std::vector{dushi}).value());
  auto open = hub.store().begin().value();
  CHECK(open->children({pair, ColumnId{0}, row_id(1)}).value() == std::vector{row_id(70)});
}

TEST_CASE("sqlite hub: what another process brings holds in the next commit and snapshot here") {
  const TemporaryFolder folder;
  REQUIRE(SqliteHubStore::create(folder.path(), store_village(), township()).ok());
  const auto serving = SqliteHubStore::open(folder.path(), either_village).value();
  const auto command = SqliteHubStore::open(folder.path(), either_village).value();
  const StoredRow row = household_row(1, dushi, Position::of(2, 1), "No. 1");
  commit(*serving, [&](HubCommit& open, Position) { put(*serving, open, {row}); });
  auto early = serving->snapshot().value();
  static_cast<void>(serving->changed_elsewhere());

  bring(*command, grown_store_village());
  CHECK(serving->changed_elsewhere());
  CHECK(early->schemas().newest().version() == 1);
  CHECK(early->row(row.key()).value() == row);
  commit(*serving, [&](HubCommit& open, Position) {
    CHECK(open.schemas().newest().version() == 2);
    CHECK(serving->schema().version() == 2);
    put(*serving, open, {wishing(row, "a stove")});
  });
  CHECK(serving->snapshot().value()->row(row.key()).value() == wishing(row, "a stove"));
  CHECK(early->row(row.key()).value() == row);
}

}  // namespace doorstep::test
