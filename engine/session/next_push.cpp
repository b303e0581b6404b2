#include "engine/session/next_push.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/limits.hpp"

namespace doorstep {

Result<std::optional<Push>> next_push(DeviceStore& store, Sequence pushed,
                                      const PushesWaiting& in_flight, std::uint64_t window) {
  const std::uint64_t flying = in_flight.bytes();
  if (flying >= window && !in_flight.empty()) return std::optional<Push>();
  const std::uint64_t room =
      std::min<std::uint64_t>(limits::push_bytes_target, window - std::min(window, flying));
  DS_ASSIGN(Push push, store.outbox(pushed, static_cast<std::size_t>(room)));
  if (push.bodies.empty()) return std::optional<Push>();
  if (push.first != pushed.next() && !push.missing)
    return error(ErrorCode::corrupt, "the outbox has a gap");
  if (!in_flight.empty() && flying + bytes_in(push) > window) return std::optional<Push>();
  return std::optional(std::move(push));
}

}  // namespace doorstep
