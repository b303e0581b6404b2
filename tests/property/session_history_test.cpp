// Random histories of several phones over links that break anywhere: in the end every phone equals
// the hub.
#include <doctest/doctest.h>

#include "engine/session/run_progress.hpp"
#include "tests/support/history_count.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

class History {
 public:
  explicit History(std::uint64_t seed) : world_(seed), random_(seed * 7919 + 1) {
    world_.add_phone("X1", {"X"});
    world_.add_phone("X2", {"X"});
    world_.add_phone("Y1", {"Y"});
    world_.add_phone("T1", {"T"});
    world_.phones[1]->wall_offset_ms = -3'000'000'000;
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      world_.pass(static_cast<std::int64_t>(random_.below(60'000)));
      Phone& phone = *world_.phones[random_.below(world_.phones.size())];
      if (random_.below(3) != 0) {
        write(phone);
      } else {
        connect(phone);
      }
    }
  }

  /// Empty when every phone equals the hub and the counters are exact.
  std::string verdict() {
    settle(world_);
    settle(world_);
    for (const auto& phone : world_.phones) {
      if (auto found = world_.difference(*phone); !found.empty()) return found;
    }
    return {};
  }

  [[nodiscard]] const std::string& broken() const { return broken_; }

 private:
  void write(Phone& phone) {
    const auto rows = phone.store->rows();
    std::vector<RowKey> households;
    std::vector<RowKey> residents;
    for (const auto& [key, image] : rows) {
      const std::string& table = world_.schema.table(key.table).name;
      if (table == "household") households.push_back(key);
      if (table == "resident") residents.push_back(key);
    }
    const std::uint64_t choice = random_.below(10);
    if (choice < 2 || households.empty()) {
      const char* village = phone.name[0] == 'Y' ? "Y" : "X";
      world_.insert(phone, "household", numbered(++next_),
                    {{"village_code", Value::text(village)}});
      return;
    }
    const RowId house = households[random_.below(households.size())].row;
    if (choice < 4) {
      world_.insert(phone, "resident", numbered(++next_),
                    {{"household_id", key_value(house)}, {"name", text()}});
    } else if (choice < 5) {
      world_.insert(phone, "visit", numbered(++next_),
                    {{"household_id", key_value(house)}, {"findings", text()}});
    } else if (choice < 6 && !residents.empty()) {
      const RowId who = residents[random_.below(residents.size())].row;
      world_.edit(
          phone, "resident", who,
          {{"phone", text()}, {"pressure", Value::integer(static_cast<int>(random_.below(200)))}});
    } else if (choice < 7 && !residents.empty()) {
      world_.remove(phone, "resident", residents[random_.below(residents.size())].row);
    } else if (choice < 8) {
      world_.edit(phone, "household", house,
                  {{"village_code", Value::text(random_.below(2) == 0 ? "X" : "Y")}});
    } else {
      world_.edit(phone, "household", house,
                  {{"address", text()},
                   {"note", text()},
                   {"claimed_by", text()},
                   {"boxes", Value::integer(static_cast<int>(random_.below(50)))},
                   {"tags", random_.below(2) == 0 ? Value::text(R"(["elder"])")
                                                  : Value::text(R"(["child"])")}});
    }
  }

  Value text() { return Value::text(std::to_string(random_.below(1000))); }

  void connect(Phone& phone) {
    LinkOptions options;
    options.rows_max = 1 + random_.below(6);
    options.live = random_.below(3) == 0;
    if (random_.below(2) == 0) options.cut_after = 1 + random_.below(14);
    TestLink link(world_, phone, options);
    link.run_in_any_order(random_);
    if (options.live) {
      for (std::uint64_t i = random_.below(3); i > 0; --i) {
        write(phone);
        link.local_commit();
        link.committed();
        link.run_in_any_order(random_);
      }
    }
    const bool expected = !link.device_error || link.device_error->code == ErrorCode::link_lost;
    if (!expected && broken_.empty()) broken_ = phone.name + ": " + link.device_error->text();
    RunProgress bar(world_.now);
    std::uint32_t percent = 0;
    for (const SyncProgress& seen : link.progress) {
      bar.take(seen, world_.now);
      const SyncProgress& shown = bar.shown();
      const bool sane = shown.pushed <= shown.push_total && shown.pulled <= shown.pull_total;
      if (!sane && broken_.empty()) broken_ = "progress beyond its total";
      const bool forward = shown.percent >= percent && shown.percent < 100;
      if (!forward && broken_.empty()) broken_ = "a bar that goes back, or ends before the end";
      percent = shown.percent;
    }
  }

  SyncWorld world_;
  SeededRandom random_;
  std::uint64_t next_ = 100;
  std::string broken_;
};

}  // namespace

TEST_CASE(
    "whatever phones write, move and delete, and wherever links break, all end equal to the hub") {
  for (std::uint64_t seed = 1; seed <= history_count(100); ++seed) {
    CAPTURE(seed);
    History history(seed);
    history.run(60);
    CHECK(history.broken() == "");
    REQUIRE(history.verdict() == "");
  }
}
