// How a seed becomes a script: what is drawn, and in which order. A fault or a story is a few lines
// of the script each time it is drawn.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports/random.hpp"
#include "tests/sim/script.hpp"

namespace doorstep::sim {

inline constexpr std::int64_t second_ms = 1000;
inline constexpr std::int64_t minute_ms = 60 * second_ms;
inline constexpr std::int64_t hour_ms = 60 * minute_ms;
inline constexpr std::int64_t day_ms = 24 * hour_ms;
inline constexpr std::int64_t year_ms = 365 * day_ms;

class Drawing {
 public:
  explicit Drawing(std::uint64_t seed) : random_(seed ^ 0x5eed'0f'd00e'57e9) {
    script_.seed = seed;
  }

  Script draw();

 private:
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(bound)));
  }
  bool chance(std::uint64_t of_100) { return random_.below(100) < of_100; }
  std::string any_phone() {
    return "phone" + std::to_string(1 + random_.below(script_.phones.size()));
  }
  /// Of a copy: as if it were the first phone.
  std::size_t place_of(const std::string& phone) const {
    const auto place = static_cast<std::size_t>(std::stoi(phone.substr(5))) - 1;
    return place < script_.phones.size() ? place : 0;
  }
  void add(std::int64_t at, std::string actor, std::string verb,
           std::map<std::string, std::int64_t> numbers = {}) {
    script_.lines.push_back({at, std::move(actor), std::move(verb), std::move(numbers)});
  }
  void add_work(std::int64_t at, const std::string& verb) { add_work_of(any_phone(), at, verb); }
  std::int64_t down() { return chance(70) ? below(60 * second_ms) : below(6 * hour_ms); }
  // Where the exchange of the hub's files dies, if it does.
  std::int64_t amid() { return chance(20) ? 1 + below(60) : 0; }

  void draw_size();
  void draw_kinds();
  void draw_newer_forms();
  void add_work_of(const std::string& phone, std::int64_t at, const std::string& verb);
  void add_burst(std::int64_t at);
  void add_sync(std::int64_t at);
  void add_fault(std::int64_t at);
  std::int64_t sync_before(std::int64_t at, const std::string& phone);

  // Faults (draw_faults.cpp).
  void cut(std::int64_t at);
  void snip(std::int64_t at);
  void half_open(std::int64_t at);
  void kill(std::int64_t at);
  void power(std::int64_t at);
  std::map<std::string, std::int64_t> death();
  void die(std::int64_t at);
  void full(std::int64_t at);
  void io_error(std::int64_t at);
  void clock(std::int64_t at);
  void reboot(std::int64_t at);
  void quality(std::int64_t at);
  void storm(std::int64_t at);
  void crowd(std::int64_t at);
  void busy_hands(std::int64_t at);
  void hub_dies(std::int64_t at);
  void hub_stops(std::int64_t at);
  void hub_disk(std::int64_t at);
  void hub_house(std::int64_t at);
  void hub_clock(std::int64_t at);
  void pair(std::int64_t at);
  void grant(std::int64_t at);

  // What becomes of a phone or the hub, and stories of several people (draw_fates.cpp).
  std::int64_t hours_of(std::int64_t at, const std::string& one, const std::string& other);
  void copied(std::int64_t at);
  void restored(std::int64_t at);
  void rot(std::int64_t at);
  void turned_back(std::int64_t at);
  void hasty(std::int64_t at);
  void long_absence(std::int64_t at);
  void damaged(std::int64_t at);
  void newer_form(std::int64_t at);
  void takes_away(std::int64_t at, const std::string& answers, const std::string& deletes);
  void hub_grows(std::int64_t at);
  void revoked(std::int64_t at);
  std::int64_t days_of_all(std::int64_t at);
  void hub_set_back(std::int64_t at);
  void hub_begun_anew(std::int64_t at);

  // What hardly ever comes by chance (draw_rare.cpp).
  void draw_rare();
  std::int64_t work_and_sync(std::int64_t at, const std::string& phone);
  void damage_of(std::int64_t at, const std::string& phone, std::int64_t page);
  void state_rots(std::int64_t at);
  void outbox_rots(std::int64_t at);
  void unlucky_twice(std::int64_t at);
  void unlucky_hub(std::int64_t at);
  void upgrade_breaks(std::int64_t at);
  void unseen_answer_goes(std::int64_t at);
  void older_copy_comes(std::int64_t at);
  void unsent_at_reset(std::int64_t at);

  static constexpr std::int64_t true_start = 1'760'000'000'000;
  SeededRandom random_;
  Script script_;
  std::vector<std::string> verbs_;
  std::vector<void (Drawing::*)(std::int64_t)> faults_;
  std::uint64_t faults_of_100_ = 0;
  std::vector<std::int64_t> latencies_;
  std::int64_t row_ = 0;
  std::uint64_t copies_ = 0;
  std::uint64_t forms_ = 0;  ///< newer ones that come in any case
  bool has_fate_ = false;    ///< one of those that change what must hold
};

}  // namespace doorstep::sim
