// What becomes of a phone as a whole: images of its disk that come to life again, on it or beside
// it, and an enrolment as a new device.
#include <sqlite3.h>

#include "client-sdk/src/device_identity.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/sim/phone_window.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {

void SimPhone::take_image() {
  image_ = disk_.image();
  witness_.image_taken(*this);
}

void SimPhone::set_up_as(const SimPhone& original) {
  SimDisk::Image image;
  for (const auto& [file, content] : original.image_)
    image[name_ + file.substr(original.name_.size())] = content;
  disk_.put_image(image);
  device_ = original.device_;
  witness_.became_image(*this, original);
  start();
}

bool SimPhone::take_turn_of_fate(const Line& line) {
  if (line.verb == "image") {
    if (up()) take_image();
  } else if (line.verb == "restore") {
    restore(line);
  } else if (line.verb == "again") {
    if (up() && !disk_.faulty()) enrol_again();
  } else if (line.verb == "rot") {
    if (up()) rot(line);
  } else if (line.verb == "upgrade") {
    if (up()) upgrade(line);
  } else {
    return false;
  }
  return true;
}

// A value of a row that rests: the page is whole, and says something else.
void SimPhone::rot(const Line& line) {
  static constexpr const char* cells[] = {"household SET head", "household SET phone",
                                          "resident SET name", "visit SET findings"};
  const std::string cell = cells[static_cast<std::size_t>(line.number("which")) % 4];
  const std::string table = cell.substr(0, cell.find(' '));
  disk_.watch(true);
  {
    auto db = sqlite::Database::open(path(), {}).value();
    sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    const Status done =
        db.run("UPDATE " + cell + " = 'rotten' WHERE id = (SELECT id FROM " + table +
               " WHERE NOT EXISTS (SELECT 1 FROM ds_pending) AND NOT EXISTS (SELECT 1 FROM "
               "ds_outbox) ORDER BY id LIMIT 1 OFFSET " +
               std::to_string(line.number("pick")) + ")");
    const auto changed = db.one("SELECT changes()");
    if (done && changed && changed.value()->as_integer() > 0) {
      ++context_.counts.rotten;
      witness_.rotted(*this);
    }
  }
  disk_.watch(false);
}

// Its own backup, on the same phone: the app's data alone, or all of it with a reboot.
void SimPhone::restore(const Line& line) {
  if (image_.empty()) return;
  if (up()) die(false, line.number("down"));
  if (std::exchange(keys_lost_, false)) {
    context_.events.after(line.number("down"), [this, life = life_] {
      if (life == life_ && !up()) start();
    });
  }
  disk_.put_image(image_);
  if (line.number("reboot") != 0) {
    clock_.boot = random_.id<BootId>();
    clock_.boot_began_ms = context_.events.now();
  }
  witness_.became_image(*this, *this);
}

void SimPhone::enrol_again() {
  NewReplica made = enrolment_;
  const Successor fresh = new_device(clock_.read(), random_);
  made.device = fresh.device;
  made.keys = fresh.keys;
  if (!world_.enrol(made)) return;
  stop_politely();
  keys_lost_ = looked_after_ = false;
  disk_.heal();
  disk_.put_image({});
  image_.clear();
  enrolment_ = std::move(made);
  device_ = enrolment_.device;
  witness_.began_anew(*this);
  set_up();
}

void SimPhone::enrol_where_unknown(const Error& why) {
  if (why.code != ErrorCode::device_unknown) return;
  after(1, [this] {
    if (!disk_.faulty()) enrol_again();
  });
}

void SimPhone::note_identity() {
  const auto state = window_->state();
  if (!state || state->device == device_) return;
  device_ = state->device;
  ++context_.counts.forks;
  context_.trace.note(name_, "goes on as another device");
}

}  // namespace doorstep::sim
