// Random histories in which the hub collects at any moment, phones sleep through it, links break
// and rows are damaged: in the end every phone equals the hub, nothing that was collected lives
// again, and no work is lost without a word (SEMANTICS D4, E3).
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/support/history_count.hpp"
#include "tests/support/test_link.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

constexpr std::int64_t day_ms = std::int64_t{24} * 3'600'000;

class History {
 public:
  explicit History(std::uint64_t seed) : world_(seed), random_(seed * 6151 + 3) {
    world_.add_phone("X1", {"X"});
    world_.add_phone("X2", {"X"});
    world_.add_phone("Y1", {"Y"});
    world_.add_phone("T1", {"T"});
    world_.add_phone("XY", {"X", "Y"});
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      // Most of the time hours pass, at times a season.
      world_.pass(random_.below(25) == 0 ? 100 * day_ms
                                         : static_cast<std::int64_t>(random_.below(7'200'000)));
      Phone& phone = *world_.phones[random_.below(world_.phones.size())];
      const std::uint64_t choice = random_.below(20);
      if (choice < 10) {
        write(phone);
      } else if (choice < 17) {
        connect(phone);
      } else if (choice < 19) {
        collect();
      } else {
        damage(phone);
      }
    }
  }

  std::string verdict() {
    for (int round = 0; round < 3; ++round) settle(world_);
    for (const auto& phone : world_.phones) {
      if (auto found = world_.difference(*phone); !found.empty()) return found;
    }
    for (const RowKey& key : collected_) {
      const auto row = world_.hub->snapshot().value()->row(key).value();
      if (!row) return "the id of a deleted row is gone";
      if (row->live) return "a collected row lives again";
    }
    return lost_visit();
  }

  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] std::size_t collected() const { return collected_.size(); }
  [[nodiscard]] std::size_t reconciles() const { return reconciles_; }

 private:
  struct Written {
    Phone* phone = nullptr;
    Sequence sequence;
  };

  // Each visit is at the hub, or its phone knows why not and has it still.
  std::string lost_visit() {
    const TableId visit = table_id(world_.schema, "visit");
    for (const auto& [id, written] : visits_) {
      if (world_.hub->snapshot().value()->row({visit, id}).value()) continue;
      const auto& outcomes = written.phone->store->outcomes();
      const auto verdict = outcomes.find(written.sequence);
      if (verdict == outcomes.end()) return "a visit is nowhere and nobody was told";
      if (written.phone->store->transaction(written.sequence).changes.empty())
        return "a refused visit was not kept";
    }
    return {};
  }

  std::vector<RowId> shown(Phone& phone, const std::string& table) {
    std::vector<RowId> found;
    for (const auto& [key, image] : phone.store->rows()) {
      if (world_.schema.table(key.table).name == table) found.push_back(key.row);
    }
    return found;
  }

  void write(Phone& phone) {
    const auto households = shown(phone, "household");
    const auto residents = shown(phone, "resident");
    const std::uint64_t choice = random_.below(12);
    if (choice < 2 || households.empty()) {
      world_.insert(phone, "household", numbered(++next_),
                    {{"village_code", Value::text(phone.name[0] == 'Y' ? "Y" : "X")}});
      return;
    }
    const RowId house = households[random_.below(households.size())];
    if (choice < 4) {
      world_.insert(phone, "resident", numbered(++next_),
                    {{"household_id", key_value(house)}, {"name", text()}});
    } else if (choice < 6) {
      const RowId id = numbered(++next_);
      const Sequence sequence = world_.insert(
          phone, "visit", id, {{"household_id", key_value(house)}, {"findings", text()}});
      visits_[id] = {&phone, sequence};
    } else if (choice < 8 && !residents.empty()) {
      world_.remove(phone, "resident", residents[random_.below(residents.size())]);
    } else if (choice < 9 && !residents.empty()) {
      world_.edit(phone, "resident", residents[random_.below(residents.size())],
                  {{"phone", text()}});
    } else if (choice < 10) {
      world_.edit(phone, "household", house,
                  {{"village_code", Value::text(random_.below(2) == 0 ? "X" : "Y")}});
    } else {
      world_.edit(phone, "household", house,
                  {{"note", text()}, {"boxes", Value::integer(static_cast<int>(next_ % 50))}});
    }
  }

  void connect(Phone& phone) {
    LinkOptions options;
    options.rows_max = 1 + random_.below(6);
    options.live = random_.below(4) == 0;
    if (random_.below(2) == 0) options.cut_after = 1 + random_.below(14);
    TestLink link(world_, phone, options);
    link.run_in_any_order(random_);
    if (options.live && random_.below(2) == 0) {
      collect();
      write(phone);
      link.local_commit();
      link.committed();
      link.run_in_any_order(random_);
    }
    for (const Applied& applied : link.applied) reconciles_ += applied.reconciled ? 1U : 0U;
    // A damaged phone that is also behind may need a second connection.
    const bool expected = !link.device_error || link.device_error->code == ErrorCode::link_lost ||
                          link.device_error->code == ErrorCode::hub_busy ||
                          link.device_error->code == ErrorCode::digest_mismatch;
    if (!expected && broken_.empty()) broken_ = phone.name + ": " + link.device_error->text();
  }

  void collect() {
    world_.collect(1 + random_.below(4));
    auto snapshot = world_.hub->snapshot().value();
    for (const char* table : {"household", "resident"}) {
      for (std::uint64_t n = 100; n <= next_; ++n) {
        const RowKey key{table_id(world_.schema, table), numbered(n)};
        const auto row = snapshot->row(key).value();
        if (row && row->collected) collected_.insert(key);
      }
    }
  }

  void damage(Phone& phone) {
    const auto households = shown(phone, "household");
    if (households.empty()) return;
    const RowKey key{table_id(world_.schema, "household"),
                     households[random_.below(households.size())]};
    auto image = phone.store->base(key);
    if (!image) return;
    if (random_.below(2) == 0) {
      phone.store->damage(key, std::nullopt);
    } else {
      phone.store->damage(key, with(world_.schema, "household", *image, {{"note", text()}}));
    }
  }

  Value text() { return Value::text(std::to_string(random_.below(1000))); }

  SyncWorld world_;
  SeededRandom random_;
  std::uint64_t next_ = 100;
  std::string broken_;
  std::map<RowId, Written> visits_;
  std::set<RowKey> collected_;
  std::size_t reconciles_ = 0;
};

}  // namespace

TEST_CASE(
    "whatever the hub collects and whichever phones sleep through it: all end equal, nothing dead "
    "returns, no visit is lost without a word") {
  std::size_t collected = 0;
  std::size_t reconciles = 0;
  for (std::uint64_t seed = 1; seed <= history_count(150); ++seed) {
    CAPTURE(seed);
    History history(seed);
    history.run(80);
    CHECK(history.broken() == "");
    REQUIRE(history.verdict() == "");
    collected += history.collected();
    reconciles += history.reconciles();
  }
  // The histories do reach what they are about.
  CHECK(collected > history_count(30));
  CHECK(reconciles > history_count(50));
}
