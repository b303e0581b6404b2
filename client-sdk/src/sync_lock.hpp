// Only one process syncs a replica at a time: an advisory lock on "<replica>-sync", held while this
// object lives and let go by the system when the process dies.
#pragma once

#include <string>
#include <utility>

#include "engine/core/result.hpp"

namespace doorstep {

class SyncLock {
 public:
  /// Errors: already_syncing; io_error, read_only when the lock file cannot be made.
  [[nodiscard]] static Result<SyncLock> take(const std::string& replica_path);
  SyncLock(SyncLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  SyncLock& operator=(SyncLock&&) = delete;
  ~SyncLock();

 private:
  explicit SyncLock(int file) : file_(file) {}
  int file_;
};

}  // namespace doorstep
