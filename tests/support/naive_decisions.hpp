// Decisions about one cell, said as plainly as the rules can be: every write that ever came is
// kept, and what is shown and on record is worked out by walking the list. Written from the rules
// alone (SEMANTICS B1 and B5), to be compared with the engine. Value semantics.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"

namespace doorstep::test {

/// One write of the cell, in the commit `version.position`.
struct NaiveDecisionWrite {
  Value value;
  CellVersion version;
  Position observed;
  Decision what = Decision::none;
};

class NaiveDecisions {
 public:
  /// Policies latest, first, max and min; values that are not NULL.
  NaiveDecisions(MergePolicy policy, const NaiveDecisionWrite& first)
      : policy_(policy), standing_{first} {}

  void take(NaiveDecisionWrite write);
  [[nodiscard]] const Value& shown() const;

  /// What lost and is on record: by author and position of the loser, its value and who decided.
  using Key = std::pair<DeviceId, Position>;
  struct Record {
    Value value;
    bool open = false;
    std::optional<Key> decided_by;
    friend bool operator==(const Record&, const Record&) = default;
  };
  [[nodiscard]] const std::map<Key, Record>& records() const { return records_; }

 private:
  void settle(const NaiveDecisionWrite& decision);
  void note_losers(const std::vector<NaiveDecisionWrite>& before, const NaiveDecisionWrite& write);
  [[nodiscard]] bool stands(const Key& key) const;

  MergePolicy policy_;
  std::vector<NaiveDecisionWrite> standing_;  ///< in the order of the queue
  std::optional<CellVersion> decision_;
  std::map<Key, Record> records_;
};

}  // namespace doorstep::test
