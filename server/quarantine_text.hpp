// What a secretary reads about a quarantined transaction: what it writes, beside the rows as its
// phone had them and as the hub has them.
#pragma once

#include <optional>
#include <string>

#include "engine/core/json_line.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/wire/salvage_rows.hpp"

namespace doorstep {

/// A quarantined transaction with all that is known about it.
struct QuarantinedWork {
  QuarantineRecord record;
  std::string name;                ///< of its device
  std::optional<Instant> written;  ///< on the hub's clock
  std::optional<Instant> arrived;
  HeldRows held;  ///< rows that its device sent after it
  std::uint64_t left_out = 0;
};

[[nodiscard]] Result<QuarantinedWork> look_at(HubSnapshot& snapshot, QuarantineRecord record);

/// The facts that a listing shows.
[[nodiscard]] JsonLine json_of(const QuarantinedWork& work);
/// With every change and every row. `snapshot` for the rows as the hub has them.
[[nodiscard]] Result<std::string> json_in_full(HubSnapshot& snapshot, const QuarantinedWork& work);
[[nodiscard]] Result<std::string> text_in_full(HubSnapshot& snapshot, const QuarantinedWork& work,
                                               bool chinese);

}  // namespace doorstep
