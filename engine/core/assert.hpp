// Checks of programmer promises; on in every build, because a broken promise in a sync engine must
// stop the process before it writes. Operating errors (disk, network, bad input) are never
// asserted: they are Result values.
#pragma once

namespace doorstep {

/// Prints the condition and place to standard error and aborts.
[[noreturn]] void fail_assert(const char* condition, const char* file, int line);

}  // namespace doorstep

#define DS_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::doorstep::fail_assert(#condition, __FILE__, __LINE__))
