#include "tests/sim/drawing.hpp"

namespace doorstep::sim {

void Drawing::cut(std::int64_t at) {
  const std::string phone = any_phone();
  add(sync_before(at, phone), phone, "cut",
      {{"up", chance(50) ? 0 : below(4000)}, {"down", chance(50) ? 0 : below(4000)}});
}

void Drawing::snip(std::int64_t at) {
  const std::string phone = any_phone();
  add(at, phone, "snip", {{"after", below(chance(70) ? 1500 : 8000)}});
  sync_before(at, phone);
}

void Drawing::half_open(std::int64_t at) {
  const std::string phone = any_phone();
  add(sync_before(at, phone), phone, "silence", {{"to", below(2)}, {"untold", below(2)}});
}

void Drawing::kill(std::int64_t at) {
  const std::string phone = any_phone();
  add(sync_before(at, phone), phone, "kill", {{"down", down()}});
}

void Drawing::power(std::int64_t at) {
  const std::string phone = any_phone();
  add(sync_before(at, phone), phone, "power", {{"down", down()}});
}

std::map<std::string, std::int64_t> Drawing::death() {
  return {{"after", below(chance(50) ? 12 : 120)},
          {"done", below(2)},
          {"power", below(2)},
          {"down", down()}};
}

void Drawing::die(std::int64_t at) {
  const std::string phone = any_phone();
  add(at, phone, "die", death());
  sync_before(at, phone);
}

void Drawing::full(std::int64_t at) {
  const std::string phone = any_phone();
  add(at, phone, "full", {{"spare", below(chance(50) ? 8192 : 200'000)}});
  add(at + below(chance(50) ? hour_ms : 2 * day_ms), phone, "space");
}

void Drawing::io_error(std::int64_t at) {
  const std::string phone = any_phone();
  add(at, phone, "ioerr", {{"call", below(3)}, {"after", below(60)}, {"count", 1 + below(3)}});
  add(at + below(hour_ms), phone, "space");
}

void Drawing::clock(std::int64_t at) {
  static constexpr std::int64_t offsets[] = {-3 * year_ms, 2 * year_ms, -true_start, 0, hour_ms};
  const std::string phone = any_phone();
  if (chance(30)) {
    add(at, phone, "drift", {{"ppm", below(2000) - 1000}});
  } else {
    add(at, phone, "clock", {{"offset", offsets[random_.below(5)]}});
  }
}

void Drawing::reboot(std::int64_t at) { add(at, any_phone(), "reboot"); }

void Drawing::quality(std::int64_t at) {
  add(at, any_phone(), "quality", {{"latency", below(3000)}, {"rate", 300 + below(50'000)}});
}

void Drawing::storm(std::int64_t at) {
  for (std::size_t i = 1; i <= script_.phones.size(); ++i)
    add(at + below(200), "phone" + std::to_string(i), chance(50) ? "live" : "sync");
}

// Everybody is connected, and all write at once.
void Drawing::crowd(std::int64_t at) {
  for (std::size_t i = 1; i <= script_.phones.size(); ++i)
    add(at, "phone" + std::to_string(i), "live");
  for (std::uint64_t i = 4 + random_.below(8); i > 0; --i) {
    at += below(chance(50) ? 300 : 3000);
    add_work(at, verbs_[random_.below(verbs_.size())]);
  }
}

// She goes on typing into one record while her phone syncs, and somebody else writes it too.
void Drawing::busy_hands(std::int64_t at) {
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

void Drawing::hub_dies(std::int64_t at) {
  add(at, "hub", "die", death());
  storm(at);
}

void Drawing::hub_stops(std::int64_t at) {
  static constexpr const char* ways[] = {"kill", "power", "restart"};
  add(sync_before(at, any_phone()), "hub", ways[random_.below(3)], {{"down", down()}});
}

void Drawing::hub_disk(std::int64_t at) {
  if (chance(50)) {
    add(at, "hub", "full", {{"spare", below(60'000)}});
  } else {
    add(at, "hub", "ioerr", {{"call", below(3)}, {"after", below(60)}, {"count", 1 + below(3)}});
  }
  add(at + below(hour_ms), "hub", "space");
}

void Drawing::hub_house(std::int64_t at) { add(at, "hub", chance(50) ? "fold" : "collect"); }

void Drawing::hub_clock(std::int64_t at) {
  const std::int64_t far = chance(20) ? 6 * year_ms : 2 * day_ms;
  add(at, "hub", "clock", {{"offset", below(far) - far / 2}});
}

void Drawing::pair(std::int64_t at) {
  add(at, "hub", "pair", {{"pick", below(20)}, {"what", below(8)}});
}

void Drawing::grant(std::int64_t at) {
  add(at, "hub", "grant", {{"phone", below(8)}, {"which", below(3)}});
}

}  // namespace doorstep::sim
