#include "tests/sim/sim_phone.hpp"

#include "tests/sim/phone_window.hpp"
#include "tests/sim/sim_vfs.hpp"
#include "tests/sim/village.hpp"
#include "tests/sim/witness.hpp"
#include "tests/sim/workload.hpp"

namespace doorstep::sim {
namespace {

constexpr std::int64_t start_again_ms = 60'000;
constexpr std::int64_t notices_write_ms_max = 100;

}  // namespace

ClockProbe PhoneClock::read() const {
  const std::int64_t passed = events_.now();
  const std::int64_t drift = passed / 1'000'000 * drift_ppm;
  return {true_start_ms + passed + wall_offset_ms + drift, boot, passed - boot_began_ms};
}

SimPhone::SimPhone(Context& context, Witness& witness, std::string name, NewReplica enrolment,
                   World world, std::uint64_t seed)
    : context_(context),
      witness_(witness),
      name_(std::move(name)),
      enrolment_(std::move(enrolment)),
      device_(enrolment_.device),
      world_(std::move(world)),
      random_(seed * 2 + 1),
      fate_(seed * 2),
      clock_(context.events),
      files_(disk_),
      log_(context) {
  clock_.boot = random_.id<BootId>();
  clock_.boot_began_ms = -static_cast<std::int64_t>(random_.below(86'400'000));
  mount(name_, disk_);
}

SimPhone::~SimPhone() {
  if (up()) die(false, 0);
}

ReplicaSeams SimPhone::seams() {
  ReplicaSeams seams;
  seams.clock = &clock_;
  seams.random = &random_;
  seams.files = &files_;
  seams.load_schema = load_village;
  return seams;
}

void SimPhone::after(std::int64_t ms, std::function<void()> task) {
  context_.events.after(ms, [this, life = life_, run = std::move(task)] {
    if (life == life_ && up()) run();
  });
}

void SimPhone::set_up() {
  const Status made = create_replica(path(), enrolment_, seams());
  DS_ASSERT(made.ok());
  start();
  DS_ASSERT(up());
}

void SimPhone::start() {
  if (keys_lost_) return begin_anew();
  auto opened = open_replica(path(), {}, seams());
  // Opened at the moment of its death: it goes with the process.
  if (disk_.dead()) opened = error(ErrorCode::io_error);
  if (died()) return;
  if (!opened) {
    context_.trace.note(name_, "does not start: " + opened.error().text());
    if (is_sick(opened.error().code)) return look_after_soon();
    // Without a fault a replica always opens again, whatever moment its process died at.
    if (!disk_.faulty()) context_.wrong(name_ + " does not open: " + opened.error().text());
    context_.events.after(start_again_ms, [this, life = life_] {
      if (life == life_ && !up()) start();
    });
    return;
  }
  replica_ = *std::move(opened);
  window_ = std::make_unique<PhoneWindow>(disk_, path());
  context_.trace.note(name_, "starts");
  note_identity();
  if (std::exchange(looked_after_, false)) witness_.looked_after(*this, kept_rows_);
  witness_.started(*this);
}

void SimPhone::stop_politely() {
  hang_up();
  ++life_;
  window_.reset();
  store_.reset();
  replica_.reset();
}

bool SimPhone::died() {
  if (!disk_.dead()) return false;
  die(dies_without_power_, down_ms_);
  return true;
}

void SimPhone::die(bool power_cut, std::int64_t down_ms) {
  ++context_.counts.deaths;
  ++life_;
  ++connection_;
  disk_.die_after(0);
  if (link_ != nullptr) link_->drop(Link::Side::phone, !power_cut);
  link_.reset();
  session_.reset();
  store_.reset();
  window_.reset();
  replica_.reset();
  wants_ = Wants::nothing;
  if (disk_.open_handles() != 0) context_.wrong(name_ + " leaves files open when it goes");
  const SimDisk::Fates fates = disk_.restart(power_cut, fate_);
  context_.counts.torn_writes += fates.torn;
  if (power_cut) {
    ++context_.counts.power_cuts;
    clock_.boot = random_.id<BootId>();
    clock_.boot_began_ms = context_.events.now() + down_ms;
  }
  context_.trace.note(name_, std::string(power_cut ? "loses power" : "is killed") + ", " +
                                 std::to_string(fates.applied) + " writes applied, " +
                                 std::to_string(fates.dropped) + " dropped, " +
                                 std::to_string(fates.torn) + " torn");
  context_.events.after(down_ms, [this, life = life_] {
    if (life == life_ && !up()) start();
  });
}

void SimPhone::take(const Line& line) {
  context_.trace.note(name_, print(line));
  if (take_fault(line) || take_turn_of_fate(line) || take_damage(line)) return;
  if (!up() || take_sync(line)) return;
  write(line);
}

bool SimPhone::take_fault(const Line& line) {
  const auto number = [&](const char* name) { return line.number(name); };
  const auto count = [&](const char* name) {
    return static_cast<std::uint64_t>(line.number(name));
  };
  if (line.verb == "kill" || line.verb == "power") {
    if (up()) die(line.verb == "power", number("down"));
  } else if (line.verb == "reboot") {
    if (up()) {
      stop_politely();
      clock_.boot = random_.id<BootId>();
      clock_.boot_began_ms = context_.events.now();
      start();
    }
  } else if (line.verb == "die") {
    dies_without_power_ = number("power") != 0;
    down_ms_ = number("down");
    disk_.die_after(count("after") + 1, number("done") != 0);
  } else if (line.verb == "full") {
    disk_.fill(count("spare"));
  } else if (line.verb == "space") {
    disk_.heal();
  } else if (line.verb == "ioerr") {
    disk_.fail_after(static_cast<DiskCall>(number("call") % 3), count("after"), count("count"));
  } else if (line.verb == "clock") {
    clock_.wall_offset_ms = number("offset");
  } else if (line.verb == "drift") {
    clock_.drift_ppm = number("ppm");
  } else if (line.verb == "quality") {
    quality_ = {number("latency"), std::max<std::int64_t>(number("rate"), 100)};
  } else if (line.verb == "cut") {
    if (link_ != nullptr) link_->cut(number("up"), number("down"));
  } else if (line.verb == "snip") {
    snip_after_ = count("after");
  } else if (line.verb == "silence") {
    if (link_ != nullptr)
      link_->silence(number("to") == 0 ? Link::Side::hub : Link::Side::phone,
                     number("untold") == 0);
  } else {
    return false;
  }
  return true;
}

void SimPhone::write(const Line& line) {
  const Status done = do_work(*replica_, line, window_->version());
  if (died()) return;
  const bool refused_in_peace = !done && !disk_.faulty();
  if (!done) {
    ++context_.counts.refused;
    context_.trace.note(name_, "refused: " + done.error().text());
    if (is_sick(done.error().code)) return look_after_soon();
    if (refused_in_peace && !is_refusal(done.error().code))
      context_.wrong(name_ + " cannot write: " + done.error().text());
  }
  witness_.wrote(*this);
  if (wants_ == Wants::live && session_ != nullptr) {
    after(static_cast<std::int64_t>(random_.below(notices_write_ms_max)),
          [this, connection = connection_] {
            if (connection == connection_ && session_ != nullptr) step(device_input::LocalCommit{});
          });
  }
}

void SimPhone::heal() {
  disk_.heal();
  disk_.die_after(0);
  if (up()) {
    // The cable is pulled once more: whatever waits for a cut link waits no longer.
    die(false, 0);
  } else {
    ++life_;
    static_cast<void>(disk_.restart(false, fate_));
    start();
  }
  if (witness_.is_damaged(*this)) look_after_soon();
  quality_ = {};
  snip_after_.reset();
}

}  // namespace doorstep::sim
