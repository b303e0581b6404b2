// What the author of a write had seen of what stands at the hub, also when both were written on a
// history that the hub has lost (SEMANTICS G3). Every comparison of a write with what stands goes
// through here. Pure.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "engine/core/ids.hpp"
#include "engine/core/row.hpp"

namespace doorstep {

/// Where a transaction that stands by being offered again was in the lost history.
struct Reoffered {
  Position was;       ///< zero: nowhere, or not known
  Position observed;  ///< what all of it had observed there at least
  friend bool operator==(const Reoffered&, const Reoffered&) = default;
};
/// By author and the commit in which it stands now.
using ReofferedAt = std::map<std::pair<DeviceId, Position>, Reoffered>;

/// Of a transaction that comes from a lost history.
struct Reoffer {
  Position cut;  ///< of this history its author has seen nothing newer
  Position was;  ///< zero: it was never acknowledged
  friend bool operator==(const Reoffer&, const Reoffer&) = default;
};

class Sight {
 public:
  /// An ordinary write: everything up to this position. Implicit, for that is what a position
  /// observed means.
  Sight(Position observed = {}) : observed_(observed) {}  // NOLINT(google-explicit-constructor)
  /// A write from a lost history, in which it had observed `before`. `others` outlives this.
  Sight(Position before, const Reoffer& again, const ReofferedAt& others)
      : observed_(std::min(before, again.cut)),
        before_(before),
        was_(again.was),
        others_(&others) {}

  /// Of this hub's history.
  [[nodiscard]] Position observed() const { return observed_; }
  /// Had the author seen this one, here or in the lost history?
  [[nodiscard]] bool sees(const CellVersion& standing) const;
  /// Had that one's author seen this write, in the lost history? Then this is the older one,
  /// although it comes later.
  [[nodiscard]] bool is_seen_by(const CellVersion& standing) const;
  /// Did both stand in the lost history, this one first?
  [[nodiscard]] bool stood_before(const CellVersion& standing) const;

 private:
  [[nodiscard]] const Reoffered* find(const CellVersion& standing) const;

  Position observed_;
  Position before_;
  Position was_;
  const ReofferedAt* others_ = nullptr;
};

}  // namespace doorstep
