#include "tests/sim/world.hpp"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "engine/core/hash.hpp"
#include "tests/sim/phone_window.hpp"
#include "tests/sim/sim_vfs.hpp"
#include "tests/sim/village.hpp"

namespace doorstep::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t heal_ms_max = 2 * 3'600'000;
constexpr std::int64_t heal_round_ms = 10 * 60'000;
/// An event for each that a run may take; a run that needs more goes in circles.
constexpr std::uint64_t steps_max = 400'000;

class World {
 public:
  World(const Script& script, const RunOptions& options)
      : script_(script), context_(options.prints), witness_(context_) {
    SeededRandom seeds(script.seed);
    hub_ = std::make_unique<SimHub>(context_, witness_, seeds.next());
    hub_->set_up(script.horizon_ms);
    for (const auto& scopes : script.phones) add_phone(scopes, seeds.next());
  }

  RunResult run() {
    for (const Line& line : script_.lines)
      context_.events.at(line.ms, [this, &line] { take(line); });
    run_until(script_.end_ms);
    heal();
    RunResult result;
    context_.counts.device_ms = context_.events.now() * static_cast<std::int64_t>(phones_.size());
    for (const auto& phone : phones_) context_.counts.disk_faults += phone->disk().faults_met();
    context_.counts.disk_faults += hub_->disk().faults_met();
    result.failure = context_.failure;
    result.trace = context_.trace.hash();
    result.counts = context_.counts;
    result.newest = {context_.trace.newest().begin(), context_.trace.newest().end()};
    return result;
  }

 private:
  void add_phone(const std::vector<std::string>& scopes, std::uint64_t seed) {
    SeededRandom random(seed);
    NewReplica made;
    made.schema = village(1).source();
    made.device = random.id<DeviceId>();
    made.device_name = "phone";
    made.role = "volunteer";
    made.keys = key_pair_of(random.id<Nonce>());
    made.hub = hub_->identity().id;
    made.hub_name = hub_->identity().name;
    made.hub_url = "ws://hub";
    made.hub_key = hub_->identity().keys.public_key;
    for (const std::string& scope : scopes) made.scopes.push_back({scope});
    DS_ASSERT(hub_->enrol(made.device, made.keys, made.scopes));
    const std::string name = "phone" + std::to_string(phones_.size() + 1);
    phones_.push_back(std::make_unique<SimPhone>(context_, witness_, name, std::move(made), calls(),
                                                 random.next()));
    phones_.back()->set_up();
  }

  SimPhone::World calls() {
    return {[this](const LinkQuality& quality, const std::optional<Caller>& caller) {
              return hub_->answer(quality, caller);
            },
            [this](NewReplica& made) {
              if (!hub_->up()) return false;
              made.schema = hub_->store().schema().source();
              return hub_->enrol(made.device, made.keys, made.scopes);
            },
            [this](const RescuedWork& work, const DeviceId& device) {
              return hub_->up() && hub_->take_in(work, device);
            }};
  }

  // The disk of one phone comes to life on another.
  void copy(const SimPhone& original, const Line& line) {
    const std::string name = "phone" + std::to_string(phones_.size() + 1);
    if (!original.has_image() || phones_.size() >= phones_and_copies_max) return;
    context_.trace.note(name, "is a copy of " + original.name());
    const auto seed = script_.seed * 1000 + static_cast<std::uint64_t>(line.ms) + phones_.size();
    phones_.push_back(
        std::make_unique<SimPhone>(context_, witness_, name, original.enrolment(), calls(), seed));
    phones_.back()->set_up_as(original);
  }

  void take(const Line& line) {
    if (line.actor == "hub") {
      std::vector<DeviceId> devices;
      for (const auto& phone : phones_) devices.push_back(phone->device());
      hub_->take(line, devices);
      return;
    }
    const auto found = std::find_if(phones_.begin(), phones_.end(),
                                    [&](const auto& phone) { return phone->name() == line.actor; });
    if (found == phones_.end()) return;
    if (line.verb == "copy") {
      copy(**found, line);
    } else {
      (*found)->take(line);
    }
  }

  void run_until(std::int64_t ms) {
    while (!context_.failure && context_.events.step(ms)) {
      set_vfs_time(context_.true_time().ms);
      if (context_.events.steps() > steps_max)
        context_.fail(FailureKind::liveness, "the run goes in circles");
    }
  }

  // All faults end. Within bounded time every replica equals the hub and every outbox is empty.
  void heal() {
    if (context_.failure) return;
    context_.healing = true;
    context_.trace.note("world", "heals");
    hub_->heal();
    for (const auto& phone : phones_) phone->heal();
    run_until(context_.events.now());
    upgrade_hub();
    const std::int64_t until = context_.events.now() + heal_ms_max;
    std::string rest = "nothing was tried";
    while (!context_.failure && !rest.empty() && context_.events.now() < until) {
      // One after another: who came early hears of the others in the next round.
      for (const auto& phone : phones_)
        phone->take({context_.events.now(), phone->name(), "sync", {}});
      run_until(context_.events.now() + heal_round_ms);
      rest = difference();
    }
    if (context_.failure) return;
    if (!rest.empty()) {
      context_.fail(FailureKind::liveness, rest);
      return;
    }
    hub_->admit_what_waits();
    witness_.compare_hub();
  }

  // Some phones are on older schemas than the hub in the end, none on a newer one.
  void upgrade_hub() {
    std::uint32_t newest = 1;
    for (const auto& phone : phones_) {
      if (phone->up()) newest = std::max(newest, phone->window().version());
    }
    while (!context_.failure && hub_->up() && witness_.hub_version() < newest) hub_->upgrade();
  }

  std::string difference() {
    if (context_.failure) return {};
    if (!hub_->up()) return "the hub is down";
    for (const auto& phone : phones_) {
      if (!phone->up()) return phone->name() + " is down";
      if (phone->syncing()) return phone->name() + " is still syncing";
      if (auto found = witness_.difference(*phone); !found.empty()) return found;
    }
    return {};
  }

  const Script& script_;
  Context context_;
  Witness witness_;
  std::unique_ptr<SimHub> hub_;
  std::vector<std::unique_ptr<SimPhone>> phones_;
};

}  // namespace

RunResult run_script(const Script& script, const RunOptions& options) {
  initialise_crypto();
  reset_vfs(script.seed);
  set_vfs_time(true_start_ms);
  World world(script, options);
  return world.run();
}

WorkFolder::WorkFolder() : before_(fs::current_path().string()) {
  std::string name = (fs::temp_directory_path() / "doorstep-sim-XXXXXX").string();
  DS_ASSERT(::mkdtemp(name.data()) != nullptr);
  path_ = name;
  fs::current_path(path_);
  fs::create_directory("hub");
  for (std::size_t i = 1; i <= phones_and_copies_max; ++i)
    fs::create_directory("phone" + std::to_string(i));
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  fs::current_path(before_, ignored);
  fs::remove_all(path_, ignored);
}

}  // namespace doorstep::sim
