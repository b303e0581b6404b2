// Scenario 2 of the field: a phone three years behind, one two years ahead, one that falls to 1970
// at noon. A day passes for the phones' clocks and, in the evening, for the township's.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "client-sdk/src/system_clock.hpp"
#include "tests/scenario/township.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t year = 365 * 24 * hour;

/// How far the day is, for everybody: true time is the machine's and this.
struct Day {
  std::int64_t passed_ms = 0;
  [[nodiscard]] std::int64_t now_ms() const { return SystemClock(passed_ms).read().wall_ms; }
};

/// A phone's clocks on that day: what it shows is off by `error_ms`, its boot clock only goes on.
class WrongClock final : public Clock {
 public:
  WrongClock(const Day& day, std::int64_t error_ms) : day_(day), error_ms_(error_ms) {}
  [[nodiscard]] ClockProbe read() const override {
    const ClockProbe true_time = system_.read();
    const std::int64_t wall_ms = true_time.wall_ms + day_.passed_ms;
    const std::int64_t since_ms = true_time.boot_ms + day_.passed_ms - booted_ms_;
    return {wall_ms + error_ms_, boot_, since_ms};
  }
  void falls_to_1970() { error_ms_ = -day_.now_ms(); }
  /// The battery is empty and charged again.
  void reboots() {
    booted_ms_ = system_.read().boot_ms + day_.passed_ms;
    boot_.bytes[1]++;
  }

 private:
  const Day& day_;
  SystemClock system_;
  std::int64_t error_ms_;
  std::int64_t booted_ms_ = 0;
  BootId boot_{{7}};
};

struct WrongClocks {
  Day day;
  WrongClock behind{day, -3 * year};
  WrongClock ahead{day, 2 * year};
  WrongClock falling{day, 0};
  std::string morning = to_rfc3339({day.now_ms()});
  Township township{"scenario-02"};
  Volunteer wang{township, "王芳", dushi, "volunteer", &behind};
  Volunteer li{township, "李秀英", dushi, "volunteer", &ahead};
  Volunteer chen{township, "陈静", dushi, "volunteer", &falling};

  [[nodiscard]] std::string household(int number) {
    return chen.read("select id from household order by id limit 1 offset " +
                     std::to_string(number));
  }
  /// Ten minutes after the last one.
  void says(Volunteer& who, const std::string& household, const std::string& column,
            const std::string& value) {
    day.passed_ms += 10 * minute;
    who.write("update household set " + column + " = '" + value + "' where id = x'" + household +
              "'");
  }
  static std::string read(Volunteer& who, const std::string& household, const std::string& column) {
    return who.read("select " + column + " from household where id = x'" + household + "'");
  }
  /// Signal again: the township's clock has come as far as the day has, and everybody syncs.
  void evening() {
    day.passed_ms += hour;
    const std::string offset = std::to_string(day.passed_ms);
    township.hub().stop();
    REQUIRE(::setenv("DOORSTEP_WALL_OFFSET_MS", offset.c_str(), 1) == 0);
    township.hub().serve();
    REQUIRE(::unsetenv("DOORSTEP_WALL_OFFSET_MS") == 0);
    all_sync({&wang, &li, &chen});
    // What phones said of their clocks is written down when there is time, at the latest now.
    township.hub().stop();
    township.hub().serve();
  }
  /// What the township shows of one phone's clock: ahead of its own is positive.
  [[nodiscard]] std::int64_t offset_of(const Volunteer& who) const {
    for (const Json& device : township.lines({"devices"})) {
      if (device.text("name") == who.name()) return device.number("clock_offset_ms");
    }
    FAIL(who.name(), " is not among the devices");
    return 0;
  }
  [[nodiscard]] bool sees_offset(const Volunteer& who, std::int64_t expected_ms) const {
    return std::abs(offset_of(who) - expected_ms) < 2 * minute;
  }
};

}  // namespace

