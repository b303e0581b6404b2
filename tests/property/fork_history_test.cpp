// Random histories of phones that are copied and set back to backups, over links that break
// anywhere: in the end every phone equals the hub, and whatever any of them wrote is there once,
// merged or kept for a person.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <tuple>

#include "tests/support/history_count.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::size_t phones_max = 7;

using Identity = std::tuple<DeviceId, Sequence, Hash>;

Identity identity(const TransactionId& id) { return {id.device, id.sequence, id.hash}; }

class ForkHistory {
 public:
  explicit ForkHistory(std::uint64_t seed) : world_(seed), random_(seed * 104'729 + 3) {
    world_.add_phone("A", {"X"});
    world_.add_phone("B", {"X"});
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      world_.pass(static_cast<std::int64_t>(random_.below(60'000)));
      Phone& phone = *world_.phones[random_.below(world_.phones.size())];
      const std::uint64_t choice = random_.below(10);
      if (choice < 6) {
        write(phone);
      } else if (choice < 9 || world_.phones.size() == phones_max) {
        connect(phone);
      } else {
        copy(phone);
      }
    }
  }

  /// Empty when all is well.
  std::string verdict() {
    for (int round = 0; round < 3; ++round) {
      for (const auto& phone : world_.phones) sync_as_copy(world_, *phone);
    }
    for (const auto& phone : world_.phones) {
      if (auto found = world_.difference(*phone); !found.empty()) return found;
    }
    return each_once();
  }

  [[nodiscard]] std::size_t set_aside() const { return set_aside_; }

 private:
  void write(Phone& phone) {
    const auto rows = phone.store->rows();
    std::vector<RowId> households;
    for (const auto& [key, image] : rows) {
      if (world_.schema.table(key.table).name == "household") households.push_back(key.row);
    }
    const Sequence before = phone.store->state().value().last;
    if (households.empty() || random_.below(4) == 0) {
      world_.insert(phone, "household", numbered(++next_), {{"village_code", Value::text("X")}});
    } else {
      const RowId house = households[random_.below(households.size())];
      const Value text = Value::text("t" + std::to_string(++next_));
      world_.edit(phone, "household", house,
                  {{random_.below(2) == 0 ? "phone" : "note", text},
                   {"boxes", Value::integer(static_cast<int>(random_.below(50)))}});
    }
    const DeviceState state = phone.store->state().value();
    if (state.last == before) return;
    const Push push = phone.store->outbox(before, 1).value();
    written_.emplace(state.device, state.last, push.head);
  }

  void connect(Phone& phone) {
    LinkOptions options;
    options.rows_max = 1 + random_.below(20);
    options.live = random_.below(4) == 0;
    if (random_.below(2) == 0) options.cut_after = 1 + random_.below(12);
    TestLink link(world_, phone, options);
    link.run_in_any_order(random_);
  }

  /// A second phone with the data of this one, or this one as it was set back to its backup.
  void copy(Phone& phone) {
    const auto backup = backups_.find(&phone);
    const bool restore = backup != backups_.end() && random_.below(3) == 0;
    if (!restore) {
      world_.clone_phone(phone);
      backups_[&phone] = std::make_unique<MemoryDeviceStore>(*phone.store);
      return;
    }
    // What the phone had not sent by then is gone with it.
    const DeviceState state = phone.store->state().value();
    std::erase_if(written_, [&](const Identity& written) {
      const auto& [device, sequence, hash] = written;
      return device == state.device && sequence > state.acknowledged &&
             !elsewhere(phone, {device, sequence, hash});
    });
    phone.store = std::make_unique<MemoryDeviceStore>(*backup->second);
  }
  /// Another phone, or the backup, has the transaction too.
  [[nodiscard]] bool elsewhere(const Phone& phone, const TransactionId& id) {
    const auto holds = [&](MemoryDeviceStore& store) {
      if (store.state().value().device != id.device) return false;
      const Push one = store.outbox(Sequence{id.sequence.value - 1}, 1).value();
      return !one.bodies.empty() && one.first == id.sequence && one.head == id.hash;
    };
    for (const auto& other : world_.phones) {
      if (other.get() != &phone && holds(*other->store)) return true;
    }
    return holds(*backups_.at(&phone));
  }

  std::string each_once() {
    std::set<Identity> kept;
    for (const QuarantineRecord& one :
         world_.hub->snapshot().value()->quarantine({100'000}).value()) {
      if (!kept.insert(identity(one.id)).second) return "kept twice";
    }
    set_aside_ = kept.size();
    auto commit = world_.hub->begin().value();
    for (const Identity& written : written_) {
      const auto& [device, sequence, hash] = written;
      const auto record = commit->transaction(device, sequence).value();
      const bool merged = record && record->id.hash == hash;
      if (merged == kept.contains(written)) {
        return std::string(merged ? "doubled" : "lost") + ": transaction " +
               std::to_string(sequence.value) + " of " + device.hex();
      }
    }
    return {};
  }

  SyncWorld world_;
  SeededRandom random_;
  std::uint64_t next_ = 0;
  std::set<Identity> written_;
  std::map<const Phone*, std::unique_ptr<MemoryDeviceStore>> backups_;
  std::size_t set_aside_ = 0;
};

}  // namespace

TEST_CASE("C5: phones are copied and set back at random: all end equal, all work is there once") {
  std::size_t set_aside = 0;
  for (std::uint64_t seed = 1; seed <= history_count(300); ++seed) {
    CAPTURE(seed);
    ForkHistory history(seed);
    history.run(60);
    REQUIRE(history.verdict() == "");
    set_aside += history.set_aside();
  }
  MESSAGE("set aside: " << set_aside);
  CHECK(set_aside > history_count(300));
}
