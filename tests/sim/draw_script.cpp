#include "tests/sim/draw_script.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "engine/ports/random.hpp"
#include "tests/sim/workload.hpp"

namespace doorstep::sim {
namespace {

constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t minute_ms = 60 * second_ms;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t year_ms = 365 * day_ms;

class Drawing {
 public:
  explicit Drawing(std::uint64_t seed) : random_(seed ^ 0x5eed'0f'd00e'57e9) {
    script_.seed = seed;
  }

  Script draw() {
    draw_size();
    draw_kinds();
    for (std::size_t i = 0; i < script_.phones.size(); ++i) {
      latencies_.push_back(chance(60) ? 10 + below(100) : below(900));
      add(0, "phone" + std::to_string(i + 1), "quality",
          {{"latency", latencies_.back()}, {"rate", chance(60) ? 100'000 : 500 + below(20'000)}});
    }
    // Something to work on first.
    for (std::size_t i = 0; i < 3; ++i) add_work(below(hour_ms), i == 2 ? "stock" : "register");
    for (; forms_ > 0; --forms_) newer_form(below(script_.end_ms * 2 / 3));
    const std::uint64_t lines = 20 + random_.below(random_.below(3) == 0 ? 160 : 60);
    while (script_.lines.size() < lines) {
      const std::int64_t at = below(script_.end_ms);
      const std::uint64_t which = random_.below(100);
      if (which < faults_of_100_) {
        add_fault(at);
      } else if (which < faults_of_100_ + 22) {
        add_sync(at);
      } else {
        add_burst(at);
      }
    }
    std::stable_sort(script_.lines.begin(), script_.lines.end(),
                     [](const Line& a, const Line& b) { return a.ms < b.ms; });
    std::erase_if(script_.lines, [&](const Line& line) { return line.ms >= script_.end_ms; });
    return std::move(script_);
  }

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

  void draw_size() {
    static constexpr std::int64_t lengths[] = {hour_ms, day_ms, 6 * day_ms, 40 * day_ms};
    script_.end_ms = lengths[random_.below(4)];
    script_.horizon_ms = chance(50) ? 2 * day_ms + below(20 * day_ms) : 0;
    const std::uint64_t phones = chance(70) ? 2 + random_.below(3) : 1 + random_.below(phones_max);
    for (std::uint64_t i = 0; i < phones; ++i) {
      const std::uint64_t which = random_.below(6);
      script_.phones.push_back(which < 2   ? std::vector<std::string>{"X"}
                               : which < 4 ? std::vector<std::string>{"X", "Y"}
                               : which < 5 ? std::vector<std::string>{"Y"}
                                           : std::vector<std::string>{"T"});
    }
  }

  void draw_kinds() {
    for (const std::string& verb : work_verbs()) {
      // What the naive model does not know is left to some of the runs.
      if (chance(verb == "settle" ? 12 : 60))
        verbs_.insert(verbs_.end(), 1 + random_.below(4), verb);
    }
    verbs_.emplace_back("edit");
    faults_of_100_ = chance(10) ? 0 : 5 + random_.below(35);
    using Fault = void (Drawing::*)(std::int64_t);
    static constexpr Fault kinds[] = {
        &Drawing::cut,        &Drawing::snip,     &Drawing::kill,      &Drawing::die,
        &Drawing::power,      &Drawing::full,     &Drawing::io_error,  &Drawing::clock,
        &Drawing::reboot,     &Drawing::quality,  &Drawing::storm,     &Drawing::crowd,
        &Drawing::busy_hands, &Drawing::hub_dies, &Drawing::hub_stops, &Drawing::hub_disk,
        &Drawing::hub_house,  &Drawing::grant,    &Drawing::half_open, &Drawing::hub_clock};
    for (const Fault kind : kinds) {
      if (chance(35)) faults_.insert(faults_.end(), 1 + random_.below(5), kind);
    }
    if (chance(15)) faults_.insert(faults_.end(), 3, &Drawing::pair);
    if (chance(15)) faults_.insert(faults_.end(), 2, &Drawing::copied);
    if (chance(15)) faults_.insert(faults_.end(), 2, &Drawing::restored);
    if (chance(15)) faults_.insert(faults_.end(), 2, &Drawing::revoked);
    if (chance(15)) faults_.insert(faults_.end(), 2, &Drawing::rot);
    if (chance(15)) faults_.insert(faults_.end(), 2, &Drawing::turned_back);
    if (chance(15)) faults_.insert(faults_.end(), 3, &Drawing::hasty);
    if (chance(15)) faults_.insert(faults_.end(), 2, &Drawing::long_absence);
    // Each of these changes what must hold; together they would leave little to check.
    switch (random_.below(9)) {
      case 0:
        faults_.insert(faults_.end(), 8, &Drawing::damaged);
        break;
      case 1:
        draw_newer_forms();
        break;
      case 2:
        faults_.insert(faults_.end(), 6, &Drawing::hub_set_back);
        if (chance(20)) faults_.insert(faults_.end(), 3, &Drawing::hub_begun_anew);
        break;
      case 3:
        if (chance(50)) faults_.insert(faults_.end(), 3, &Drawing::hub_begun_anew);
        break;
      default:
        break;
    }
    if (faults_.empty()) faults_.push_back(&Drawing::cut);
  }

