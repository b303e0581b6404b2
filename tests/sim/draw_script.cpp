#include "tests/sim/draw_script.hpp"

#include <algorithm>

#include "tests/sim/drawing.hpp"
#include "tests/sim/workload.hpp"

namespace doorstep::sim {

Script Drawing::draw() {
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
  draw_rare();
  std::stable_sort(script_.lines.begin(), script_.lines.end(),
                   [](const Line& a, const Line& b) { return a.ms < b.ms; });
  std::erase_if(script_.lines, [&](const Line& line) { return line.ms >= script_.end_ms; });
  return std::move(script_);
}

void Drawing::draw_size() {
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

void Drawing::draw_kinds() {
  for (const std::string& verb : work_verbs()) {
    // What the naive model does not know is left to some of the runs.
    if (chance(verb == "settle" ? 12 : 60)) verbs_.insert(verbs_.end(), 1 + random_.below(4), verb);
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
  has_fate_ = true;
  switch (random_.below(8)) {
    case 0:
      faults_.insert(faults_.end(), 8, &Drawing::damaged);
      break;
    case 1:
      draw_newer_forms();
      break;
    case 2:
    case 3:
      faults_.insert(faults_.end(), 10, &Drawing::hub_set_back);
      if (chance(20)) faults_.insert(faults_.end(), 3, &Drawing::hub_begun_anew);
      break;
    case 4:
      faults_.insert(faults_.end(), 4, &Drawing::hub_begun_anew);
      break;
    default:
      has_fate_ = false;
      break;
  }
  if (faults_.empty()) faults_.push_back(&Drawing::cut);
}

void Drawing::draw_newer_forms() {
  faults_.insert(faults_.end(), 2, &Drawing::newer_form);
  forms_ = 1 + random_.below(3);
  for (const std::string& verb : newer_verbs())
    verbs_.insert(verbs_.end(), 1 + random_.below(4), verb);
  verbs_.insert(verbs_.end(), 1 + random_.below(4), "advance");
}

void Drawing::add_work_of(const std::string& phone, std::int64_t at, const std::string& verb) {
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

void Drawing::add_burst(std::int64_t at) {
  const std::uint64_t count = 1 + random_.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    add_work(at, verbs_[random_.below(verbs_.size())]);
    at += below(20 * second_ms);
  }
}

void Drawing::add_sync(std::int64_t at) {
  const std::string phone = any_phone();
  if (chance(30)) {
    add(at, phone, "live");
    add(at + below(chance(50) ? hour_ms : 60 * second_ms), phone, "hangup");
  } else {
    add(at, phone, "sync");
  }
}

void Drawing::add_fault(std::int64_t at) { (this->*faults_[random_.below(faults_.size())])(at); }

// A fault is most telling while something is under way.
std::int64_t Drawing::sync_before(std::int64_t at, const std::string& phone) {
  if (chance(80)) add(at, phone, chance(30) ? "live" : "sync");
  // A sync that has little to say takes four to six times the latency.
  const std::int64_t latency = latencies_[place_of(phone)];
  return at + below(chance(80) ? 7 * latency + 60 : 5000);
}

Script draw_script(std::uint64_t seed) { return Drawing(seed).draw(); }

}  // namespace doorstep::sim
