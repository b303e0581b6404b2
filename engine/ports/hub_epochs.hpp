// What a hub keeps about its own history (SEMANTICS G): the epochs, what was offered again after a
// restore, what no device holds any more, and how far the newest backup reaches. Part of one
// HubCommit, with its threads, errors and durability. Implementations pass
// tests/server/hub_epochs_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/core/hash.hpp"
#include "engine/core/result.hpp"
#include "engine/core/sight.hpp"
#include "engine/core/time.hpp"

namespace doorstep {

/// One line of the hub's history. A position's epoch says on which it lies.
struct EpochRecord {
  std::uint64_t epoch = 1;
  /// nullopt: it began from nothing, at init or because the hub was reset.
  std::optional<std::uint64_t> parent = std::nullopt;
  Position parent_position = {};  ///< the newest of the parent's that is a part of this one
  Instant noticed = {};
  bool announced = true;  ///< by a person's command; else a device's call told of a restore
  friend bool operator==(const EpochRecord&, const EpochRecord&) = default;
};

/// Transactions of a device that the hub has lost and that the device does not hold any more.
struct GapRecord {
  DeviceId device;
  Sequence from;
  Sequence through;
  Hash head;  ///< of the newest of them
  Instant noticed;
  friend bool operator==(const GapRecord&, const GapRecord&) = default;
};

class HubEpochs {
 public:
  virtual ~HubEpochs() = default;

  /// Ascending; never empty.
  [[nodiscard]] virtual Result<std::vector<EpochRecord>> all() = 0;
  /// HubCommit::position() is of it from here on: call this before anything is put. Precondition:
  /// it is higher than any that the hub has, and at most limits::epoch_max.
  [[nodiscard]] virtual Status begin(const EpochRecord& epoch) = 0;

  /// Of the author's transactions in this commit; replaces.
  [[nodiscard]] virtual Status put_reoffered(const DeviceId& author, const Reoffered& what) = 0;
  [[nodiscard]] virtual Result<std::optional<Reoffered>> reoffered(const DeviceId& author,
                                                                   Position position) = 0;
  [[nodiscard]] virtual Status put_gap(const GapRecord& gap) = 0;
  /// Ascending.
  [[nodiscard]] virtual Result<std::vector<GapRecord>> gaps(const DeviceId& device) = 0;
  /// A backup holds everything up to there. One that is older than the newest known does nothing.
  [[nodiscard]] virtual Status put_backed_up(Position position) = 0;
  /// Whose word it is that the hub writes in this commit, as the person calls himself; replaces.
  [[nodiscard]] virtual Status put_signed_by(std::string_view name) = 0;
};

}  // namespace doorstep
