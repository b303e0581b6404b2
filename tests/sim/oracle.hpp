// What the hub should show, worked out from the transactions that it took and nothing else: by the
// naive model of the merge rules (tests/support/naive_model.hpp), and by plain sums.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "engine/session/merge_pushes.hpp"
#include "tests/support/naive_model.hpp"

namespace doorstep::sim {

/// A transaction on its way into a hub commit.
struct Incoming {
  IncomingTransaction transaction;
  ClockProbe met;  ///< the device's clocks when it called
  Instant met_at;  ///< the hub's then
  Instant merged_at;
};

/// What the hub knows of a device as far as the merge is concerned.
struct DeviceOnHub {
  Sequence merged;
  std::map<Sequence, Hash> taken;
  Stamp last_stamp;
  Hash head;
};

/// What of these requests is new to a hub on that version of the schema, in the order of the merge;
/// `devices` goes along. What names something newer waits at its phone, with all after it
/// (SEMANTICS D5).
[[nodiscard]] std::vector<Incoming> new_transactions(std::span<const PushRequest> requests,
                                                     Instant hub_now, std::uint32_t version,
                                                     std::map<DeviceId, DeviceOnHub>& devices);

class Oracle {
 public:
  Oracle();
  /// Those that stand, in the order of the merge.
  void take(std::span<const IncomingTransaction> accepted, Position position);
  /// The hub took a newer schema in this commit.
  void grow(const Schema& schema, Position position);
  /// From here on only sums are compared.
  void goes_beyond_model() { beyond_model_ = true; }
  /// After a collection: what lost its values is left out, whatever becomes of its id.
  void forget_collected(HubSnapshot& hub);
  /// Where the hub shows something else; empty when nowhere. `with_losers`: nothing was collected.
  [[nodiscard]] std::string difference(HubSnapshot& hub, bool with_losers) const;

 private:
  void note_place(const RowKey& key, const RowChange& change);
  [[nodiscard]] std::string sums_differ(HubSnapshot& hub) const;
  [[nodiscard]] std::string losers_differ(HubSnapshot& hub) const;
  test::NaiveHub model_;
  /// Somebody decided about a whole row, or merged two, which the model does not know.
  bool beyond_model_ = false;
  std::set<RowKey> collected_;
  /// An insert met a row of another place there: a rival in every column, which the model does
  /// not know. Or they died with a row that was inserted anew.
  std::set<RowKey> strangers_;
  std::map<RowKey, Value> inserted_in_;
  std::map<std::pair<RowKey, ColumnId>, std::int64_t> sums_;  ///< of counters of supplies
  std::map<RowKey, std::int64_t> entries_;                    ///< of the fund
};

}  // namespace doorstep::sim
