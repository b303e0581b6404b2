// What may not depend on luck: the order in which two phones' work arrives, and how it is cut into
// commits.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/core/set_value.hpp"
#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }
Value number(std::int64_t value) { return Value::integer(value); }

/// A small source of numbers, the same on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::int64_t below(std::int64_t n) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::int64_t>((state_ >> 33U) % static_cast<std::uint64_t>(n));
  }

 private:
  std::uint64_t state_;
};

std::string letter(Dice& dice) { return std::string(1, static_cast<char>('a' + dice.below(4))); }

Value or_null(Dice& dice, Value value) {
  return dice.below(5) == 0 ? Value::null() : std::move(value);
}

/// One phone's writes to household w, in its order, none of which has seen another phone's.
std::vector<IncomingTransaction> work(Dice& dice, char author, Position seen, bool with_first) {
  std::vector<IncomingTransaction> out;
  const std::int64_t count = 1 + dice.below(3);
  std::int64_t minute = dice.below(30);
  for (std::int64_t i = 0; i < count; ++i) {
    minute += 1 + dice.below(10);
    Write write(author);
    write.seen(seen).at(minute);
    switch (dice.below(4)) {
      case 0:
        write.increment('w', dice.below(20) - 10);
        break;
      case 1:
        write.edit_set('w', {letter(dice)}, {"z"});
        break;
      default:
        write.update(household, 'w',
                     {{"phone", or_null(dice, text(letter(dice)))},
                      {"max", or_null(dice, number(dice.below(9)))},
                      {"min", or_null(dice, number(dice.below(9)))},
                      {"concat", or_null(dice, text(letter(dice)))}});
        if (with_first && dice.below(2) == 0) {
          write.update(household, 'w', {{"first", or_null(dice, text(letter(dice)))}});
        }
    }
    out.push_back(write);
  }
  return out;
}

Position begin(Township& hub) {
  return hub.found_household({{"phone", text("0")},
                              {"max", number(4)},
                              {"min", number(4)},
                              {"set", format_set({"y", "z"})},
                              {"counter", number(100)}});
}

std::string story(std::uint64_t seed) { return "seed " + std::to_string(seed); }

}  // namespace

TEST_CASE(
    "three phones' work in one commit shows the same values in whatever order the phones come") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    std::optional<RowImage> expected;
    std::vector<char> phones{'A', 'B', 'C'};
    do {
      Township hub;
      const Position start = begin(hub);
      std::vector<IncomingTransaction> all;
      for (const char phone : phones) {
        Dice dice(seed * 16 + static_cast<std::uint64_t>(phone));
        const auto part = work(dice, phone, start, false);
        all.insert(all.end(), part.begin(), part.end());
      }
      hub.commit(all);
      const RowImage& image = hub.row(household, 'w').image;
      if (!expected) expected = image;
      CHECK_MESSAGE(image == *expected, story(seed));
    } while (std::next_permutation(phones.begin(), phones.end()));
  }
}

TEST_CASE(
    "one commit or one for each transaction: the same values are shown, the same losers recorded, "
    "and no phone is asked twice") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Township together;
    Township apart;
    const Position start = begin(together);
    CHECK(begin(apart) == start);
    std::vector<IncomingTransaction> all;
    for (const char phone : {'A', 'B', 'C'}) {
      Dice dice(seed * 16 + static_cast<std::uint64_t>(phone));
      const auto part = work(dice, phone, start, true);
      all.insert(all.end(), part.begin(), part.end());
    }
    together.commit(all);
    for (const IncomingTransaction& one : all) apart.commit({one});
    CHECK_MESSAGE(together.row(household, 'w').image == apart.row(household, 'w').image,
                  story(seed));
    CHECK_MESSAGE(together.losers() == apart.losers(), story(seed));
  }
}

TEST_CASE(
    "a phone that comes in the middle of another's follow-ups gets the same answer as one that "
    "comes last") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Dice dice_a(seed);
    Dice dice_b(seed + 1000);
    Township first;
    Township second;
    const Position start = begin(first);
    CHECK(begin(second) == start);
    const auto a = work(dice_a, 'A', start, false);
    const auto b = work(dice_b, 'B', start, false);
    for (const auto& one : a) first.commit({one});
    first.commit(b);
    second.commit({a.front()});
    second.commit(b);
    second.commit({a.begin() + 1, a.end()});
    CHECK_MESSAGE(first.row(household, 'w').image == second.row(household, 'w').image, story(seed));
  }
}

TEST_CASE("D1: merging the same input twice gives the same bytes of result") {
  Township one;
  Township two;
  for (Township* hub : {&one, &two}) {
    const Position start = begin(*hub);
    hub->commit({Write('A').seen(start).at(1).update(household, 'w', {{"phone", text("1")}}),
                 Write('B').seen(start).at(2).update(
                     household, 'w', {{"phone", text("2")}, {"concat", text("x")}})});
  }
  CHECK(one.last().rows == two.last().rows);
  CHECK(one.last().conflicts == two.last().conflicts);
  CHECK(one.last().outcomes == two.last().outcomes);
  CHECK(one.last().digests.sums() == two.last().digests.sums());
}
