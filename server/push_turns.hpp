// Which devices have pushes that wait for the merge writer, and who waits for those. A phone that
// was cut off calls again while what it sent still stands in the queue of a busy hub: were it
// answered at once, it would hear of less than is here and send the rest a second time, up to 40 %
// of a push. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/time.hpp"

namespace doorstep {

class PushTurns {
 public:
  using Then = std::function<void()>;

  /// A push of the device stands at the end of the queue now.
  void submitted(const DeviceId& device);
  /// Takes `then`, which is due once the pushes of the device that wait now are answered, and no
  /// later than `until`. False when none waits; then it is the caller's.
  [[nodiscard]] bool wait(const DeviceId& device, Instant until, const Then& then);
  /// The first of those that waited were answered. What is due is to be called, in order.
  [[nodiscard]] std::vector<Then> answered(std::size_t pushes, Instant now);

 private:
  struct Waiting {
    std::uint64_t behind = 0;
    Instant until;
    Then then;
  };
  std::mutex mutex_;
  std::uint64_t submitted_ = 0;
  std::uint64_t answered_ = 0;
  std::map<DeviceId, std::uint64_t> last_of_;
  std::vector<Waiting> waiting_;
};

}  // namespace doorstep
