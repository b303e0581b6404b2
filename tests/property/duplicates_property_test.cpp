// Random histories in which families are registered twice, merged, rejected and taken apart while
// phones are offline: every phone ends equal to the hub, no reference is left at a merged id, and
// counters are exact.
#include <doctest/doctest.h>

#include <array>

#include "tests/support/history_count.hpp"
#include "tests/support/twin_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::array<std::string_view, 4> heads = {"王建国", "汪建国", "王健国", "李秀英"};
constexpr std::array<std::string_view, 3> addresses = {"二组15号", "二组１５号", "三组2号"};

class TwinHistory {
 public:
  explicit TwinHistory(std::uint64_t seed) : world_(seed), random_(seed * 7919 + 3) {
    for (const char* name : {"X1", "X2", "X3"}) world_.add_phone(name, {"X"});
    world_.add_phone("Y1", {"Y"});
    world_.add_phone("T1", {"T"});
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      world_.pass(static_cast<std::int64_t>(random_.below(600'000)));
      Phone& phone = *world_.phones[random_.below(world_.phones.size())];
      const std::uint64_t choice = random_.below(10);
      if (choice < 6) {
        write(phone);
      } else if (choice < 8) {
        connect(phone);
      } else {
        decide();
      }
    }
  }

  std::string verdict() {
    settle(world_);
    settle(world_);
    for (const auto& phone : world_.phones) {
      if (auto found = world_.difference(*phone); !found.empty()) return found;
    }
    if (auto stray = world_.stray_reference(); !stray.empty()) return stray;
    std::int64_t boxes = 0;
    for (const auto& [key, image] : world_.phones.back()->store->rows()) {
      if (world_.schema.table(key.table).name != "household") continue;
      const Value count = field(world_.schema, "household", image, "boxes");
      if (!count.is_null()) boxes += count.as_integer();
    }
    return boxes == given_ ? std::string()
                           : std::to_string(boxes) + " boxes counted, " + std::to_string(given_) +
                                 " were given";
  }

  std::size_t merged = 0;
  std::size_t unmerged = 0;

 private:
  void write(Phone& phone) {
    std::vector<RowId> households;
    std::vector<RowId> residents;
    for (const auto& [key, image] : phone.store->rows()) {
      const std::string& table = world_.schema.table(key.table).name;
      if (table == "household") households.push_back(key.row);
      if (table == "resident") residents.push_back(key.row);
    }
    const std::uint64_t choice = random_.below(12);
    if (choice < 3 || households.empty()) {
      world_.household(phone, ++next_, heads[random_.below(heads.size())],
                       addresses[random_.below(addresses.size())],
                       phone.name[0] == 'Y' ? "Y" : "X");
      return;
    }
    const RowId house = households[random_.below(households.size())];
    if (choice < 5) {
      world_.resident(phone, ++next_, house, "王小明");
    } else if (choice < 7) {
      world_.visit(phone, ++next_, house, "走访");
    } else if (choice < 8 && !residents.empty()) {
      const RowId who = residents[random_.below(residents.size())];
      world_.edit(phone, "resident", who, {{"household_id", key_value(house)}});
    } else if (choice < 9 && !residents.empty()) {
      world_.remove(phone, "resident", residents[random_.below(residents.size())]);
    } else {
      edit_household(phone, house);
    }
  }

  void edit_household(Phone& phone, const RowId& house) {
    const Value boxes = world_.shown(phone, "household", house, "boxes");
    const auto more = static_cast<std::int64_t>(random_.below(5)) + 1;
    given_ += more;
    const std::int64_t had = boxes.is_null() ? 0 : boxes.as_integer();
    world_.edit(phone, "household", house,
                {{"boxes", Value::integer(had + more)},
                 {"note", Value::text(std::to_string(random_.below(1000)))},
                 {"phone", Value::text(std::to_string(random_.below(10)))},
                 {"tags", random_.below(2) == 0 ? Value::text(R"(["elder"])")
                                                : Value::text(R"(["child"])")}});
  }

  void decide() {
    const auto all = world_.pairs(false);
    if (all.empty()) return;
    const Duplicate& pair = all[random_.below(all.size())];
    if (pair.state == DuplicateState::accepted) {
      if (world_.unmerge(pair).ok()) ++unmerged;
    } else if (random_.below(4) == 0) {
      static_cast<void>(world_.reject(pair));
    } else if (world_.accept(pair, random_.below(2) == 0 ? pair.first : pair.second).ok()) {
      ++merged;
    }
  }

  void connect(Phone& phone) {
    LinkOptions options;
    options.rows_max = 1 + random_.below(6);
    if (random_.below(2) == 0) options.cut_after = 1 + random_.below(14);
    TestLink link(world_, phone, options);
    link.run_in_any_order(random_);
  }

  TwinWorld world_;
  SeededRandom random_;
  std::uint64_t next_ = 100;
  std::int64_t given_ = 0;
};

}  // namespace

TEST_CASE("however families are merged and taken apart, all phones end equal and nothing dangles") {
  std::size_t merged = 0;
  std::size_t unmerged = 0;
  for (std::uint64_t seed = 1; seed <= history_count(60); ++seed) {
    CAPTURE(seed);
    TwinHistory history(seed);
    history.run(80);
    REQUIRE(history.verdict() == "");
    merged += history.merged;
    unmerged += history.unmerged;
  }
  // The histories are about something.
  CHECK(merged > history_count(100));
  CHECK(unmerged > history_count(30));
}