TEST_CASE_FIXTURE(WrongClocks,
                  "scenario-02-wrong-clocks: who wrote last stands, in every order, before and "
                  "after the fall to 1970") {
  std::array<Volunteer*, 3> order{&wang, &li, &chen};
  std::sort(order.begin(), order.end());
  std::vector<std::string> last;
  do {
    if (last.size() == 3) falling.falls_to_1970();  // noon
    const std::string home = household(static_cast<int>(last.size()));
    for (Volunteer* who : order) says(*who, home, "phone", who->name());
    last.push_back(order.back()->name());
  } while (std::next_permutation(order.begin(), order.end()));
  REQUIRE(last.size() == 6);
  for (Volunteer* who : {&wang, &li, &chen}) CHECK(who->status().pending == 6);

  evening();
  for (Volunteer* who : {&wang, &li, &chen}) {
    for (std::size_t i = 0; i < last.size(); ++i) {
      CHECK(read(*who, household(static_cast<int>(i)), "phone") == last[i]);
    }
    CHECK(who->status().rejected == 0);
  }
  // Each other value is in the township's list, dated on its own clock, and its order is known.
  const auto conflicts = township.lines({"conflicts"});
  CHECK(conflicts.size() == 12);
  const std::string night = to_rfc3339({day.now_ms() + hour});
  for (const Json& conflict : conflicts) {
    CHECK(conflict.text("loser_at") > morning);
    CHECK(conflict.text("loser_at") < conflict.text("winner_at"));
    CHECK(conflict.text("winner_at") < night);
    CHECK_FALSE(conflict.boolean("order_uncertain"));
  }
  check_all_equal(township, {&wang, &li, &chen});
}

TEST_CASE_FIXTURE(WrongClocks,
                  "scenario-02-wrong-clocks: the township sees how far each phone's clock is off") {
  evening();
  CHECK(sees_offset(wang, -3 * year));
  CHECK(sees_offset(li, 2 * year));
  CHECK(sees_offset(chen, 0));
  day.passed_ms += 5 * hour;
  const std::int64_t fallen_ms = -day.now_ms();
  falling.falls_to_1970();
  evening();
  CHECK(sees_offset(wang, -3 * year));
  CHECK(sees_offset(li, 2 * year));
  CHECK(sees_offset(chen, fallen_ms));
  for (const auto& [who, expected_ms] :
       {std::pair{&wang, -3 * year}, std::pair{&li, 2 * year}, std::pair{&chen, fallen_ms}}) {
    const auto shown = who->status().clock_offset_ms;
    REQUIRE(shown.has_value());
    CHECK(std::abs(*shown - expected_ms) < 2 * minute);
  }
}

TEST_CASE_FIXTURE(
    WrongClocks,
    "scenario-02-wrong-clocks: the battery dies at noon and the phone says 1970: two edits of it "
    "keep their order, and neither beats nor loses to others by its clock") {
  const std::string alone = household(0);
  const std::string early = household(1);
  const std::string late = household(2);
  const std::string unclear = household(3);
  says(chen, alone, "phone", "in the morning");
  says(chen, early, "phone", "in the morning");
  says(chen, unclear, "phone", "in the morning");
  says(li, late, "phone", "in the morning, two years ahead");
  says(wang, unclear, "phone", "at eleven, three years behind");
  day.passed_ms += 3 * hour;
  falling.falls_to_1970();
  falling.reboots();
  says(chen, alone, "phone", "in the afternoon");
  says(chen, late, "phone", "in the afternoon, 1970");
  day.passed_ms += 3 * hour;
  says(wang, early, "phone", "at five, three years behind");
  for (Volunteer* who : {&wang, &li, &chen}) CHECK(who->status().rejected == 0);

  evening();
  for (Volunteer* who : {&wang, &li, &chen}) {
    CHECK(read(*who, alone, "phone") == "in the afternoon");
    CHECK(read(*who, early, "phone") == "at five, three years behind");
    CHECK(read(*who, late, "phone") == "in the afternoon, 1970");
    // Nobody can know who was first here: the same value stands everywhere, and it is said.
    CHECK(read(*who, unclear, "phone") == read(wang, unclear, "phone"));
  }
  const auto conflicts = township.lines({"conflicts"});
  CHECK(conflicts.size() == 3);
  int uncertain = 0;
  for (const Json& conflict : conflicts) uncertain += conflict.boolean("order_uncertain") ? 1 : 0;
  CHECK(uncertain == 1);
  CHECK(chen.status().up_to_date);
  check_all_equal(township, {&wang, &li, &chen});
}
