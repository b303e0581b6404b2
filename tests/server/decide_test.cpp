// Settling conflicts at a hub and explaining cells: what is written, what is told, and that neither
// depends on how large the tables are.
#include <doctest/doctest.h>

#include "engine/session/commit_merge.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/sqlite/database.hpp"
#include "server/decide.hpp"
#include "server/explain.hpp"
#include "server/store/sqlite_hub_rows.hpp"
#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {
namespace {

constexpr ColumnId address{1};

/// A hub on which two phones wrote the address of one household: No. 8 stands, No. 9 lost.
struct TwoAddresses {
  SqliteHub hub;
  Position start = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, dushi, at, "No. 1")});
  });
  Conflict conflict;

  TwoAddresses() {
    write(phone(1), "No. 9", 10);
    write(phone(2), "No. 8", 20);
    conflict = hub.store().snapshot().value()->conflicts({{}, {}, 10}).value().at(0);
  }
  void write(const DeviceId& author, std::string_view text, std::int64_t minute) {
    auto open = hub.store().begin().value();
    DeviceRecord device;
    device.id = author;
    device.name = "phone of " + std::string(text);
    device.merged = Sequence{1};
    REQUIRE(open->put_device(device).ok());
    IncomingTransaction one;
    one.id = {author, Sequence{1}, {}};
    one.stamp = Stamp::at({minute * 60'000});
    one.content.observed = start;
    one.content.time.clock.wall_ms = 5'000;
    RowChange change{household, row_id(1), RowChange::Kind::update, {}, {}};
    change.cells.push_back({address, Value::text(text), std::nullopt});
    one.content.changes.push_back(change);
    const auto merged = merge_into(*open, hub.store().schema(), {&one, 1});
    REQUIRE(merged.ok());
    const TransactionRecord record{
        one.id, open->position(), {}, Instant{5'000}, one.stamp.latest()};
    REQUIRE(open->put_transactions({&record, 1}).ok());
    REQUIRE(open->commit(Instant{1}, token_of(open->position())).ok());
  }
  Result<Position> decide(const HubChoice& choice, const std::string& by = {}) {
    return decide_conflict(hub.store(), conflict.id, choice, {by, Instant{90 * 60'000}, {}});
  }
  CellExplanation explain() {
    return explain_cell(*hub.store().snapshot().value(), hub.store().schema(),
                        hub.store().identity(), {household, row_id(1)}, address)
        .value();
  }
  Conflict record() {
    return hub.store().snapshot().value()->conflict(conflict.id).value().value();
  }
};

}  // namespace

TEST_CASE("the township decides for the address that lost, and takes it back") {
  TwoAddresses two;
  CHECK(two.explain().shown == Value::text("No. 8"));
  const auto decided = two.decide({HubChoice::Keep::loser, {}});
  REQUIRE(decided.ok());
  CHECK(two.explain().shown == Value::text("No. 9"));
  CHECK(two.explain().decided_by == two.hub.store().identity().name);
  CHECK(two.record().state == ConflictState::decided);
  CHECK(two.record().position == *decided);
  REQUIRE(two.decide({HubChoice::Keep::undo, {}}).ok());
  CHECK(two.explain().shown == Value::text("No. 8"));
  CHECK(two.record().state == ConflictState::open);
  CHECK(two.decide({HubChoice::Keep::undo, {}}).error().code == ErrorCode::not_found);
  REQUIRE(two.decide({HubChoice::Keep::value, Value::text("No. 10")}).ok());
  CHECK(two.explain().shown == Value::text("No. 10"));
}

TEST_CASE("who decided at the township keeps her name beside the decision and the value she gave") {
  TwoAddresses two;
  REQUIRE(two.decide({HubChoice::Keep::loser, {}}, "李秀英").ok());
  CHECK(two.explain().decided_by == "李秀英");
  REQUIRE(two.decide({HubChoice::Keep::value, Value::text("No. 10")}, "王主任").ok());
  const CellExplanation cell = two.explain();
  CHECK(cell.decided_by == "王主任");
  REQUIRE_FALSE(cell.candidates.empty());
  CHECK(cell.candidates[0].value == Value::text("No. 10"));
  CHECK(cell.candidates[0].author == "王主任");
  REQUIRE(two.decide({HubChoice::Keep::undo, {}}).ok());
  CHECK(two.explain().decided_by.empty());
}

TEST_CASE("what cannot be decided says so: an unknown conflict, a value that does not fit") {
  TwoAddresses two;
  CHECK(decide_conflict(two.hub.store(), ConflictId{{9}}, {}, {{}, Instant{1}, {}}).error().code ==
        ErrorCode::not_found);
  CHECK(two.decide({HubChoice::Keep::value, Value::integer(3)}).error().code ==
        ErrorCode::bad_value);
  CHECK(two.record() == two.conflict);
}

TEST_CASE("explain names every value on record: authors, their clocks, the hub's time, what lost") {
  TwoAddresses two;
  REQUIRE(two.decide({HubChoice::Keep::loser, {}}).ok());
  const CellExplanation cell = two.explain();
  CHECK(cell.live);
  CHECK(cell.scope == dushi);
  REQUIRE(cell.candidates.size() == 3);
  CHECK(cell.candidates[0].shown);
  CHECK(cell.candidates[0].author == two.hub.store().identity().name);
  CHECK_FALSE(cell.candidates[0].claimed.has_value());
  CHECK(cell.candidates[1].value == Value::text("No. 9"));
  CHECK(cell.candidates[1].author == "phone of No. 9");
  CHECK(cell.candidates[1].claimed == Instant{5'000});
  CHECK(cell.candidates[1].version.stamp.latest() == Instant{10 * 60'000});
  CHECK(cell.candidates[1].conflict->state == ConflictState::decided);
  CHECK(cell.candidates[2].value == Value::text("No. 8"));
  CHECK_FALSE(cell.candidates[2].standing);
}

TEST_CASE("D7: a household that moves takes what met in it to the new village") {
  TwoAddresses two;
  REQUIRE(two.decide({HubChoice::Keep::loser, {}}).ok());
  HubStore& store = two.hub.store();
  auto open = store.begin().value();
  RowChange move{household, row_id(1), RowChange::Kind::update, {}, {}};
  move.cells.push_back({ColumnId{0}, Value::text(longtan.code), std::nullopt});
  const IncomingTransaction one =
      hub_transaction(store.identity(), *open, Instant{95 * 60'000}, {move});
  REQUIRE(merge_into(*open, store.schema(), {&one, 1}).ok());
  const Position moved = open->position();
  REQUIRE(open->commit(Instant{1}, token_of(moved)).ok());
  CHECK(two.record().scope == longtan);
  CHECK(two.record().position == moved);
  CHECK(read_once(store, pull(phone(5), {longtan})).conflicts.size() == 1);
  CHECK(read_once(store, pull(phone(5), {dushi})).conflicts.empty());
}

TEST_CASE("listing 50 conflicts and explaining a cell walk along indexes, never through tables") {
  const SqliteHub hub;
  auto db = sqlite::Database::open((hub.folder() / "hub.db").string(), {}).value();
  const auto plan_of = [&](const std::string& sql) {
    auto explained = db.prepare("EXPLAIN QUERY PLAN " + sql);
    REQUIRE_MESSAGE(explained.ok(), explained.error().text());
    std::string plan;
    while (explained->step().value()) plan += std::string(explained->text(3)) + "\n";
    return plan;
  };
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {list_conflicts_sql({ConflictState::open, {}, 50}), "ds_conflict_open"},
      {list_conflicts_sql({ConflictState::open, household, 50}), "ds_conflict_table"},
      {list_conflicts_sql({{}, {}, 50}), "ds_conflict_newest"},
      {conflicts_of_row_sql(), "ds_conflict_row"}};
  for (const auto& [sql, index] : wanted) {
    const std::string plan = plan_of(sql);
    CAPTURE(plan);
    CHECK(plan.find(index) != std::string::npos);
    CHECK(plan.find("SCAN ds_conflict\n") == std::string::npos);
    // Those of one row are few and sorted; lists come in their index's order.
    CHECK((plan.find("TEMP B-TREE") == std::string::npos) == (index != "ds_conflict_row"));
  }
}

}  // namespace doorstep::test
