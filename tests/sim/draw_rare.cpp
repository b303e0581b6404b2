// Situations that chance alone brings together once in thousands of seeds. A run is about one of
// them, several times over, and whatever else was drawn happens around it.
#include "tests/sim/drawing.hpp"

namespace doorstep::sim {

void Drawing::draw_rare() {
  static constexpr void (Drawing::*kinds[])(std::int64_t) = {
      &Drawing::state_rots,       &Drawing::outbox_rots,    &Drawing::unlucky_twice,
      &Drawing::unlucky_hub,      &Drawing::upgrade_breaks, &Drawing::unseen_answer_goes,
      &Drawing::older_copy_comes, &Drawing::unsent_at_reset};
  // Of its own: the other seeds stay what they are.
  SeededRandom apart(script_.seed ^ 0x0dd'ba11);
  if (has_fate_ || apart.below(3) != 0) return;
  const auto kind = kinds[apart.below(std::size(kinds))];
  for (std::uint64_t i = 3 + apart.below(4); i > 0; --i)
    (this->*kind)(below(script_.end_ms * 2 / 3));
}

std::int64_t Drawing::work_and_sync(std::int64_t at, const std::string& phone) {
  add_work_of(phone, at, "edit");
  add_work_of(phone, at + second_ms, "register");
  add(at + minute_ms, phone, "sync");
  return at + 2 * minute_ms;
}

void Drawing::damage_of(std::int64_t at, const std::string& phone, std::int64_t page) {
  add(at, phone, "damage",
      {{"harm", 0}, {"where", 2}, {"while", 3}, {"page", page}, {"at", below(256)}, {"down", 1}});
}

// A bit of what the phone knows of itself.
void Drawing::state_rots(std::int64_t at) {
  const std::string phone = any_phone();
  at = work_and_sync(at, phone);
  damage_of(at, phone, 12 + 2 * below(6));
  at = work_and_sync(at + minute_ms, phone);
  work_and_sync(at, phone);
}

// A bit of what waits to be sent, with more behind it.
void Drawing::outbox_rots(std::int64_t at) {
  const std::string phone = any_phone();
  for (std::uint64_t i = 3 + random_.below(4); i > 0; --i) add_work_of(phone, ++at, "edit");
  damage_of(at + second_ms, phone, 13 + 2 * below(6));
  add(at + minute_ms, phone, "rescue");
  at = work_and_sync(at + 2 * minute_ms, phone);
  if (chance(50)) add(at, phone, "import");
}

// The app is killed in a commit, starts and shows it; then the battery is taken out.
void Drawing::unlucky_twice(std::int64_t at) {
  const std::string phone = any_phone();
  add(at, phone, "die", {{"after", below(24)}, {"done", below(2)}, {"power", 0}, {"down", 10}});
  add_work_of(phone, at + 1, "register");
  add(at + minute_ms, phone, "power", {{"down", down()}});
}

void Drawing::unlucky_hub(std::int64_t at) {
  const std::string phone = any_phone();
  add_work_of(phone, at, "register");
  add(at + 1, "hub", "die", {{"after", below(24)}, {"done", below(2)}, {"power", 0}, {"down", 10}});
  add(at + 2, phone, "sync");
  add(at + below(minute_ms), "hub", "power", {{"down", down()}});
}

void Drawing::upgrade_breaks(std::int64_t at) {
  const std::string phone = any_phone();
  const bool of_hub = chance(50);
  const std::string who = of_hub ? "hub" : phone;
  add(at, who, "die",
      {{"after", below(60)}, {"done", below(2)}, {"power", below(2)}, {"down", second_ms}});
  if (of_hub) {
    add(at + 1, "hub", "upgrade");
  } else {
    add(at + 1, phone, "upgrade", {{"to", 2 + below(2)}, {"again", 0}});
  }
  at = work_and_sync(at + minute_ms, phone);
  add(at, phone, "upgrade", {{"to", 0}, {"again", below(2)}});
  work_and_sync(at + minute_ms, any_phone());
}

void Drawing::unseen_answer_goes(std::int64_t at) {
  const std::string answers = any_phone();
  const std::string deletes = any_phone();
  at = work_and_sync(at, answers);
  add(at, "hub", "upgrade");
  add(at + minute_ms, answers, "upgrade", {{"to", 2}, {"again", 0}});
  takes_away(at + 2 * minute_ms, answers, deletes);
}

// Phones were told of a backup and let go of what it holds; the one that comes back is older.
void Drawing::older_copy_comes(std::int64_t at) {
  const std::string phone = any_phone();
  add(at, "hub", "backup", {{"told", below(2)}});
  at = work_and_sync(at + minute_ms, phone);
  add(at, "hub", "backup", {{"told", 1}});
  at = work_and_sync(at + minute_ms, phone);
  at = work_and_sync(at, phone);
  add(at, "hub", "restore", {{"back", 1}, {"announced", 1}, {"after", 0}, {"down", second_ms}});
  at = work_and_sync(at + minute_ms, phone);
  work_and_sync(at, phone);
}

// She wrote on the bus; meanwhile the hub was begun anew on purpose.
void Drawing::unsent_at_reset(std::int64_t at) {
  const std::string phone = any_phone();
  at = work_and_sync(at, phone);
  add_work_of(phone, at, "register");
  add(at + minute_ms, "hub", "reset", {{"after", 0}, {"down", second_ms}});
  at = work_and_sync(at + 2 * minute_ms, phone);
  work_and_sync(at, any_phone());
}

}  // namespace doorstep::sim
