// SEMANTICS C1, C3 and B2 on the device: what is shown over the hub's values, and what a change
// says it saw.
#include "engine/core/overlay.hpp"

#include <doctest/doctest.h>

#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }

const Table& families() { return merge_schema().table(household); }

RowChange change(const Write& write) { return IncomingTransaction(write).content.changes.front(); }

RowImage image(const Fields& fields) {
  RowImage out;
  out.values.resize(families().columns.size());
  for (const auto& [name, value] : fields) out.values[column_of(household, name).index] = value;
  return out;
}

std::optional<RowImage> folded(std::optional<RowImage> base,
                               const std::vector<RowChange>& changes) {
  std::vector<const RowChange*> pointers;
  for (const RowChange& one : changes) pointers.push_back(&one);
  return fold(families(), std::move(base), pointers);
}

const RowChange set_phone(std::string_view value) {
  return change(Write('A').update(household, 'w', {{"phone", text(value)}}));
}

Carry carry(const std::vector<std::pair<RowChange, Position>>& own) {
  std::vector<ObservedChange> changes;
  for (const auto& [one, observed] : own) changes.push_back({&one, observed});
  return carry_of(changes);
}

constexpr Position at(std::uint64_t value) { return Position{value}; }

std::optional<Position> observed_in(const RowChange& one, std::string_view column) {
  for (const CellChange& cell : one.cells) {
    if (cell.column == column_of(household, column)) return cell.observed;
  }
  return at(999);
}

}  // namespace

TEST_CASE("C1: T1 sets 1 to 2, T2 sets 2 to 3, T1 is rejected: the refold still shows T2's 3") {
  const RowImage base = image({{"phone", text("1")}});
  CHECK(folded(base, {set_phone("2"), set_phone("3")}) == image({{"phone", text("3")}}));
  CHECK(folded(base, {set_phone("3")}) == image({{"phone", text("3")}}));
  CHECK(folded(base, {}) == base);
}

TEST_CASE(
    "C1: the hub's 100 with a pending -5 shows 95, and the confirmed 95 is not reduced again") {
  const RowChange minus = change(Write('A').increment('w', -5));
  CHECK(folded(image({{"counter", Value::integer(100)}}), {minus}) ==
        image({{"counter", Value::integer(95)}}));
  CHECK(folded(image({{"counter", Value::integer(95)}}), {}) ==
        image({{"counter", Value::integer(95)}}));
  CHECK(folded(image({}), {minus}) == image({{"counter", Value::integer(-5)}}));
}

TEST_CASE("C1: set edits apply over what was pulled") {
  const RowChange edit = change(Write('A').edit_set('w', {"b"}, {"a"}));
  CHECK(folded(image({{"set", format_set({"a", "c"})}}), {edit}) ==
        image({{"set", format_set({"b", "c"})}}));
  const RowChange last = change(Write('A').edit_set('w', {}, {"a"}));
  CHECK(folded(image({{"set", format_set({"a"})}}), {last}) == image({}));
}

TEST_CASE(
    "C1: a remove takes the row away; an insert brings a new one, a later update the old one") {
  const RowImage base = image({{"phone", text("1")}, {"latest", text("x")}});
  const RowChange gone = change(Write('A').remove(household, 'w'));
  const RowChange anew = change(Write('A').insert(household, 'w', {{"phone", text("2")}}));
  CHECK(folded(base, {gone}) == std::nullopt);
  CHECK(folded(base, {gone, anew}) == image({{"phone", text("2")}}));
  CHECK(folded(base, {gone, set_phone("3")}) ==
        image({{"phone", text("3")}, {"latest", text("x")}}));
  CHECK(folded(std::nullopt, {set_phone("3")}) == std::nullopt);
  CHECK(folded(std::nullopt, {anew, set_phone("3")}) == image({{"phone", text("3")}}));
}

TEST_CASE("C3: the net change names only what differs, counters as deltas and sets as edits") {
  const RowImage before = image({{"phone", text("1")},
                                 {"latest", text("same")},
                                 {"counter", Value::integer(7)},
                                 {"set", format_set({"a", "b"})}});
  const RowImage after = image(
      {{"latest", text("same")}, {"counter", Value::integer(4)}, {"set", format_set({"b", "c"})}});
  const auto net = net_change(families(), household, row('w'), before, after);
  REQUIRE(net.has_value());
  CHECK(net->kind == RowChange::Kind::update);
  REQUIRE(net->cells.size() == 3);
  CHECK(net->cells[0] == CellChange{column_of(household, "phone"), Value::null(), std::nullopt});
  CHECK(net->cells[1] ==
        CellChange{column_of(household, "counter"), CounterDelta{-3}, std::nullopt});
  CHECK(net->cells[2] ==
        CellChange{column_of(household, "set"), SetEdit{{"c"}, {"a"}}, std::nullopt});
  CHECK(folded(before, {*net}) == after);
}

