#include "client-sdk/src/sync_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace doorstep {

Result<SyncLock> SyncLock::take(const std::string& replica_path) {
  const std::string path = replica_path + "-sync";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const auto code =
        errno == EACCES || errno == EROFS ? ErrorCode::read_only : ErrorCode::io_error;
    return error(code, path + ": " + std::strerror(errno));
  }
  SyncLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return error(ErrorCode::already_syncing, replica_path);
  }
  return lock;
}

SyncLock::~SyncLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace doorstep
