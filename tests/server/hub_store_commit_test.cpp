// The contract of HubStore, first part: commits, rows and what hangs on them. Runs on every
// implementation.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

#define HUB_STORES MemoryHub, SqliteHub

TEST_CASE_TEMPLATE("hub store: a commit is seen by nobody before it is made, and whole after", Hub,
                   HUB_STORES) {
  Hub hub;
  auto before = hub.store().snapshot().value();
  CHECK(before->head() == Position{});
  auto open = hub.store().begin().value();
  const Position position = open->position();
  CHECK(position == Position::of(2, 1));
  const StoredRow wang = household_row(1, dushi, position, "No. 1");
  const StoredRow talk = visit_row(2, 1, dushi, position, "well");
  put(hub.store(), *open, {wang, talk});
  CHECK(open->fetch(household, std::vector{wang.id, row_id(77)}).value() ==
        std::vector<std::optional<StoredRow>>{wang, std::nullopt});
  {
    auto beside = hub.store().snapshot().value();
    CHECK(beside->head() == Position{});
    CHECK(beside->row(wang.key()).value() == std::nullopt);
    CHECK(read_once(hub.store(), pull(phone(1), {dushi})).rows.empty());
  }
  REQUIRE(open->commit(Instant{5}, token_of(position)).ok());
  open.reset();
  CHECK(before->head() == Position{});
  CHECK(before->row(wang.key()).value() == std::nullopt);
  auto after = hub.store().snapshot().value();
  CHECK(after->head() == position);
  CHECK(after->row(wang.key()).value() == wang);
  CHECK(after->row(talk.key()).value() == talk);
}

TEST_CASE_TEMPLATE("hub store: many new rows among those that live, died and were collected", Hub,
                   HUB_STORES) {
  Hub hub;
  constexpr std::uint32_t last = 150;
  const auto all = [&](auto fits) {
    std::vector<RowId> ids;
    for (std::uint32_t i = 1; i <= last; ++i) {
      if (fits(i)) ids.push_back(row_id(i));
    }
    return ids;
  };
  // Of ten neighbours one lives here already; of the tenth and twentieth one died, and of these one
  // was collected.
  const auto is_known = [](std::uint32_t i) { return i % 10 == 0; };
  const auto families = [&](Position at, auto fits) {
    std::vector<StoredRow> rows;
    for (std::uint32_t i = 1; i <= last; ++i) {
      if (fits(i)) rows.push_back(household_row(i, dushi, at, "No. " + std::to_string(i)));
    }
    return rows;
  };
  commit(hub.store(),
         [&](HubCommit& open, Position at) { put(hub.store(), open, families(at, is_known)); });
  const Position died = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {dead(household_row(20, dushi, at, "No. 20"), at)});
  });
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {dead(household_row(40, dushi, at, "No. 40"), at)});
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.collect({dushi, died, {}, 100}).value().tombstones == 1);
  });

  const auto is_new = [&](std::uint32_t i) { return !is_known(i); };
  const Position came = commit(hub.store(), [&](HubCommit& open, Position at) {
    const auto ids = all([](std::uint32_t) { return true; });
    const auto found = open.fetch(household, ids).value();
    for (std::uint32_t i = 1; i <= last; ++i) {
      CAPTURE(i);
      REQUIRE(found[i - 1].has_value() == is_known(i));
      if (found[i - 1]) CHECK(found[i - 1]->live == (i != 20 && i != 40));
      if (i == 20) CHECK(found[i - 1]->collected);
    }
    auto backward = ids;
    std::reverse(backward.begin(), backward.end());
    auto again = open.fetch(household, backward).value();
    std::reverse(again.begin(), again.end());
    CHECK(again == found);

    const std::vector<StoredRow> rows = families(at, is_new);
    DigestChanges digests;
    for (const StoredRow& row : rows) digests.replace(hub.store().schema(), nullptr, &row);
    REQUIRE(open.put_rows(rows).ok());
    REQUIRE(open.add_digests(digests).ok());
    const auto here = open.fetch(household, all(is_new)).value();
    CHECK(std::all_of(here.begin(), here.end(), [](const auto& row) { return row && row->live; }));
  });
  auto snapshot = hub.store().snapshot().value();
  for (const StoredRow& row : families(came, is_new)) {
    CHECK(snapshot->row(row.key()).value() == row);
  }
  CHECK(snapshot->digests(std::vector{dushi}).value() ==
        snapshot->scan_digests(std::vector{dushi}).value());
}

