// Random histories on both stores: the same commits must give the same feed at any batch size, from
// any cursor, and the running digests must be those of a scan. MemoryHubStore, being plain maps, is
// the model.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

namespace {

const std::vector<ScopeId> villages{longtan, dushi, ScopeId{"431224103299"}};

const ScopeId& any_village() {
  return villages[*rc::gen::inRange<std::size_t>(0, villages.size())];
}

// What one commit puts, made once and put into both hubs.
struct Puts {
  std::vector<StoredRow> rows;
  std::vector<Departure> departures;
  std::vector<Conflict> conflicts;
};

StoredRow any_row(Position at) {
  const auto number = *rc::gen::inRange<std::uint32_t>(1, 12);
  const auto note = *rc::gen::element<std::string>("", "No. 1", "溆浦");
  StoredRow row =
      *rc::gen::arbitrary<bool>()
          ? household_row(number, any_village(), at, note)
          : visit_row(number, *rc::gen::inRange<std::uint32_t>(1, 5), any_village(), at, note);
  if (*rc::gen::inRange(0, 4) == 0) row = dead(row, at);
  if (*rc::gen::inRange(0, 4) == 0) row.decision = CellVersion{at, phone(3), Stamp{5, 7}};
  return row;
}

Conflict any_conflict(Position at) {
  const auto state =
      *rc::gen::element(ConflictState::automatic, ConflictState::open, ConflictState::decided);
  // Few authors and one position, so that records are put again.
  Conflict conflict =
      conflict_of(*rc::gen::inRange<std::uint32_t>(1, 4), any_village(), Position::of(2, 1), state,
                  phone(*rc::gen::element<std::uint8_t>(1, 2)));
  conflict.position = at;
  if (state == ConflictState::decided) conflict.decision = CellVersion{at, phone(3), Stamp{5, 7}};
  conflict.withdrawn = *rc::gen::inRange(0, 3) == 0;
  return conflict;
}

Puts any_puts(Position at) {
  Puts puts;
  for (auto left = *rc::gen::inRange(0, 6); left > 0; --left) puts.rows.push_back(any_row(at));
  for (auto left = *rc::gen::inRange(0, 3); left > 0; --left) {
    const auto number = *rc::gen::inRange<std::uint32_t>(1, 12);
    puts.departures.push_back({{household, row_id(number)}, any_village(), any_village(), at});
  }
  for (auto left = *rc::gen::inRange(0, 3); left > 0; --left)
    puts.conflicts.push_back(any_conflict(at));
  return puts;
}

void put_all(HubStore& store, const Puts& puts, bool undone) {
  auto open = store.begin().value();
  const auto work = [&]() -> Status {
    put(store, *open, puts.rows);
    DS_TRY(open->put_departures(puts.departures));
    DS_TRY(open->put_conflicts(puts.conflicts));
    return undone ? Status(error(ErrorCode::rule_broken)) : Status();
  };
  RC_ASSERT(open->savepoint(work).ok() == !undone);
  RC_ASSERT(open->commit(Instant{1}, token_of(open->position())).ok());
}

std::vector<std::string> sorted_lines(HubStore& store, const FeedRequest& request) {
  std::vector<std::string> lines = read_all(store, request);
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace

TEST_CASE("hub stores: both give the same feed and digests after any history") {
  const bool held = rc::check([] {
    MemoryHub model;
    SqliteHub sqlite;
    const auto commits = *rc::gen::inRange<std::uint64_t>(1, 8);
    for (std::uint64_t number = 1; number <= commits; ++number) {
      const Puts puts = any_puts(Position::of(2, number));
      const bool undone = *rc::gen::inRange(0, 6) == 0;
      put_all(model.store(), puts, undone);
      put_all(sqlite.store(), puts, undone);
    }
    const auto cursor_number = *rc::gen::inRange<std::uint64_t>(0, commits + 1);
    const Position cursor = cursor_number == 0 ? Position{} : Position::of(2, cursor_number);
    std::vector<ScopeId> scopes(villages.begin(),
                                villages.begin() + *rc::gen::inRange<std::ptrdiff_t>(1, 4));
    FeedRequest request = pull(phone(1), scopes, cursor);
    const auto expected = sorted_lines(model.store(), request);
    RC_ASSERT(sorted_lines(sqlite.store(), request) == expected);
    request.rows_max = *rc::gen::inRange<std::size_t>(1, 6);
    RC_ASSERT(sorted_lines(model.store(), request) == expected);
    RC_ASSERT(sorted_lines(sqlite.store(), request) == expected);

    auto model_view = model.store().snapshot().value();
    auto sqlite_view = sqlite.store().snapshot().value();
    const auto digests = model_view->scan_digests(villages).value();
    RC_ASSERT(model_view->digests(villages).value() == digests);
    RC_ASSERT(sqlite_view->digests(villages).value() == digests);
    RC_ASSERT(sqlite_view->scan_digests(villages).value() == digests);
    RC_ASSERT(sqlite_view->scopes().value() == model_view->scopes().value());
    RC_ASSERT(sqlite_view->conflicts({ConflictState::open, {}, 100}).value() ==
              model_view->conflicts({ConflictState::open, {}, 100}).value());
    RC_ASSERT(sqlite_view->conflicts({{}, {}, 100}).value() ==
              model_view->conflicts({{}, {}, 100}).value());
    for (std::uint32_t number = 1; number < 12; ++number) {
      const RowKey key{household, row_id(number)};
      RC_ASSERT(sqlite_view->row(key).value() == model_view->row(key).value());
    }
  });
  CHECK(held);
}

}  // namespace doorstep::test