  void draw_newer_forms() {
    faults_.insert(faults_.end(), 2, &Drawing::newer_form);
    forms_ = 1 + random_.below(3);
    for (const std::string& verb : newer_verbs())
      verbs_.insert(verbs_.end(), 1 + random_.below(4), verb);
    verbs_.insert(verbs_.end(), 1 + random_.below(4), "advance");
  }

  void add_work(std::int64_t at, const std::string& verb) { add_work_of(any_phone(), at, verb); }
  void add_work_of(const std::string& phone, std::int64_t at, const std::string& verb) {
    std::int64_t value = below(30);
    if (verb == "pay") value = (chance(45) ? -1 : 1) * (1 + below(200));
    if (verb == "count") value = below(9) - 3;
    const auto& scopes = script_.phones[place_of(phone)];
    // Mostly where the volunteer may write.
    std::int64_t village = below(2);
    if (scopes.size() == 1 && scopes[0] != "T" && chance(90)) village = scopes[0] == "Y" ? 1 : 0;
    if (verb == "move") village = below(2);
    add(at, phone, verb,
        {{"row", chance(85) ? ++row_ : 1 + below(row_ + 1)},
         {"pick", below(8)},
         {"value", value},
         {"which", below(8)},
         {"village", village}});
  }
  void add_burst(std::int64_t at) {
    const std::uint64_t count = 1 + random_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      add_work(at, verbs_[random_.below(verbs_.size())]);
      at += below(20 * second_ms);
    }
  }
  void add_sync(std::int64_t at) {
    const std::string phone = any_phone();
    if (chance(30)) {
      add(at, phone, "live");
      add(at + below(chance(50) ? hour_ms : 60 * second_ms), phone, "hangup");
    } else {
      add(at, phone, "sync");
    }
  }
  void add_fault(std::int64_t at) { (this->*faults_[random_.below(faults_.size())])(at); }

  // A fault is most telling while something is under way.
  std::int64_t sync_before(std::int64_t at, const std::string& phone) {
    if (chance(80)) add(at, phone, chance(30) ? "live" : "sync");
    // A sync that has little to say takes four to six times the latency.
    const std::int64_t latency = latencies_[place_of(phone)];
    return at + below(chance(80) ? 7 * latency + 60 : 5000);
  }
  std::int64_t down() { return chance(70) ? below(60 * second_ms) : below(6 * hour_ms); }

