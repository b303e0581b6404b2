// One phone twice: the store of plain maps and the replica file get the same local writes and the
// same messages of a hub, and must say the same after each.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/session/hub_pull.hpp"
#include "tests/client/village_replica.hpp"

namespace doorstep::test {

class TwoStores {
 public:
  /// What a run met, to see that it was worth something.
  struct Met {
    std::size_t rejected = 0;
    std::size_t dependent = 0;
    std::size_t copies = 0;   ///< times a row was shown from its last copy
    std::size_t resumed = 0;  ///< pulls that went on from staged batches
    std::size_t conflicts = 0;
    std::size_t reconciles = 0;
    std::size_t own_taken = 0;   ///< checkpoints that left own rows out
    std::size_t own_needed = 0;  ///< and whose own rows were pulled after all
    std::size_t salvaged = 0;    ///< parts that were handed over
  };

  explicit TwoStores(std::uint64_t seed);

  /// One random thing: a local write, another's write, a push, a pull, a restart.
  void step();
  /// Pushes and pulls until nothing is left.
  void settle();
  /// What differs between the two, in words; empty when nothing does.
  [[nodiscard]] std::string difference();
  /// What differs from the hub; for after settle().
  [[nodiscard]] std::string difference_from_hub();
  [[nodiscard]] const Met& met() const { return met_; }

 private:
  [[nodiscard]] std::vector<SyncWorld::Write> random_rows(const MemoryDeviceStore& store);
  [[nodiscard]] std::vector<SyncWorld::Write> with_all_below(const MemoryDeviceStore& store,
                                                             const SyncWorld::Write& house);
  [[nodiscard]] SyncWorld::Write random_row(const MemoryDeviceStore& store);
  [[nodiscard]] SyncWorld::Write edited_house(const RowId& id, const RowImage& image);
  [[nodiscard]] Value text();
  void write();
  void others_write();
  void push(bool whole);
  void pull(bool whole);
  void compare_stores(const std::vector<BucketSums>& sums);
  void begin_reconcile(Pull& asked);
  void acknowledge(Ack ack);
  void hand_over();
  void take(const Changes& changes);

  SyncWorld world_;
  SeededRandom random_;
  std::vector<Phone*> others_;
  Phone* own_ = nullptr;
  std::unique_ptr<VillageReplica> file_;
  std::set<RowId> houses_;  // all that ever were
  std::uint64_t next_ = 100;
  Met met_;
  std::string broken_;
  bool own_needed_ = false;  // own rows that the hub left out were not those here
};

}  // namespace doorstep::test
