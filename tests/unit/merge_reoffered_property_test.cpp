// A random history of three phones in one household, against the same history with a restore in it:
// after some writes the hub is lost, and the phones offer the rest again, each in its own order but
// in any order among themselves. What is shown, and what stands beside it, is the same. (Records of
// what lost for a while are not: two that met before a third settled it may not meet this time.)
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/ports/random.hpp"
#include "tests/support/history_count.hpp"
#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::size_t writes_of_a_history = 12;

struct Written {
  char author = 'A';
  IncomingTransaction transaction;
};

/// Clocks are right, so that a stamp is never raised: a later write has the later stamp.
std::vector<Written> draw(SeededRandom& random) {
  const std::vector<std::string> columns = {"phone", "first", "max", "concat", "review", "counter"};
  std::vector<Written> all;
  std::map<char, std::uint64_t> observed;
  std::set<char>
      claimed;  // who corrects a claim keeps a place in the queue that only the cell knew
  for (std::uint64_t i = 0; i < writes_of_a_history; ++i) {
    const char author = static_cast<char>('A' + random.below(3));
    const std::uint64_t head = i + 1;  // the household stands at 1
    std::uint64_t& seen = observed.try_emplace(author, 1).first->second;
    seen += random.below(head - seen + 1);
    std::string column = columns[random.below(columns.size())];
    if (column == "first" && !claimed.insert(author).second) column = "phone";
    const auto number = static_cast<std::int64_t>(random.below(1000));
    const Value value = column == "max" ? Value::integer(number) : Value::text(std::to_string(i));
    Write write(author);
    write.seen(Position::of(1, seen)).at(static_cast<std::int64_t>(i + 1));
    if (column == "counter") {
      write.increment('w', number);
    } else {
      write.update(household, 'w', {{column, value}});
    }
    all.push_back({author, write});
  }
  return all;
}

/// The places of what is offered again, in an order that each phone's own agrees with.
std::vector<std::size_t> shuffled(const std::vector<Written>& all, std::size_t from,
                                  SeededRandom& random) {
  std::map<char, std::vector<std::size_t>> left;
  for (std::size_t i = all.size(); i-- > from;) left[all[i].author].push_back(i);
  std::vector<std::size_t> order;
  while (!left.empty()) {
    auto at = left.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random.below(left.size())));
    order.push_back(at->second.back());
    at->second.pop_back();
    if (at->second.empty()) left.erase(at);
  }
  return order;
}

std::string in_words(const Township& hub) {
  std::string text;
  const StoredRow& row = hub.row(household, 'w');
  for (const std::string column : {"phone", "first", "max", "concat", "review", "counter"}) {
    text += column + " " + hub.shown(household, 'w', column).display() + " of";
    std::vector<std::string> standing;
    const CellState* cell = row.find_cell(column_of(household, column));
    for (std::size_t i = 0; cell != nullptr && i < cell->contributions.size(); ++i) {
      const Contribution& one = cell->contributions[i];
      standing.push_back(" " + one.value.display() + " by " +
                         static_cast<char>(one.version.author.bytes[15]));
    }
    if (column != "first") std::sort(standing.begin(), standing.end());
    for (const std::string& one : standing) text += one;
    text += "; ";
  }
  return text;
}

void play(std::uint64_t seed) {
  CAPTURE(seed);
  SeededRandom random(seed);
  const std::vector<Written> all = draw(random);
  Township never_lost;
  never_lost.found_household();
  for (const Written& one : all) never_lost.commit({one.transaction});

  Township restored;
  restored.found_household();
  const auto kept = static_cast<std::size_t>(random.below(all.size()));
  for (std::size_t i = 0; i < kept; ++i) restored.commit({all[i].transaction});
  const Position cut = restored.head();
  for (const std::size_t i : shuffled(all, kept, random)) {
    IncomingTransaction again = all[i].transaction;
    again.reoffer = Reoffer{cut, Position::of(1, i + 2)};
    restored.commit({again});
  }
  CHECK(in_words(restored) == in_words(never_lost));
}

}  // namespace

TEST_CASE("G3: a history that was lost and offered again in another order ends as it had ended") {
  for (std::uint64_t seed = 1; seed <= history_count(400); ++seed) play(seed);
}
