// Random histories of phones whose hub is set back to an older backup now and then, without a word
// to anybody: in the end every phone equals the hub, and everything that was ever written is there
// exactly once (SEMANTICS G).
#include <doctest/doctest.h>

#include "tests/support/history_count.hpp"
#include "tests/support/lost_hub.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

class History {
 public:
  explicit History(std::uint64_t seed) : world_(seed), random_(seed * 6011 + 3) {
    for (const char* name : {"Mei", "Jun", "Hua"}) world_.add_phone(name, {"X"});
    world_.insert(*world_.phones[0], "household", numbered(1), {{"village_code", village()}});
    settle_through(world_);
    backups_.push_back(backup_of(world_));
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      world_.pass(static_cast<std::int64_t>(random_.below(60'000)));
      Phone& phone = *world_.phones[random_.below(world_.phones.size())];
      const std::uint64_t what = random_.below(20);
      if (what < 10) {
        write(phone);
      } else if (what < 17) {
        connect(phone);
      } else if (what < 19) {
        backups_.push_back(backup_of(world_));
      } else {
        // What comes after it never happened, backups included.
        backups_.resize(1 + random_.below(backups_.size()));
        put_back(world_, *backups_.back());
        ++restores_;
      }
    }
  }

  /// Empty when all are equal and nothing is lost or doubled.
  std::string verdict() {
    settle_through(world_);
    for (const auto& phone : world_.phones) {
      if (auto found = world_.difference(*phone); !found.empty()) return found;
    }
    const auto house = world_.hub_row("household", numbered(1));
    const Value boxes = field(world_.schema, "household", house->image, "boxes");
    if (boxes != (boxes_ == 0 && boxes.is_null() ? Value::null() : Value::integer(boxes_)))
      return "boxes: " + boxes.display() + ", written " + std::to_string(boxes_);
    for (std::uint64_t id = 100; id < next_; ++id) {
      const auto visit = world_.hub_row("visit", numbered(id));
      if (!visit || !visit->live) return "visit " + std::to_string(id) + " is lost";
    }
    return {};
  }
  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] int restores() const { return restores_; }

 private:
  static Value village() { return Value::text("X"); }

  void write(Phone& phone) {
    const auto house = phone.store->row({table_id(world_.schema, "household"), numbered(1)});
    if (!house) return;  // a copy of before it was there
    const std::uint64_t choice = random_.below(4);
    if (choice == 0) {
      world_.insert(phone, "visit", numbered(next_++), {{"household_id", key_value(numbered(1))}});
    } else if (choice == 1) {
      world_.edit(phone, "household", numbered(1),
                  {{"address", Value::text(std::to_string(random_.below(100)))}});
    } else {
      const Value now = field(world_.schema, "household", *house, "boxes");
      const std::int64_t more = 1 + static_cast<std::int64_t>(random_.below(9));
      world_.edit(phone, "household", numbered(1),
                  {{"boxes", Value::integer((now.is_null() ? 0 : now.as_integer()) + more)}});
      boxes_ += more;
    }
  }

  void connect(Phone& phone) {
    LinkOptions options;
    options.rows_max = 1 + random_.below(6);
    if (random_.below(2) == 0) options.cut_after = 1 + random_.below(14);
    for (int again = 0; again < 3; ++again) {
      TestLink link(world_, phone, options);
      link.run_in_any_order(random_);
      const bool expected = !link.device_error || link.device_error->code == ErrorCode::link_lost;
      if (!expected && broken_.empty()) broken_ = phone.name + ": " + link.device_error->text();
      if (!link.come_again) return;
    }
  }

  SyncWorld world_;
  SeededRandom random_;
  std::vector<std::unique_ptr<MemoryHubStore>> backups_;
  std::uint64_t next_ = 100;
  std::int64_t boxes_ = 0;
  int restores_ = 0;
  std::string broken_;
};

}  // namespace

TEST_CASE("whenever the hub is set back, and wherever links break, nothing is lost or doubled") {
  const std::uint64_t histories = history_count(60);
  int restores = 0;
  for (std::uint64_t seed = 1; seed <= histories; ++seed) {
    CAPTURE(seed);
    History history(seed);
    history.run(60);
    CHECK(history.broken() == "");
    REQUIRE(history.verdict() == "");
    restores += history.restores();
  }
  CHECK(restores > static_cast<int>(histories));
}