TEST_CASE(
    "C3: equal rows make no change; appearing is an insert without NULLs; vanishing is a remove") {
  const RowImage some = image({{"phone", text("1")}});
  CHECK(net_change(families(), household, row('w'), some, some) == std::nullopt);
  CHECK(net_change(families(), household, row('w'), std::nullopt, std::nullopt) == std::nullopt);
  const auto born = net_change(families(), household, row('w'), std::nullopt, some);
  REQUIRE(born.has_value());
  CHECK(born->kind == RowChange::Kind::insert);
  CHECK(born->cells.size() == 1);
  const auto died = net_change(families(), household, row('w'), some, std::nullopt);
  REQUIRE(died.has_value());
  CHECK(died->kind == RowChange::Kind::remove);
  CHECK(died->cells.empty());
}

TEST_CASE(
    "B2: a cell with an unconfirmed own write takes that write's observed, not the cursor; others "
    "take the cursor") {
  const Carry known = carry({{set_phone("1"), at(10)}});
  RowChange second =
      change(Write('A').update(household, 'w', {{"phone", text("2")}, {"latest", text("y")}}));
  apply_carry(families(), known, at(20), second);
  CHECK_FALSE(second.observed.has_value());
  CHECK(observed_in(second, "phone") == at(10));
  CHECK(observed_in(second, "latest") == std::nullopt);
  // A third write carries what the second carried.
  const Carry again = carry({{set_phone("1"), at(10)}, {second, at(20)}});
  RowChange third = set_phone("3");
  apply_carry(families(), again, at(30), third);
  CHECK(observed_in(third, "phone") == at(10));
}

TEST_CASE("B2: counters do not carry") {
  const Carry known = carry({{change(Write('A').increment('w', 1)), at(10)}});
  RowChange second = change(Write('A').increment('w', 1));
  apply_carry(families(), known, at(20), second);
  CHECK(observed_in(second, "counter") == std::nullopt);
}

TEST_CASE("B2: in a set an element with an unconfirmed own edit carries, the others do not") {
  const Carry known = carry({{change(Write('A').edit_set('w', {"x"})), at(10)}});
  RowChange other = change(Write('A').edit_set('w', {}, {"y"}));
  apply_carry(families(), known, at(20), other);
  CHECK(observed_in(other, "set") == std::nullopt);
  RowChange same = change(Write('A').edit_set('w', {}, {"x"}));
  apply_carry(families(), known, at(20), same);
  CHECK(observed_in(same, "set") == at(10));
}

TEST_CASE("B2: a delete carries too, cell by cell") {
  const Carry known = carry({{set_phone("1"), at(10)}});
  RowChange gone = change(Write('A').remove(household, 'w'));
  apply_carry(families(), known, at(20), gone);
  CHECK_FALSE(gone.observed.has_value());
  REQUIRE(gone.cells.size() == 1);
  CHECK(gone.cells[0] == CellChange{column_of(household, "phone"), Value::null(), at(10)});
}

TEST_CASE("B2: after an unconfirmed insert or delete the whole row was seen as of that write") {
  const Carry known = carry({{change(Write('A').remove(household, 'w')), at(10)}});
  RowChange anew = change(
      Write('A').insert(household, 'w', {{"phone", text("2")}, {"counter", Value::integer(1)}}));
  apply_carry(families(), known, at(20), anew);
  CHECK(anew.observed == at(10));
  CHECK(observed_in(anew, "phone") == std::nullopt);
  CHECK(observed_in(anew, "counter") == at(20));
}

TEST_CASE(
    "B2: T1 pending, B's value pulled but hidden, T2 on the same cell: B's claim is not stolen") {
  Township hub;
  const Position start = hub.found_household();
  const Position pulled =
      hub.commit({Write('B').seen(start).update(household, 'w', {{"first", text("Zhao")}})});
  const RowChange first = change(Write('A').update(household, 'w', {{"first", text("Li")}}));
  RowChange second = change(Write('A').update(household, 'w', {{"first", text("Li and Wu")}}));
  apply_carry(families(), carry({{first, start}}), pulled, second);
  IncomingTransaction t2 = Write('A').seen(pulled);
  t2.content.changes = {second};
  hub.commit({Write('A').seen(start).update(household, 'w', {{"first", text("Li")}}), t2});
  CHECK(hub.shown(household, 'w', "first") == text("Zhao"));
  CHECK(hub.losers() == std::vector<std::string>{"first: Li and Wu by A"});
}
