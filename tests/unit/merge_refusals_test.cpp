// SEMANTICS D1, D2, D4: what is refused changes nothing, and takes along only what builds on it.
#include <doctest/doctest.h>

#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }
using Kind = Outcome::Kind;

}  // namespace

TEST_CASE("D2: a transaction is all or nothing: one refused row takes the good ones back") {
  Township hub;
  const Position start = hub.found_household({{"phone", text("100")}});
  hub.commit({Write('A')
                  .seen(start)
                  .update(household, 'w', {{"phone", text("200")}})
                  .insert(household, 'n', {{"phone", text("1")}})});
  CHECK(hub.outcome().kind == Kind::rejected);
  CHECK(hub.outcome().reason->code == ErrorCode::scope_denied);
  CHECK(hub.shown(household, 'w', "phone") == text("100"));
  CHECK_FALSE(hub.has(household, 'n'));
  CHECK(hub.last().rows.empty());
  CHECK(hub.last().digests.sums().empty());
}

TEST_CASE("a row may not leave every village: NULL and the empty text are no scope") {
  for (const Value& nowhere : {Value::null(), text("")}) {
    Township hub;
    const Position start = hub.found_household();
    hub.commit({Write('A').seen(start).update(household, 'w', {{"village_code", nowhere}})});
    CHECK(hub.outcome().reason->code == ErrorCode::scope_denied);
    CHECK(hub.row(household, 'w').scope == ScopeId{"X"});
  }
}

TEST_CASE("D4: an update of a row that the hub does not know is quarantined whole") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A')
                  .seen(start)
                  .update(household, 'u', {{"phone", text("1")}})
                  .update(household, 'w', {{"phone", text("2")}})});
  CHECK(hub.outcome().kind == Kind::quarantined);
  CHECK(hub.outcome().reason->code == ErrorCode::row_unknown);
  CHECK(hub.shown(household, 'w', "phone").is_null());
}

TEST_CASE("a visit to a resident whom the hub does not know is quarantined") {
  Township hub;
  hub.commit({Write('A').insert(visit, 'v', {{"resident_id", ref('r')}})});
  CHECK(hub.outcome().kind == Kind::quarantined);
  CHECK(hub.outcome().reason->code == ErrorCode::row_unknown);
}

TEST_CASE(
    "D2: later work on a row that exists only through a rejected transaction gets the same fate, "
    "other work goes on") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').insert(household, 'n', {{"phone", text("1")}}),
              Write('A').update(household, 'n', {{"phone", text("2")}}),
              Write('A').insert(resident, 'r', {{"household_id", ref('n')}}),
              Write('A').insert(visit, 'v', {{"resident_id", ref('r')}}),
              Write('A').seen(start).update(household, 'w', {{"phone", text("3")}}),
              Write('B').update(household, 'n', {{"phone", text("4")}})});
  CHECK(hub.outcome(0).kind == Kind::rejected);
  for (const std::size_t follower : {1U, 2U, 3U}) {
    CHECK(hub.outcome(follower).kind == Kind::depends_on);
    CHECK(hub.outcome(follower).depends_on == Sequence{1});
  }
  CHECK(hub.outcome(4).kind == Kind::accepted);
  CHECK(hub.outcome(5).kind == Kind::quarantined);
  CHECK(hub.shown(household, 'w', "phone") == text("3"));
}

TEST_CASE(
    "D2: a row that would live again only through a rejected transaction takes its followers "
    "along") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').seen(start).remove(household, 'w')});
  hub.commit({Write('A').seen(hub.head()).insert(household, 'w', {{"phone", text("1")}}),
              Write('A').seen(hub.head()).update(household, 'w', {{"phone", text("2")}})});
  CHECK(hub.outcome(0).reason->code == ErrorCode::scope_denied);
  CHECK(hub.outcome(1).kind == Kind::depends_on);
}

