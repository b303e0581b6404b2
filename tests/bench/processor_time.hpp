// What work costs beside the wall's time, which on a shared machine says little: the processor's
// time of this thread, and of another process.
#pragma once

#include <sys/types.h>

#include <functional>

namespace doorstep::bench {

struct Spent {
  double wall_s = 0;
  double processor_s = 0;  ///< of the calling thread, in user and kernel

  Spent& operator+=(const Spent& other) {
    wall_s += other.wall_s;
    processor_s += other.processor_s;
    return *this;
  }
};
[[nodiscard]] Spent spent_in(const std::function<void()>& work);

/// Processor seconds of all threads of a process so far, user and kernel; in steps of 10 ms.
[[nodiscard]] double processor_seconds(pid_t process);

/// What a process holds now, in bytes.
struct Memory {
  double resident = 0;
  double proportional = 0;  ///< pages that others map too count by their share
  double peak = 0;          ///< the largest that `resident` ever was
};
[[nodiscard]] Memory memory_of(pid_t process);

}  // namespace doorstep::bench
