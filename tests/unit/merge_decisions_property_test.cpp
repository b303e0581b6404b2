// Random histories of five phones that write, decide and take back in one cell, against the naive
// model. A failing seed is printed; the test with that seed alone replays it.
#include <doctest/doctest.h>

#include "engine/ports/random.hpp"
#include "tests/support/history_count.hpp"
#include "tests/support/naive_decisions.hpp"
#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr int writes_of_a_history = 14;

struct Author {
  char name;
  Position observed;
  std::int64_t minute;
};

/// What the engine has on record, in the model's words.
std::map<NaiveDecisions::Key, NaiveDecisions::Record> records_of(const Township& hub) {
  std::map<NaiveDecisions::Key, NaiveDecisions::Record> out;
  for (const auto& [id, record] : hub.records()) {
    if (record.withdrawn) continue;
    NaiveDecisions::Record& one = out[{record.loser.version.author, record.loser.version.position}];
    one.value = record.loser.value;
    one.open = record.state == ConflictState::open;
    if (record.decision) {
      one.decided_by = NaiveDecisions::Key{record.decision->author, record.decision->position};
    }
  }
  return out;
}

void play(std::uint64_t seed, std::string_view column, MergePolicy policy) {
  CAPTURE(seed);
  CAPTURE(column);
  SeededRandom random(seed);
  Township hub;
  const bool numbers = policy == MergePolicy::max || policy == MergePolicy::min;
  const auto value_of = [&](std::uint64_t number) {
    return numbers ? Value::integer(static_cast<std::int64_t>(number))
                   : Value::text(std::to_string(number));
  };
  const Position start = hub.found_household({{std::string(column), value_of(5)}});
  const CellState first = hub.row(household, 'w').find_cell(column_of(household, column)) != nullptr
                              ? *hub.row(household, 'w').find_cell(column_of(household, column))
                              : CellState{};
  const CellVersion founded =
      first.contributions.empty() ? hub.row(household, 'w').base : first.contributions[0].version;
  NaiveDecisions model(policy, {value_of(5), founded, start, Decision::none});
  std::vector<Author> authors;
  for (const char name : {'A', 'B', 'C', 'D', 'E'}) authors.push_back({name, start, 2'000});
  for (int step = 0; step < writes_of_a_history; ++step) {
    Author& author = authors[random.below(authors.size())];
    const std::uint64_t seen = author.observed.number();
    author.observed = Position::of(1, seen + random.below(hub.head().number() - seen + 1));
    author.minute += 1 + static_cast<std::int64_t>(random.below(40));
    const std::uint64_t dice = random.below(6);
    const Decision what = dice == 0   ? Decision::decide
                          : dice == 1 ? Decision::reopen
                                      : Decision::none;
    const Value value = value_of(random.below(9));
    IncomingTransaction written = Write(author.name)
                                      .seen(author.observed)
                                      .at(author.minute)
                                      .update(household, 'w', {{std::string(column), value}});
    written.content.changes.back().cells.back().decision = what;
    const Position commit = hub.commit({written});
    model.take({value, {commit, phone_of(author.name), written.stamp}, author.observed, what});
    CAPTURE(step);
    REQUIRE(hub.shown(household, 'w', column) == model.shown());
    REQUIRE(records_of(hub) == model.records());
    REQUIRE(hub.outcome().lost.empty() == (model.shown() == value));
  }
}

}  // namespace

TEST_CASE("B5: random histories with decisions and undos end as the naive model says") {
  for (std::uint64_t seed = 1; seed <= history_count(3'000); ++seed) {
    switch (seed % 4) {
      case 0:
        play(seed, "first", MergePolicy::first);
        break;
      case 1:
        play(seed, "max", MergePolicy::max);
        break;
      case 2:
        play(seed, "min", MergePolicy::min);
        break;
      default:
        play(seed, "phone", MergePolicy::latest);
        break;
    }
  }
}
