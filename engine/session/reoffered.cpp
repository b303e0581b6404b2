#include "engine/session/reoffered.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace doorstep {

Position least_observed(const Transaction& transaction) {
  Position least = transaction.observed;
  for (const RowChange& row : transaction.changes) {
    if (row.observed) least = std::min(least, *row.observed);
    for (const CellChange& cell : row.cells) {
      if (cell.observed) least = std::min(least, *cell.observed);
    }
  }
  return least;
}

std::map<DeviceId, Reoffered> reoffered_of(std::span<const IncomingTransaction> transactions) {
  std::map<DeviceId, Reoffered> all;
  for (const IncomingTransaction& one : transactions) {
    if (!one.reoffer) continue;
    const Reoffered mine{one.reoffer->was, least_observed(one.content)};
    const auto [held, fresh] = all.try_emplace(one.id.device, mine);
    if (fresh) continue;
    if (held->second.was != mine.was) held->second.was = Position{};
    held->second.observed = std::min(held->second.observed, mine.observed);
  }
  return all;
}

std::optional<Reoffer> reoffer_of(const DeviceRecord& device, Sequence sequence, Position was) {
  if (device.cut_epoch != 0 && sequence <= device.cut_through) return Reoffer{device.cut, was};
  if (was == Position{}) return std::nullopt;
  // Its author kept her place in this history; only what she had acknowledged is lost.
  return Reoffer{Position{std::numeric_limits<std::uint64_t>::max()}, was};
}

}  // namespace doorstep