TEST_CASE_TEMPLATE("hub store: a commit that is dropped leaves no trace and uses no position", Hub,
                   HUB_STORES) {
  Hub hub;
  {
    auto open = hub.store().begin().value();
    CHECK(open->position() == Position::of(2, 1));
    put(hub.store(), *open, {household_row(1, longtan, open->position(), "No. 1", phone(8))});
    REQUIRE(open->put_code({Hash{{1}}, "Li", "volunteer", {longtan}, Instant{99}}).ok());
  }
  const Position first = commit(hub.store(), [&](HubCommit& open, Position at) {
    CHECK(open.fetch(household, std::vector{row_id(1)}).value()[0] == std::nullopt);
    CHECK(open.take_code(Hash{{1}}, Instant{0}).value() == std::nullopt);
    // The same village and phone again: nothing of them may be remembered from the dropped commit.
    put(hub.store(), open, {household_row(2, longtan, at, "No. 2", phone(8))});
  });
  CHECK(first == Position::of(2, 1));
  const Position second = commit(hub.store(), [](HubCommit&, Position) {});
  CHECK(second == Position::of(2, 2));
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->row({household, row_id(1)}).value() == std::nullopt);
  CHECK(snapshot->row({household, row_id(2)}).value() ==
        household_row(2, longtan, first, "No. 2", phone(8)));
  CHECK(snapshot->scopes().value() == std::vector{longtan});
  CHECK(snapshot->digests(std::vector{longtan}).value() ==
        snapshot->scan_digests(std::vector{longtan}).value());
}

TEST_CASE_TEMPLATE("hub store: each commit is known by its token, and no other position has one",
                   Hub, HUB_STORES) {
  Hub hub;
  const Position first = commit(hub.store(), [](HubCommit&, Position) {});
  const Position second = commit(hub.store(), [](HubCommit&, Position) {});
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->token(first).value() == token_of(first));
  CHECK(snapshot->token(second).value() == token_of(second));
  CHECK(snapshot->token(Position::of(2, 3)).value() == std::nullopt);
  CHECK(snapshot->token(Position::of(1, 1)).value() == std::nullopt);
  CHECK(snapshot->token(Position{}).value() == std::nullopt);
}

TEST_CASE_TEMPLATE(
    "hub store: a contended row comes back with every cell, mark and stamp as it was put", Hub,
    HUB_STORES) {
  Hub hub;
  StoredRow row = household_row(1, dushi, Position::of(2, 9), "No. 8", phone(3));
  row.since = Position::of(2, 4);
  row.base = {Position::of(2, 4), phone(1), Stamp{4000, 9000}};
  row.image.values[2] = Value::text(R"(["Li Na","Wang"])");
  row.image.values[3] = Value::integer(-7);
  row.image.values[5] = Value::blob(std::vector<std::uint8_t>{0, 1, 255});
  const CellVersion mine{Position::of(2, 7), phone(3), Stamp{1, 2}};
  const CellVersion yours{Position::of(2, 9), phone(4), Stamp{2, 2}};
  row.cells.push_back(
      {{1}, Position::of(2, 9), {{Value::text("No. 8"), mine}, {Value::text("No. 9"), yours}}, {}});
  row.cells.push_back({{2}, Position::of(2, 7), {}, {{"Li Na", mine}, {"Wang", yours}}});
  row.cells.push_back({{3}, Position::of(2, 9), {{Value::null(), yours}}, {}});
  commit(hub.store(), [&](HubCommit& open, Position) { put(hub.store(), open, {row}); });
  CHECK(hub.store().snapshot().value()->row(row.key()).value() == row);

  StoredRow gone = dead(row, Position::of(2, 11), phone(5));
  commit(hub.store(), [&](HubCommit& open, Position) { put(hub.store(), open, {gone}); });
  CHECK(hub.store().snapshot().value()->row(row.key()).value() == gone);
  gone.death.reset();
  commit(hub.store(), [&](HubCommit& open, Position) { put(hub.store(), open, {gone}); });
  CHECK(hub.store().snapshot().value()->row(row.key()).value() == gone);

  row.position = Position::of(2, 12);
  row.since = row.position;
  commit(hub.store(), [&](HubCommit& open, Position) { put(hub.store(), open, {row}); });
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->row(row.key()).value() == row);
  CHECK(snapshot->digests(std::vector{dushi}).value() ==
        snapshot->scan_digests(std::vector{dushi}).value());
}

