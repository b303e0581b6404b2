// A device whose transactions are encoded before anything is measured: what the hub does with them
// is then all that costs time. It has keys, a chain and a place in the hub's books, but no rows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/schema.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/wire/message.hpp"

namespace doorstep::bench {

/// The hub's time in all of this.
inline constexpr std::int64_t noon_ms = 1'700'000'000'000;

class WrittenAhead {
 public:
  /// Keys and id follow from `number`, which is unique.
  WrittenAhead(std::uint32_t number, std::vector<ScopeId> scopes);

  /// Appends one transaction to the chain. `wall_ms`: what the device's clocks said.
  void write(const Schema& schema, Position observed, std::vector<RowChange> changes,
             std::int64_t wall_ms = noon_ms);
  /// Everything written and not taken yet, as one push.
  [[nodiscard]] Push take();
  /// The same in pushes of at most `bytes_max` bytes of bodies and limits::push_transactions_max
  /// transactions, as devices send them.
  [[nodiscard]] std::vector<Push> take_in_parts(std::size_t bytes_max);

  [[nodiscard]] const DeviceId& id() const { return id_; }
  [[nodiscard]] const KeyPair& keys() const { return keys_; }
  [[nodiscard]] const std::vector<ScopeId>& scopes() const { return scopes_; }
  [[nodiscard]] Sequence last() const { return last_; }
  [[nodiscard]] ClockProbe clock(std::int64_t wall_ms = noon_ms) const {
    return {wall_ms, boot_, wall_ms};
  }

 private:
  DeviceId id_;
  KeyPair keys_;
  std::vector<ScopeId> scopes_;
  BootId boot_;
  Sequence last_;
  std::vector<Bytes> bodies_;
  std::vector<Hash> heads_;
  Hash head_;
};

/// Merges all that `device` has written into the hub, without a connection.
void merge_all(HubStore& hub, WrittenAhead& device);

/// Puts devices into the hub's books, as if each had redeemed a code, in one commit.
void enrol_all(HubStore& hub, std::span<const WrittenAhead> devices);

}  // namespace doorstep::bench