  void cut(std::int64_t at) {
    const std::string phone = any_phone();
    add(sync_before(at, phone), phone, "cut",
        {{"up", chance(50) ? 0 : below(4000)}, {"down", chance(50) ? 0 : below(4000)}});
  }
  void snip(std::int64_t at) {
    const std::string phone = any_phone();
    add(at, phone, "snip", {{"after", below(chance(70) ? 1500 : 8000)}});
    sync_before(at, phone);
  }
  void half_open(std::int64_t at) {
    const std::string phone = any_phone();
    add(sync_before(at, phone), phone, "silence", {{"to", below(2)}, {"untold", below(2)}});
  }
  void kill(std::int64_t at) {
    const std::string phone = any_phone();
    add(sync_before(at, phone), phone, "kill", {{"down", down()}});
  }
  void power(std::int64_t at) {
    const std::string phone = any_phone();
    add(sync_before(at, phone), phone, "power", {{"down", down()}});
  }
  std::map<std::string, std::int64_t> death() {
    return {{"after", below(chance(50) ? 12 : 120)},
            {"done", below(2)},
            {"power", below(2)},
            {"down", down()}};
  }
  void die(std::int64_t at) {
    const std::string phone = any_phone();
    add(at, phone, "die", death());
    sync_before(at, phone);
  }
  void full(std::int64_t at) {
    const std::string phone = any_phone();
    add(at, phone, "full", {{"spare", below(chance(50) ? 8192 : 200'000)}});
    add(at + below(chance(50) ? hour_ms : 2 * day_ms), phone, "space");
  }
  void io_error(std::int64_t at) {
    const std::string phone = any_phone();
    add(at, phone, "ioerr", {{"call", below(3)}, {"after", below(60)}, {"count", 1 + below(3)}});
    add(at + below(hour_ms), phone, "space");
  }
  void clock(std::int64_t at) {
    static constexpr std::int64_t offsets[] = {-3 * year_ms, 2 * year_ms, -true_start, 0, hour_ms};
    const std::string phone = any_phone();
    if (chance(30)) {
      add(at, phone, "drift", {{"ppm", below(2000) - 1000}});
    } else {
      add(at, phone, "clock", {{"offset", offsets[random_.below(5)]}});
    }
  }
  void reboot(std::int64_t at) { add(at, any_phone(), "reboot"); }
  void quality(std::int64_t at) {
    add(at, any_phone(), "quality", {{"latency", below(3000)}, {"rate", 300 + below(50'000)}});
  }
  void storm(std::int64_t at) {
    for (std::size_t i = 1; i <= script_.phones.size(); ++i)
      add(at + below(200), "phone" + std::to_string(i), chance(50) ? "live" : "sync");
  }
  // Everybody is connected, and all write at once.
  void crowd(std::int64_t at) {
    for (std::size_t i = 1; i <= script_.phones.size(); ++i)
      add(at, "phone" + std::to_string(i), "live");
    for (std::uint64_t i = 4 + random_.below(8); i > 0; --i) {
      at += below(chance(50) ? 300 : 3000);
      add_work(at, verbs_[random_.below(verbs_.size())]);
    }
  }
  // She goes on typing into one record while her phone syncs, and somebody else writes it too.
  void busy_hands(std::int64_t at) {
    static constexpr const char* verbs[] = {"edit", "claim", "mourn", "annotate"};
    const std::string phone = any_phone();
    const std::string verb = verbs[random_.below(4)];
    const std::int64_t pick = below(4);
    const std::int64_t which = below(2);
    const std::int64_t step = 1 + 2 * latencies_[place_of(phone)];
    add(at, phone, "live");
    for (std::uint64_t i = 3 + random_.below(6); i > 0; --i) {
      const bool other = chance(40);
      add(at, other ? any_phone() : phone, verb,
          {{"pick", pick}, {"value", below(30)}, {"which", which}});
      if (other) add(at, script_.lines.back().actor, "sync");
      at += below(step);
    }
  }
  void hub_dies(std::int64_t at) {
    add(at, "hub", "die", death());
    storm(at);
  }
  void hub_stops(std::int64_t at) {
    static constexpr const char* ways[] = {"kill", "power", "restart"};
    add(sync_before(at, any_phone()), "hub", ways[random_.below(3)], {{"down", down()}});
  }
  void hub_disk(std::int64_t at) {
    if (chance(50)) {
      add(at, "hub", "full", {{"spare", below(60'000)}});
    } else {
      add(at, "hub", "ioerr", {{"call", below(3)}, {"after", below(60)}, {"count", 1 + below(3)}});
    }
    add(at + below(hour_ms), "hub", "space");
  }
  void hub_house(std::int64_t at) { add(at, "hub", chance(50) ? "fold" : "collect"); }
  void hub_clock(std::int64_t at) {
    const std::int64_t far = chance(20) ? 6 * year_ms : 2 * day_ms;
    add(at, "hub", "clock", {{"offset", below(far) - far / 2}});
  }
  void pair(std::int64_t at) { add(at, "hub", "pair", {{"pick", below(20)}, {"what", below(8)}}); }
  void grant(std::int64_t at) {
    add(at, "hub", "grant", {{"phone", below(8)}, {"which", below(3)}});
  }

  // Somebody types and syncs on one of these, or both.
  std::int64_t hours_of(std::int64_t at, const std::string& one, const std::string& other) {
    for (std::uint64_t i = 2 + random_.below(6); i > 0; --i) {
      at += below(chance(60) ? 60 * second_ms : 3 * hour_ms);
      const std::string& who = chance(50) ? one : other;
      if (chance(35)) {
        sync_before(at, who);
      } else {
        add_work_of(who, at, verbs_[random_.below(verbs_.size())]);
      }
    }
    return at;
  }
  void copied(std::int64_t at) {
    const std::string phone = any_phone();
    add(at, phone, "image");
    if (chance(50)) at = hours_of(at, phone, phone);
    add(at, phone, "copy");
    // Copies are numbered as they come to life.
    const std::string copy = "phone" + std::to_string(script_.phones.size() + ++copies_);
    at = hours_of(at, phone, copy);
    if (chance(50)) hours_of(at, phone, copy);
  }
  void restored(std::int64_t at) {
    const std::string phone = any_phone();
    add(at, phone, "image");
    at = hours_of(at, phone, phone);
    add(at, phone, "restore", {{"reboot", below(2)}, {"down", down()}});
    hours_of(at + below(hour_ms), phone, phone);
  }
  void rot(std::int64_t at) {
    const std::string phone = any_phone();
    add(at, phone, "rot", {{"pick", below(3)}, {"which", below(4)}});
    hours_of(at + below(2 * day_ms), phone, phone);
  }
  // The hub's clock runs ahead and is put right, while three people work on one record: the second
  // has seen the first, the third has seen nothing.
  void turned_back(std::int64_t at) {
    const std::int64_t row = ++row_;
    const std::int64_t pick = below(4);
    const auto edit = [&](const std::string& phone) {
      add(at, phone, "edit", {{"pick", pick}, {"value", below(30)}, {"which", 0}});
      at += 1 + below(minute_ms);
    };
    const auto sync = [&](const std::string& phone) {
      add(at, phone, "sync");
      at += minute_ms + below(minute_ms);
    };
    const std::string first = any_phone();
    const std::string second = any_phone();
    const std::string third = any_phone();
    add(at, first, "register", {{"row", row}, {"village", below(2)}});
    sync(first);
    sync(second);
    sync(third);
    add(at, "hub", "clock", {{"offset", hour_ms + below(day_ms)}});
    edit(first);
    sync(first);
    add(at, "hub", "clock");
    sync(second);
    edit(second);
    edit(third);
    sync(chance(50) ? second : third);
    sync(second);
    sync(third);
  }
  // What the fund has not is paid out, and the phone calls again while the hub is still at it.
  void hasty(std::int64_t at) {
    const std::string phone = any_phone();
    add(at, phone, "pay", {{"row", ++row_}, {"value", -5000 - below(100)}, {"village", below(2)}});
    add(at, phone, "live");
    for (std::uint64_t i = 1 + random_.below(3); i > 0; --i) {
      at += below(8 * latencies_[place_of(phone)] + 1000);
      add(at, phone, chance(70) ? "hangup" : "cut");
      at += below(200);
      add(at, phone, "live");
    }
  }
  // Weeks without signal; meanwhile rows go, and what is left of them is collected.
  void long_absence(std::int64_t at) {
    const std::string away = any_phone();
    const std::string here = any_phone();
    add(at, away, "sync");
    add(at, here, "sync");
    for (std::uint64_t i = 1 + random_.below(3); i > 0; --i) {
      static constexpr const char* verbs[] = {"remove", "leave", "return", "move"};
      add_work_of(here, at + minute_ms + below(hour_ms), verbs[random_.below(4)]);
    }
    add(at + 2 * hour_ms, here, "sync");
    at += std::max(script_.horizon_ms, 2 * day_ms) + below(2 * day_ms);
    add(at, "hub", "collect");
    add(at + below(hour_ms), away, chance(50) ? "live" : "sync");
  }
  void damaged(std::int64_t at) {
    const std::string phone = any_phone();
    // Something is unsent, mostly.
    at = hours_of(at, phone, phone);
    for (std::uint64_t i = random_.below(6); i > 0; --i) add_work_of(phone, ++at, "edit");
    for (std::uint64_t i = chance(60) ? 1 : 2 + random_.below(3); i > 0; --i) {
      add(++at, phone, "damage",
          {{"harm", chance(80) ? below(2) : below(5)},
           {"where", chance(50) ? 2 : below(2)},
           {"while", chance(50) ? 3 : below(4)},
           {"page", below(1000)},
           {"at", below(100'000)},
           {"down", down()}});
    }
    if (chance(25)) add(at + below(2 * second_ms), phone, "die", death());
    at = hours_of(at + second_ms, phone, phone);
    if (chance(60)) add(at, phone, "rescue");
    at = hours_of(at, phone, phone);
    if (chance(50)) add(at, phone, "import");
  }
  // The township takes the new form before the app or after it, and they work on in between.
  void newer_form(std::int64_t at) {
    const std::string phone = any_phone();
    if (chance(50)) hub_grows(at);
    at = hours_of(at, phone, any_phone());
    if (chance(25)) add(at, phone, "die", death());
    add(chance(30) ? sync_before(at, phone) : at, phone, "upgrade",
        {{"to", chance(40) ? 0 : 2 + below(2)}, {"again", below(2)}});
    at = hours_of(at, phone, any_phone());
    if (chance(40)) hub_grows(at);
    if (chance(50)) takes_away(at, phone, any_phone());
  }
  // What was answered on the new form goes with a row that somebody on the old one deletes.
  void takes_away(std::int64_t at, const std::string& answers, const std::string& deletes) {
    static constexpr std::int64_t minute_ms = 60 * second_ms;
    const std::int64_t pick = below(4);
    add(at, answers, "feel", {{"pick", pick}, {"value", below(30)}, {"which", 3}});
    add(at + minute_ms, answers, "sync");
    add(at + 3 * minute_ms, deletes, "sync");
    add(at + 5 * minute_ms, deletes, "remove", {{"pick", pick}});
    add(at + 6 * minute_ms, deletes, "sync");
  }
  void hub_grows(std::int64_t at) {
    if (chance(25)) add(at, "hub", "die", death());
    add(chance(50) ? sync_before(at, any_phone()) : at, "hub", "upgrade");
  }
  void revoked(std::int64_t at) {
    const std::uint64_t place = random_.below(script_.phones.size());
    const std::string phone = "phone" + std::to_string(place + 1);
    at = hours_of(at, phone, phone);
    add(at, "hub", "revoke",
        {{"phone", static_cast<std::int64_t>(place)}, {"lost", chance(30) ? 1 : 0}});
    at = hours_of(at, phone, phone);
    if (chance(50)) return;
    add(at, phone, "again");
    hours_of(at, phone, phone);
  }

  // Where the exchange of the hub's files dies, if it does.
  std::int64_t amid() { return chance(20) ? 1 + below(60) : 0; }
  // The village at work, within a fifth of the run.
  std::int64_t days_of_all(std::int64_t at) {
    const std::int64_t until = at + below(script_.end_ms / 5);
    for (std::uint64_t i = 2 + random_.below(10); i > 0; --i) {
      const std::int64_t when = at + below(until - at + 1);
      if (chance(45)) {
        sync_before(when, any_phone());
      } else {
        add_work(when, verbs_[random_.below(verbs_.size())]);
      }
    }
    return until;
  }
  void hub_set_back(std::int64_t at) {
    at /= 2;
    add(at, "hub", "backup", {{"told", below(2)}});
    at = days_of_all(at);
    if (chance(25)) {
      add(at, "hub", "backup", {{"told", below(2)}});
      at = days_of_all(at);
    }
    add(at, "hub", "restore",
        {{"back", chance(70) ? 0 : below(4)},
         {"announced", below(2)},
         {"after", amid()},
         {"down", below(60 * second_ms)}});
    days_of_all(at);
  }
  void hub_begun_anew(std::int64_t at) {
    at = days_of_all(at / 2);
    add(at, "hub", "reset", {{"after", amid()}, {"down", below(60 * second_ms)}});
    days_of_all(at);
  }

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
};

}  // namespace

Script draw_script(std::uint64_t seed) { return Drawing(seed).draw(); }

}  // namespace doorstep::sim