TEST_CASE_TEMPLATE("hub store: the visits of a household are found by it, but not the deleted ones",
                   Hub, HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {visit_row(30, 1, dushi, at, "third"), visit_row(10, 1, dushi, at, "first"),
         visit_row(20, 2, dushi, at, "of the neighbours"),
         dead(visit_row(40, 1, dushi, at, "a mistake"), at)});
    const std::vector expected{row_id(10), row_id(30)};
    CHECK(open.children({visit, {0}, row_id(1)}).value() == expected);
  });
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {dead(visit_row(10, 1, dushi, at, "first"), at), unit_row("431224103", "431224", at),
         unit_row("431224103212", "431224103", at)});
    CHECK(open.children({visit, {0}, row_id(1)}).value() == std::vector{row_id(30)});
    CHECK(open.children({visit, {0}, row_id(5)}).value().empty());
    CHECK(open.children({org_unit, {1}, RowId::from(std::string_view("431224103")).value()})
              .value() == std::vector{RowId::from(std::string_view("431224103212")).value()});
  });
}

TEST_CASE_TEMPLATE(
    "hub store: a transaction that breaks a rule is undone alone, the commit goes on", Hub,
    HUB_STORES) {
  Hub hub;
  const Position position = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, dushi, at, "No. 1")});
    const Status refused = open.savepoint([&]() -> Status {
      put(hub.store(), open,
          {dead(household_row(1, dushi, at, "No. 1"), at),
           household_row(2, longtan, at, "No. 2", phone(6))});
      return error(ErrorCode::rule_broken, "the fund would be overdrawn");
    });
    REQUIRE(!refused.ok());
    CHECK(refused.error() == error(ErrorCode::rule_broken, "the fund would be overdrawn"));
    CHECK(open.savepoint([&]() -> Status {
                put(hub.store(), open, {household_row(3, longtan, at, "No. 3", phone(6))});
                return {};
              })
              .ok());
  });
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->row({household, row_id(1)}).value() ==
        household_row(1, dushi, position, "No. 1"));
  CHECK(snapshot->row({household, row_id(2)}).value() == std::nullopt);
  CHECK(snapshot->row({household, row_id(3)}).value() ==
        household_row(3, longtan, position, "No. 3", phone(6)));
  const std::vector scopes{longtan, dushi, qiaojiang};
  CHECK(snapshot->digests(scopes).value() == snapshot->scan_digests(scopes).value());
  CHECK(snapshot->digests(scopes).value()[2] == Digest{});
  CHECK(snapshot->scopes().value() == std::vector{longtan, dushi});
}

TEST_CASE_TEMPLATE(
    "hub store: a household that was looked for, put, let go and put again in one commit lives "
    "once",
    Hub, HUB_STORES) {
  Hub hub;
  StoredRow here;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    CHECK(open.fetch(household, std::vector{row_id(1)}).value()[0] == std::nullopt);
    here = household_row(1, dushi, at, "No. 1");
    const StoredRow gone = dead(here, at);
    for (const StoredRow& row : {here, gone, here}) REQUIRE(open.put_rows({&row, 1}).ok());
    CHECK(open.fetch(household, std::vector{row_id(1)}).value()[0] == here);
  });
  CHECK(hub.store().snapshot().value()->row(here.key()).value() == here);
  CHECK(lines_of(hub.store().schema(), read_once(hub.store(), pull(phone(1), {dushi}))) ==
        std::vector<std::string>{"household/00000001"});
}

