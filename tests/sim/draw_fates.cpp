#include <algorithm>

#include "tests/sim/drawing.hpp"

namespace doorstep::sim {

// Somebody types and syncs on one of these, or both.
std::int64_t Drawing::hours_of(std::int64_t at, const std::string& one, const std::string& other) {
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

void Drawing::copied(std::int64_t at) {
  const std::string phone = any_phone();
  add(at, phone, "image");
  if (chance(50)) at = hours_of(at, phone, phone);
  add(at, phone, "copy");
  // Copies are numbered as they come to life.
  const std::string copy = "phone" + std::to_string(script_.phones.size() + ++copies_);
  at = hours_of(at, phone, copy);
  if (chance(50)) hours_of(at, phone, copy);
}

void Drawing::restored(std::int64_t at) {
  const std::string phone = any_phone();
  add(at, phone, "image");
  at = hours_of(at, phone, phone);
  add(at, phone, "restore", {{"reboot", below(2)}, {"down", down()}});
  hours_of(at + below(hour_ms), phone, phone);
}

void Drawing::rot(std::int64_t at) {
  const std::string phone = any_phone();
  add(at, phone, "rot", {{"pick", below(3)}, {"which", below(4)}});
  hours_of(at + below(2 * day_ms), phone, phone);
}

// The hub's clock runs ahead and is put right, while three people work on one record: the second
// has seen the first, the third has seen nothing.
void Drawing::turned_back(std::int64_t at) {
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
void Drawing::hasty(std::int64_t at) {
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
void Drawing::long_absence(std::int64_t at) {
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

void Drawing::damaged(std::int64_t at) {
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
void Drawing::newer_form(std::int64_t at) {
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
void Drawing::takes_away(std::int64_t at, const std::string& answers, const std::string& deletes) {
  const std::int64_t pick = below(4);
  add(at, answers, "feel", {{"pick", pick}, {"value", below(30)}, {"which", 3}});
  add(at + minute_ms, answers, "sync");
  add(at + 3 * minute_ms, deletes, "sync");
  add(at + 5 * minute_ms, deletes, "remove", {{"pick", pick}});
  add(at + 6 * minute_ms, deletes, "sync");
}

void Drawing::hub_grows(std::int64_t at) {
  if (chance(25)) add(at, "hub", "die", death());
  add(chance(50) ? sync_before(at, any_phone()) : at, "hub", "upgrade");
}

void Drawing::revoked(std::int64_t at) {
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

// The village at work, within a fifth of the run.
std::int64_t Drawing::days_of_all(std::int64_t at) {
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

void Drawing::hub_set_back(std::int64_t at) {
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

void Drawing::hub_begun_anew(std::int64_t at) {
  at = days_of_all(at / 2);
  add(at, "hub", "reset", {{"after", amid()}, {"down", below(60 * second_ms)}});
  days_of_all(at);
}

}  // namespace doorstep::sim
