#include "engine/session/gap_end.hpp"

namespace doorstep {

Result<std::optional<TransactionRecord>> end_of_gap(HubCommit& commit, const DeviceId& device,
                                                    Sequence sequence) {
  DS_ASSIGN(const auto gaps, commit.epochs().gaps(device));
  for (const GapRecord& gap : gaps) {
    if (gap.through == sequence)
      return std::optional(TransactionRecord{{device, sequence, gap.head}, {}, {}});
  }
  return std::optional<TransactionRecord>();
}

}  // namespace doorstep