TEST_CASE_TEMPLATE("hub store: an edited visit is found by the household that it hangs on now", Hub,
                   HUB_STORES) {
  Hub hub;
  const auto hanging_on = [&](HubCommit& open, std::uint32_t number) {
    return open.children({visit, ColumnId{0}, row_id(number)}).value();
  };
  const Position first = commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {visit_row(5, 1, dushi, at, "well")});
  });
  StoredRow edited;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    edited = visit_row(5, 1, dushi, at, "coughs a little");
    edited.since = first;
    put(hub.store(), open, {edited});
    CHECK(hanging_on(open, 1) == std::vector{row_id(5)});
  });
  CHECK(hub.store().snapshot().value()->row(edited.key()).value() == edited);
  commit(hub.store(), [&](HubCommit& open, Position at) {
    edited = visit_row(5, 2, dushi, at, "was next door");
    edited.since = first;
    put(hub.store(), open, {edited});
    CHECK(hanging_on(open, 1).empty());
    CHECK(hanging_on(open, 2) == std::vector{row_id(5)});
  });
  CHECK(hub.store().snapshot().value()->row(edited.key()).value() == edited);
}

TEST_CASE_TEMPLATE("hub store: outcomes are kept by sequence, plain and rich ones alike", Hub,
                   HUB_STORES) {
  Hub hub;
  Outcome merged{Outcome::Kind::merged, {{"household", row_id(1), "address"}}, std::nullopt, {}};
  Outcome rejected{Outcome::Kind::rejected, {}, error(ErrorCode::rule_broken, "fund"), {}};
  Outcome follows{Outcome::Kind::depends_on, {}, std::nullopt, Sequence{2}};
  const std::vector<TransactionRecord> records{
      {{phone(1), Sequence{1}, Hash{{11}}}, Position::of(2, 1), {}},
      {{phone(1), Sequence{2}, Hash{{12}}}, Position::of(2, 1), rejected},
      {{phone(1), Sequence{3}, Hash{{13}}}, Position::of(2, 1), follows},
      {{phone(1), Sequence{4}, Hash{{14}}}, Position::of(2, 1), merged},
      {{phone(2), Sequence{2}, Hash{{22}}}, Position::of(2, 1), {}}};
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.put_transactions(records).ok());
    CHECK(open.transaction(phone(1), Sequence{2}).value() == records[1]);
    CHECK(open.transaction(phone(1), Sequence{5}).value() == std::nullopt);
    CHECK(open.transaction(phone(3), Sequence{1}).value() == std::nullopt);
  });
  auto snapshot = hub.store().snapshot().value();
  CHECK(snapshot->transactions(phone(1), Sequence{1}, Sequence{4}).value() ==
        std::vector<TransactionRecord>{records[1], records[2], records[3]});
  CHECK(snapshot->transactions(phone(1), Sequence{0}, Sequence{1}).value() ==
        std::vector{records[0]});
  CHECK(snapshot->transactions(phone(1), Sequence{4}, Sequence{900}).value().empty());
  CHECK(snapshot->transactions(phone(2), Sequence{}, Sequence{900}).value() ==
        std::vector{records[4]});
}

TEST_CASE_TEMPLATE("hub store: the organisation tree is read from its own rows", Hub, HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {unit_row("431224103212", "431224103", at), unit_row("431224", "", at),
         unit_row("431224103", "431224", at), dead(unit_row("431224999", "431224", at), at)});
  });
  using Node = std::pair<ScopeId, ScopeId>;
  CHECK(hub.store().snapshot().value()->scope_tree().value() ==
        std::vector<Node>{
            {{"431224"}, {}}, {{"431224103"}, {"431224"}}, {{"431224103212"}, {"431224103"}}});
}

}  // namespace doorstep::test