TEST_CASE("D2: work on a row that a later, good transaction inserts after all goes on") {
  Township hub;
  hub.commit({Write('A').insert(household, 'n', {{"phone", text("1")}}),
              Write('A').insert(household, 'n', {{"village_code", text("X")}}),
              Write('A').update(household, 'n', {{"phone", text("2")}})});
  CHECK(hub.outcome(1).kind == Kind::accepted);
  CHECK(hub.outcome(2).kind == Kind::accepted);
  CHECK(hub.shown(household, 'n', "phone") == text("2"));
}

TEST_CASE("append_only: a visit is inserted once, never changed, deleted or written over") {
  Township hub;
  hub.found_household();
  const Position start = hub.commit(
      {Write('A')
           .insert(resident, 'r', {{"household_id", ref('w')}})
           .insert(visit, 'v', {{"resident_id", ref('r')}, {"findings", text("well")}})});
  hub.commit({Write('A').seen(start).update(visit, 'v', {{"findings", text("ill")}}),
              Write('A').seen(start).remove(visit, 'v'),
              Write('B').seen(start).insert(visit, 'v', {{"resident_id", ref('r')}})});
  for (const std::size_t i : {0U, 1U, 2U}) {
    CHECK(hub.outcome(i).kind == Kind::rejected);
    CHECK(hub.outcome(i).reason->code == ErrorCode::append_only);
  }
  CHECK(hub.shown(visit, 'v', "findings") == text("well"));
}

TEST_CASE("a change that does not fit the schema is rejected and breaks nothing") {
  Township hub;
  const Position start = hub.found_household();
  IncomingTransaction odd = Write('A').seen(start).update(household, 'w', {{"phone", text("1")}});
  IncomingTransaction wrong_kind = odd;
  wrong_kind.content.changes[0].cells[0].edit = CounterDelta{1};
  IncomingTransaction no_column = odd;
  no_column.content.changes[0].cells[0].column = ColumnId{200};
  IncomingTransaction no_table = odd;
  no_table.content.changes[0].table = TableId{200};
  hub.commit({wrong_kind, no_column, no_table, odd});
  for (const std::size_t i : {0U, 1U, 2U}) {
    CHECK(hub.outcome(i).reason->code == ErrorCode::malformed);
  }
  CHECK(hub.outcome(3).kind == Kind::accepted);
}

TEST_CASE(
    "beyond the limit of values in one cell the oldest loser leaves the cell and stays on record") {
  Township hub;
  const Position start = hub.found_household();
  std::vector<IncomingTransaction> crowd;
  for (std::size_t i = 0; i <= limits::contributions_max; ++i) {
    IncomingTransaction one = Write('A')
                                  .seen(start)
                                  .at(static_cast<std::int64_t>(i))
                                  .update(household, 'w', {{"phone", text(std::to_string(i))}});
    one.id.device.bytes[0] = static_cast<std::uint8_t>(i / 250 + 1);
    one.id.device.bytes[1] = static_cast<std::uint8_t>(i % 250);
    crowd.push_back(one);
  }
  hub.commit(crowd);
  const CellState* cell = hub.row(household, 'w').find_cell(column_of(household, "phone"));
  REQUIRE(cell != nullptr);
  CHECK(cell->contributions.size() == limits::contributions_max);
  CHECK(hub.losers().size() == limits::contributions_max);
  CHECK(hub.shown(household, 'w', "phone") == text(std::to_string(limits::contributions_max)));
}

TEST_CASE("D2: a row that only refers to one which was refused shares its fate as well") {
  Township hub;
  const Position start = hub.found_household();
  hub.commit({Write('A').insert(household, 'n', {{"phone", text("1")}}),
              Write('A').seen(start).update(household, 'w', {{"sister_id", ref('n')}}),
              Write('B').seen(start).update(household, 'w', {{"phone", text("2")}})});
  CHECK(hub.outcome(1).kind == Kind::depends_on);
  CHECK(hub.outcome(2).kind == Kind::accepted);
  CHECK(hub.shown(household, 'w', "sister_id").is_null());
}
