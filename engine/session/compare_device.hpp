// The hub's part of comparing what one device holds with its own rows, without a reload: the
// device's bucket sums say where to look, the sums of the hub's rows there let the device send only
// those that are others. Pure given its snapshot.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/comparison.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// What a device said, and who it is.
struct ComparisonQuestion {
  DeviceId device;
  std::vector<ScopeId> visible;  ///< ascending
  Fingerprint schema;            ///< the device's
  Compared said;
  // What the first step found:
  std::uint64_t buckets = 0;
  std::uint64_t buckets_compared = 0;
};
struct ComparisonAnswer {
  std::uint64_t number = 0;    ///< of the request
  std::optional<Compare> ask;  ///< what to ask next; nullopt: `found` is all
  std::uint64_t buckets = 0;
  std::uint64_t buckets_compared = 0;
  DeviceComparison found;
};

/// Answers the first step (with sums) by asking for rows, unless nothing differs and nothing is
/// pending there; the second one with what differs. At most limits::compared_buckets_max buckets
/// are looked at row by row.
[[nodiscard]] Result<ComparisonAnswer> compare_device(HubSnapshot& snapshot,
                                                      const ComparisonQuestion& question);

/// Asks anew about a device, unless a request waits already; a commit of its own. Gives the record.
[[nodiscard]] Result<ComparisonRecord> ask_comparison(HubStore& store, const DeviceId& device,
                                                      Instant now, const CommitToken& token);
/// Keeps the answer to the request with this number, in place of older ones; a commit of its own.
[[nodiscard]] Status keep_comparison(HubStore& store, const DeviceId& device, std::uint64_t number,
                                     const DeviceComparison& found, Instant now,
                                     const CommitToken& token);

}  // namespace doorstep
