#include "tests/support/naive_decisions.hpp"

#include <algorithm>
#include <tuple>

namespace doorstep::test {
namespace {

NaiveDecisions::Key key_of_version(const CellVersion& version) {
  return {version.author, version.position};
}

bool knew(const NaiveDecisionWrite& write, const CellVersion& other) {
  return other.author == write.version.author || other.position <= write.observed;
}

bool was_before(const CellVersion& a, const CellVersion& b) {
  return std::tie(a.stamp.hi, a.author) < std::tie(b.stamp.hi, b.author);
}

bool beats(MergePolicy policy, const NaiveDecisionWrite& a, const NaiveDecisionWrite& b) {
  const int order = Value::compare(a.value, b.value);
  if (policy == MergePolicy::max && order != 0) return order > 0;
  if (policy == MergePolicy::min && order != 0) return order < 0;
  return policy != MergePolicy::first && was_before(b.version, a.version);
}

}  // namespace

const Value& NaiveDecisions::shown() const {
  const NaiveDecisionWrite* best = &standing_.front();
  for (const NaiveDecisionWrite& one : standing_) {
    if (beats(policy_, one, *best)) best = &one;
  }
  return best->value;
}

bool NaiveDecisions::stands(const Key& key) const {
  return std::any_of(standing_.begin(), standing_.end(), [&](const NaiveDecisionWrite& one) {
    return key_of_version(one.version) == key;
  });
}

/// What is older leaves, filed; every record whose loser does not contest the cell is settled.
void NaiveDecisions::settle(const NaiveDecisionWrite& decision) {
  std::vector<NaiveDecisionWrite> kept;
  for (const NaiveDecisionWrite& one : standing_) {
    const bool itself = key_of_version(one.version) == key_of_version(decision.version);
    if (itself || !was_before(one.version, decision.version)) {
      kept.push_back(one);
    } else if (one.value != decision.value) {
      records_[key_of_version(one.version)].value = one.value;
    }
  }
  standing_ = kept;
  decision_ = decision.version;
  for (auto& [key, record] : records_) {
    if (stands(key)) continue;
    record.open = false;
    record.decided_by = key_of_version(decision.version);
  }
}

/// Values that stand and are not shown are on record; one that is shown again, or that its author
/// replaced, is not.
void NaiveDecisions::note_losers(const std::vector<NaiveDecisionWrite>& before,
                                 const NaiveDecisionWrite& write) {
  for (const NaiveDecisionWrite& one : before) {
    const Key key = key_of_version(one.version);
    const bool shown_again = stands(key) && one.value == shown();
    const bool own = !stands(key) && one.version.author == write.version.author &&
                     write.what != Decision::decide;
    if (shown_again || own) records_.erase(key);
  }
  for (const NaiveDecisionWrite& one : standing_) {
    if (one.value != shown()) records_[key_of_version(one.version)] = {one.value, false, {}};
  }
}

void NaiveDecisions::take(NaiveDecisionWrite write) {
  const std::vector<NaiveDecisionWrite> before = standing_;
  if (write.what == Decision::reopen) {
    if (!decision_ || !knew(write, *decision_)) return;
    const Key taken_back = key_of_version(*decision_);
    decision_.reset();
    for (auto& [key, record] : records_) {
      if (record.decided_by != taken_back) continue;
      record.open = true;
      record.decided_by.reset();
    }
    if (!stands(taken_back)) return;
  } else if (decision_ && !knew(write, *decision_) &&
             (write.what == Decision::decide || was_before(write.version, *decision_))) {
    if (write.value == shown()) return;
    records_[key_of_version(write.version)] = {write.value, false, key_of_version(*decision_)};
    return;
  }
  std::vector<NaiveDecisionWrite> kept;
  std::optional<std::size_t> place;
  for (const NaiveDecisionWrite& one : standing_) {
    if (!knew(write, one.version)) {
      kept.push_back(one);
      continue;
    }
    write.version.stamp = write.version.stamp.raised_after(one.version.stamp);
    if (one.version.author == write.version.author && !place) place = kept.size();
  }
  kept.insert(kept.begin() + static_cast<std::ptrdiff_t>(place.value_or(kept.size())), write);
  standing_ = kept;
  if (write.what == Decision::decide) settle(write);
  note_losers(before, write);
}

}  // namespace doorstep::test
