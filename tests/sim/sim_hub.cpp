#include "tests/sim/sim_hub.hpp"

#include "engine/core/hash.hpp"
#include "engine/session/decide_duplicates.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/wire/codec.hpp"
#include "tests/sim/sim_vfs.hpp"
#include "tests/sim/village.hpp"
#include "tests/sim/witness.hpp"
#include "tests/support/small_village.hpp"

namespace doorstep::sim {
namespace {

constexpr std::string_view machine = "hub";
constexpr std::int64_t start_again_ms = 60'000;
constexpr std::size_t pairs_listed_max = 100;
constexpr std::int64_t keep_house_ms = 6 * 3'600'000;

}  // namespace

SimHub::SimHub(Context& context, Witness& witness, std::uint64_t seed)
    : context_(context), witness_(witness), random_(seed * 2 + 1), fate_(seed * 2), log_(context) {
  static constexpr std::uint64_t slow[] = {8, 8, 100, 1000};
  slow_ms_ = slow[random_.below(4)];
  identity_.id = random_.id<HubId>();
  identity_.name = "Qiaojiang";
  identity_.keys = key_pair_of(random_.id<Nonce>());
  mount(std::string(machine), disk_);
  witness_.watch_hub(disk_);
}

SimHub::~SimHub() {
  if (up()) die(false, 0);
}

void SimHub::after(std::int64_t ms, std::function<void()> task) {
  context_.events.after(ms, [this, life = life_, run = std::move(task)] {
    if (life == life_ && up()) run();
  });
}

// A thread of the hub gets to it within a few milliseconds; of a busy one, later.
std::int64_t SimHub::soon() { return 1 + static_cast<std::int64_t>(random_.below(slow_ms_)); }

void SimHub::set_up(std::int64_t horizon_ms) {
  DS_ASSERT(SqliteHubStore::create(machine, village(1), identity_).ok());
  start();
  DS_ASSERT(up());
  const DeviceId office = random_.id<DeviceId>();
  const KeyPair keys = key_pair_of(random_.id<Nonce>());
  DS_ASSERT(enrol(office, keys, {ScopeId{"T"}}));
  office_ = office;
  found_village();
  auto commit = store_->begin().value();
  // The office never calls; nobody is to wait for it.
  DeviceRecord record = commit->device(office).value().value();
  record.revoked = now();
  DS_ASSERT(commit->put_device(record).ok());
  if (horizon_ms > 0) DS_ASSERT(commit->put_horizon(horizon_ms).ok());
  DS_ASSERT(commit->commit(now(), token()).ok());
  commit.reset();
  witness_.hub_committed(*store_);
}

bool SimHub::enrol(const DeviceId& device, const KeyPair& keys, std::vector<ScopeId> scopes) {
  auto commit = store_->begin();
  Status done = commit ? Status() : Status(commit.error());
  if (done) {
    DeviceRecord record;
    record.id = device;
    record.key = keys.public_key;
    record.name = "phone";
    record.role = "volunteer";
    record.scopes = std::move(scopes);
    record.enrolled = record.granted_since = (*commit)->position();
    done = (*commit)->put_device(record);
    if (done) done = (*commit)->commit(now(), token());
    commit->reset();
  }
  if (died()) return false;
  witness_.hub_committed(*store_);
  return done.ok();
}

void SimHub::start() {
  auto opened = SqliteHubStore::open(machine, load_village);
  // Opened at the moment of its death: it goes with the process.
  if (disk_.dead()) opened = error(ErrorCode::io_error);
  if (died()) return;
  if (!opened) {
    context_.trace.note("hub", "does not start: " + opened.error().text());
    if (!disk_.faulty()) context_.wrong("the hub does not open: " + opened.error().text());
    context_.events.after(start_again_ms, [this, life = life_] {
      if (life == life_ && !up()) start();
    });
    return;
  }
  store_ = *std::move(opened);
  housekeeping_ = std::make_unique<Housekeeping>(*store_, log_, random_, now());
  context_.trace.note("hub", "starts");
  after(keep_house_ms, [this] { keep_house(); });
  witness_.hub_started(*store_);
  found_village();
}

void SimHub::stop_politely() {
  ++life_;
  for (auto& [number, connection] : connections_) connection.link->drop(Link::Side::hub, true);
  connections_.clear();
  partings_ = Partings();
  registry_ = {};
  pushed_.clear();
  notes_.clear();
  merge_is_due_ = notes_are_due_ = false;
  witness_.hub_stopped();
  housekeeping_.reset();
  store_.reset();
}

bool SimHub::died() {
  if (!disk_.dead()) return false;
  die(dies_without_power_, down_ms_);
  return true;
}

void SimHub::die(bool power_cut, std::int64_t down_ms) {
  ++context_.counts.deaths;
  disk_.die_after(0);
  for (auto& [number, connection] : connections_)
    connection.link->drop(Link::Side::hub, !power_cut);
  connections_.clear();
  stop_politely();
  if (disk_.open_handles() != 0) context_.wrong("the hub leaves files open when it goes");
  const SimDisk::Fates fates = disk_.restart(power_cut, fate_);
  context_.counts.torn_writes += fates.torn;
  if (power_cut) ++context_.counts.power_cuts;
  context_.trace.note("hub", std::string(power_cut ? "loses power" : "is killed") + ", " +
                                 std::to_string(fates.applied) + " writes applied, " +
                                 std::to_string(fates.dropped) + " dropped, " +
                                 std::to_string(fates.torn) + " torn");
  context_.events.after(down_ms, [this, life = life_] {
    if (life == life_ && !up()) start();
  });
}

void SimHub::take(const Line& line, const std::vector<DeviceId>& devices) {
  context_.trace.note("hub", print(line));
  if (take_turn_of_fate(line)) return;
  const auto number = [&](const char* name) { return line.number(name); };
  const auto count = [&](const char* name) {
    return static_cast<std::uint64_t>(line.number(name));
  };
  if (line.verb == "kill" || line.verb == "power") {
    if (up()) die(line.verb == "power", number("down"));
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
    wall_offset_ms_ = number("offset");
    witness_.hub_clock_was_set();
  } else if (up() && line.verb == "restart") {
    stop_politely();
    start();
  } else if (up() && line.verb == "fold") {
    fold_log();
  } else if (up() && line.verb == "collect") {
    keep_house();
  } else if (up() && line.verb == "upgrade") {
    upgrade();
  } else if (up() && line.verb == "pair") {
    decide_pair(line);
  } else if (up() && line.verb == "revoke") {
    revoke(devices.at(count("phone") % devices.size()), number("lost") != 0);
  } else if (up() && line.verb == "grant") {
    grant(devices.at(count("phone") % devices.size()), number("which"));
  }
}

// Somebody's `sqlite3` beside the hub.
void SimHub::fold_log() {
  if (auto db = sqlite::Database::open(std::string(machine) + "/hub.db", {}))
    static_cast<void>(db->run("PRAGMA wal_checkpoint(TRUNCATE)"));
  died();
}

void SimHub::heal() {
  disk_.heal();
  wall_offset_ms_ = 0;
  if (!up()) {
    static_cast<void>(disk_.restart(false, fate_));
    ++life_;
    start();
  } else {
    found_village();
  }
}

void SimHub::keep_house() {
  for (int turn = 0; turn < 8; ++turn) housekeeping_->turn(now());
  if (died()) return;
  witness_.hub_committed(*store_);
  after(keep_house_ms, [this] { keep_house(); });
}

void SimHub::grant(const DeviceId& device, std::int64_t which) {
  std::vector<ScopeId> scopes;
  if (which % 3 != 1) scopes.push_back({"X"});
  if (which % 3 != 0) scopes.push_back({"Y"});
  auto commit = store_->begin();
  Status done = commit ? Status() : Status(commit.error());
  if (done) {
    const auto granted = grant_scopes(**commit, device, std::move(scopes));
    done = granted ? (*commit)->commit(now(), token()) : Status(granted.error());
    commit->reset();
  }
  if (died()) return;
  witness_.hub_committed(*store_);
  if (done) tell_all(registry_.of_device(device), true);
}

void SimHub::revoke(const DeviceId& device, bool lost) {
  auto commit = store_->begin();
  Status done = commit ? Status() : Status(commit.error());
  if (done) {
    auto record = (*commit)->device(device);
    done = record ? Status() : Status(record.error());
    if (done && *record) {
      if (!(*record)->revoked) (*record)->revoked = now();
      (*record)->lost = (*record)->lost || lost;
      done = (*commit)->put_device(**record);
    }
    if (done) done = (*commit)->commit(now(), token());
    commit->reset();
  }
  ++context_.counts.ended;
  if (died()) return;
  witness_.hub_committed(*store_);
  if (!done) return;
  for (const ConnectionNumber number : registry_.of_device(device))
    input(number, hub_input::Revoked{lost});
}

void SimHub::tell_all(const std::vector<ConnectionNumber>& whom, bool scopes_changed) {
  Position head;
  {
    const auto look = store_->snapshot();
    if (died() || !look) return;
    head = (*look)->head();
  }
  for (const ConnectionNumber number : whom)
    input(number, hub_input::Committed{head, scopes_changed});
}

// What the secretary says about two households that may be one.
void SimHub::decide_pair(const Line& line) {
  std::vector<Duplicate> pairs;
  if (const auto look = store_->snapshot()) {
    if (auto found = (*look)->duplicates(false, pairs_listed_max)) pairs = *std::move(found);
  }
  if (died() || pairs.empty()) return;
  const Duplicate& pair = pairs[static_cast<std::size_t>(line.number("pick")) % pairs.size()];
  const DuplicateDecision decision{pair.id, "secretary", now(), token()};
  const std::int64_t what = line.number("what") % 8;
  const auto done = what == 0   ? reject_duplicate(*store_, decision)
                    : what == 1 ? unmerge_duplicate(*store_, decision)
                    : what < 5  ? accept_duplicate(*store_, decision, pair.first)
                                : accept_duplicate(*store_, decision, pair.second);
  if (died()) return;
  if (!done) context_.trace.note("hub", "does not decide the pair: " + done.error().text());
  witness_.pair_was_decided();
  witness_.hub_committed(*store_);
  if (done) tell_all(registry_.all(), false);
}

}  // namespace doorstep::sim
