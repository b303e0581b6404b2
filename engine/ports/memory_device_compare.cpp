// What a replica of plain maps tells its hub of its rows and of what was healed in them.
#include "engine/ports/compared_rows.hpp"
#include "engine/ports/memory_device_store.hpp"

namespace doorstep {

Result<Compared> MemoryDeviceStore::compare(const Compare& asked) {
  if (asked.step == Compare::Step::sums) {
    Compared said{asked.number, cursor_};
    DS_ASSIGN(said.sums, bucket_sums());
    said.pending = overlay_rows();
    return said;
  }
  ComparedRows rows(*schema_, asked);
  for (const auto& [key, held] : base_) rows.hold(key, held.image);
  for (const RowKey& key : unconfirmed_rows()) rows.show(key, row(key));
  return rows.take(cursor_);
}

Result<std::optional<Healed>> MemoryDeviceStore::heal_report() {
  return healed_.total > heal_noted_ ? std::optional(healed_) : std::nullopt;
}

Status MemoryDeviceStore::heal_noted(const HealNoted& noted) {
  if (noted.total == healed_.total) heal_noted_ = noted.total;
  return {};
}

}  // namespace doorstep
