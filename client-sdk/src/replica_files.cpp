#include "client-sdk/src/replica_files.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

namespace doorstep {
namespace {

namespace fs = std::filesystem;

Error os_error(const std::string& path) {
  const int reason = errno;
  const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
  const bool refused = reason == EACCES || reason == EROFS || reason == EPERM;
  return error(full      ? ErrorCode::disk_full
               : refused ? ErrorCode::read_only
                         : ErrorCode::io_error,
               path + ": " + std::strerror(reason));
}

Status sync_path(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return os_error(path);
  const int synced = ::fsync(file);
  const Status status = synced == 0 ? Status() : os_error(path);
  ::close(file);
  return status;
}

class SystemFiles final : public ReplicaFiles {
 public:
  bool exists(const std::string& path) const override {
    std::error_code ignored;
    return fs::exists(path, ignored);
  }

  Status may_write(const std::string& path) const override {
    if (::access(path.c_str(), W_OK) != 0) return error(ErrorCode::read_only, path);
    return {};
  }

  Result<std::uint64_t> size(const std::string& path) const override {
    std::error_code failed;
    const std::uintmax_t size = fs::file_size(path, failed);
    if (failed) return error(ErrorCode::io_error, path + ": " + failed.message());
    return std::uint64_t{size};
  }

  Result<Bytes> read(const std::string& path, std::uint64_t offset,
                     std::uint64_t bytes) const override {
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) return error(ErrorCode::io_error, path + " cannot be read");
    DS_ASSIGN(const std::uint64_t all, size(path));
    if (offset >= all) return Bytes();
    Bytes out(static_cast<std::size_t>(std::min(bytes, all - offset)));
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
    out.resize(static_cast<std::size_t>(file.gcount()));
    return out;
  }

  // What this user may take, without what is reserved for the system.
  std::optional<std::uint64_t> free_bytes(const std::string& path) const override {
    struct statvfs storage = {};
    const std::string folder = fs::absolute(path).parent_path().string();
    if (::statvfs(folder.c_str(), &storage) != 0) return std::nullopt;
    return std::uint64_t{storage.f_bavail} * std::uint64_t{storage.f_frsize};
  }

  Status make_private(const std::string& path) const override {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return os_error(path);
    ::close(file);
    return {};
  }

  Status write_private(const std::string& path, ByteView bytes) const override {
    const std::string draft = path + "-draft";
    const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return os_error(draft);
    Status status;
    while (!bytes.empty() && status.ok()) {
      const ssize_t written = ::write(file, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) status = os_error(draft);
      if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (status.ok() && ::fsync(file) != 0) status = os_error(draft);
    ::close(file);
    DS_TRY(status);
    DS_TRY(rename(draft, path));
    return sync_folder_of(path);
  }

  Status rename(const std::string& from, const std::string& to) const override {
    if (::rename(from.c_str(), to.c_str()) != 0) return os_error(from);
    return {};
  }

  void remove(const std::string& path) const override {
    std::error_code ignored;
    fs::remove(path, ignored);
  }

  Status sync(const std::string& path) const override { return sync_path(path, O_RDWR); }

  Status sync_folder_of(const std::string& path) const override {
    const fs::path folder = fs::absolute(path).parent_path();
    return sync_path(folder.string(), O_RDONLY | O_DIRECTORY);
  }
};

}  // namespace

Bytes ReplicaFiles::read_all(const std::string& path) const {
  if (!exists(path)) return {};
  auto bytes = read(path, 0, std::numeric_limits<std::uint64_t>::max());
  return bytes ? *std::move(bytes) : Bytes();
}

const ReplicaFiles& system_files() {
  static const SystemFiles system;
  return system;
}

}  // namespace doorstep
