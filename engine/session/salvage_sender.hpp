// Hands over the rows that were kept with quarantined transactions (SEMANTICS D4), one part after
// another, each when the one before it is confirmed. A part of DeviceSession.
#pragma once

#include <optional>

#include "engine/ports/device_store.hpp"

namespace doorstep {

class SalvageSender {
 public:
  explicit SalvageSender(DeviceStore& store) : store_(store) {}

  /// What is to be sent now; nullopt while a part is under way and when nothing is left.
  [[nodiscard]] Result<std::optional<Salvage>> next();
  /// Error unexpected_message when that part is not the one under way.
  [[nodiscard]] Status confirmed(const Salvaged& part);
  /// A part is under way.
  [[nodiscard]] bool waits() const { return under_way_.has_value(); }
  /// More is left for another connection, and this one got some of it done.
  [[nodiscard]] bool goes_on(bool acks_came) const {
    if (!acks_came && !any_confirmed_) return false;
    const auto left = store_.salvage();
    return left.ok() && left->has_value();
  }

 private:
  DeviceStore& store_;
  std::optional<Salvaged> under_way_;
  bool any_confirmed_ = false;
};

}  // namespace doorstep
