// What becomes of the hub as a whole: its files are copied, an older copy takes their place with or
// without a word, or it is begun anew. The epochs are begun by what `doorstepd restore` and
// `doorstepd reset` call; that a new database takes the place of the old one whole or not at all is
// done here as server/hub_exchange.cpp does it with a folder and a rename.
#include <utility>

#include "engine/core/hash.hpp"
#include "engine/session/settle_quarantine.hpp"
#include "engine/wire/codec.hpp"
#include "server/hub_exchange.hpp"
#include "tests/sim/sim_hub.hpp"
#include "tests/sim/village.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {
namespace {

constexpr std::size_t backups_max = 8;

/// A hub without rows, as `doorstepd reset` makes it.
Status make_anew(const std::string& folder, const HubIdentity& identity, const Schema& schema,
                 const std::vector<DeviceRecord>& devices, std::int64_t horizon_ms, Instant now,
                 Random& random) {
  DS_ASSIGN(const auto store, SqliteHubStore::create(folder, schema, identity));
  return fill_anew(*store, devices, horizon_ms, now, random);
}

}  // namespace

bool SimHub::take_turn_of_fate(const Line& line) {
  if (line.verb == "backup") {
    if (up()) back_up(line.number("told") != 0);
  } else if (line.verb == "restore") {
    restore(line);
  } else if (line.verb == "reset") {
    if (up()) reset(line);
  } else {
    return false;
  }
  return true;
}

// All files at one moment. Phones that are told let go of what they keep.
void SimHub::back_up(bool told) {
  Position head;
  {
    const auto look = store_->snapshot();
    if (died() || !look) return;
    head = (*look)->head();
  }
  if (backups_.size() == backups_max) return;
  backups_.push_back(disk_.image());
  witness_.hub_backed_up();
  if (!told) return;
  {
    auto commit = store_->begin();
    Status done = commit ? (*commit)->epochs().put_backed_up(head) : Status(commit.error());
    if (done) done = (*commit)->commit(now(), token());
    if (!done) context_.trace.note("hub", "does not tell of it: " + done.error().text());
  }
  if (died()) return;
  witness_.hub_committed(*store_);
}

void SimHub::restore(const Line& line) {
  if (backups_.empty()) return;
  if (up()) die(false, line.number("down"));
  const std::size_t newest = backups_.size() - 1;
  const auto back = static_cast<std::size_t>(line.number("back"));
  const std::size_t which = newest - std::min(back, newest);
  const bool announced = line.number("announced") != 0;
  std::optional<std::uint64_t> known;
  if (announced) {
    if (const auto here = SqliteHubStore::open("hub", load_village))
      known = (*here)->identity().epoch;
  }
  const SimDisk::Image before = disk_.image();
  disk_.put_image(backups_[which]);
  if (announced) {
    const bool begun = in_one_go(line, before, [&]() -> Status {
      DS_ASSIGN(const auto store, SqliteHubStore::open("hub", load_village));
      const auto epoch = begin_restored(*store, known.value_or(0), now(), random_);
      return epoch ? Status() : Status(epoch.error());
    });
    if (!begun) return;
  }
  ++context_.counts.hub_restores;
  context_.trace.note("hub", "is set back");
  witness_.hub_went_back(which, known.has_value());
}

void SimHub::reset(const Line& line) {
  die(false, line.number("down"));
  std::vector<DeviceRecord> devices;
  std::int64_t horizon_ms = 0;
  HubIdentity identity;
  std::optional<Schema> schema;
  const auto read = [&]() -> Status {
    DS_ASSIGN(const auto store, SqliteHubStore::open("hub", load_village));
    DS_ASSIGN(const auto look, store->snapshot());
    DS_ASSIGN(devices, look->devices());
    DS_ASSIGN(horizon_ms, look->horizon_ms());
    identity = store->identity();
    schema = look->schemas().newest();
    return {};
  };
  if (!read()) return;
  ++identity.epoch;
  const SimDisk::Image before = disk_.image();
  disk_.put_image({});
  const bool made = in_one_go(line, before, [&] {
    return make_anew("hub", identity, *schema, devices, horizon_ms, now(), random_);
  });
  if (!made) return;
  ++context_.counts.hub_resets;
  context_.trace.note("hub", "is begun anew");
  witness_.hub_began_anew();
}

// Beside the database in place, which only a whole one replaces.
bool SimHub::in_one_go(const Line& line, const SimDisk::Image& before,
                       const std::function<Status()>& work) {
  if (line.number("after") > 0) disk_.die_after(static_cast<std::uint64_t>(line.number("after")));
  const Status done = work();
  if (disk_.dead()) static_cast<void>(disk_.restart(false, fate_));
  if (done) return true;
  context_.trace.note("hub", "is not exchanged: " + done.error().text());
  disk_.put_image(before);
  return false;
}

void SimHub::admit_what_waits() {
  if (context_.counts.hub_restores == 0) return;
  const auto arrived = admit_arrived(*store_, now(), token());
  if (!arrived) context_.wrong("what waits is not admitted: " + arrived.error().text());
  witness_.hub_committed(*store_);
}

// The office writes what all scopes hang on, unless it is there.
void SimHub::found_village() {
  if (office_.is_none()) return;
  Sequence merged;
  Hash head;
  {
    const auto look = store_->snapshot();
    if (died() || !look) return;
    const auto tree = (*look)->scope_tree();
    const auto office = (*look)->device(office_);
    if (died() || !tree || !tree->empty() || !office || !*office) return;
    merged = (*office)->merged;
    head = (*office)->head;
  }
  Transaction founding;
  const TableId unit = *village(1).find_table("org_unit");
  for (const char* code : {"T", "X", "Y"}) {
    RowChange change{unit, *RowId::from(std::string_view(code)), RowChange::Kind::insert, {}, {}};
    change.cells.push_back({ColumnId{0}, Value::text(std::string_view(code)), {}});
    if (std::string_view(code) != "T")
      change.cells.push_back({ColumnId{1}, Value::text(std::string_view("T")), {}});
    founding.changes.push_back(std::move(change));
  }
  founding.view = village(1).fingerprint();
  PushRequest request{office_, {}, {}, now()};
  request.push.first = merged.next();
  request.push.bodies = {encode_transaction(village(1), founding)};
  request.push.head = chain_hash(head, office_, merged.next(), request.push.bodies.front());
  const std::vector<PushRequest> requests{request};
  witness_.merging(requests, now());
  const auto results = merge_pushes(*store_, log_, requests, now(), token());
  if (died()) return;
  if (!results.front())
    context_.trace.note("hub", "is not founded: " + results.front().error().text());
  witness_.merged(*store_);
}

}  // namespace doorstep::sim
