#include "tests/support/small_disk.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace doorstep::test {
namespace {

constexpr std::uint64_t block_bytes = 512;  // of "ulimit -f" in sh

}  // namespace

SmallDisk::SmallDisk(const std::string& name, std::uint64_t bytes) : folder_(name) {
  const std::string size = "mode=0700,size=" + std::to_string(bytes);
  mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, size.c_str()) == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
}

std::uint64_t SmallDisk::largest_file() const {
  std::uint64_t largest = 0;
  for (const auto& one : std::filesystem::directory_iterator(folder_.path())) {
    if (one.is_regular_file()) largest = std::max<std::uint64_t>(largest, one.file_size());
  }
  return largest;
}

void SmallDisk::leave(std::uint64_t bytes) {
  free_space();
  if (!mounted_) {
    file_blocks_ = (largest_file() + bytes) / block_bytes + 1;
    return;
  }
  struct ::statvfs info {};
  if (::statvfs(folder_.path().c_str(), &info) != 0) return;
  const std::uint64_t free = std::uint64_t{info.f_bavail} * info.f_frsize;
  const std::uint64_t taken = free > bytes ? free - bytes : 0;
  const int photo = ::open(file("photo.jpg").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (photo < 0) return;
  if (taken > 0) static_cast<void>(::posix_fallocate(photo, 0, static_cast<off_t>(taken)));
  ::close(photo);
}

void SmallDisk::free_space() {
  file_blocks_ = 0;
  ::unlink(file("photo.jpg").c_str());
}

Finished SmallDisk::run(const std::vector<std::string>& command) const {
  if (file_blocks_ == 0) return test::run(command);
  // The signal would kill; without it the write says that the file is too large.
  std::vector<std::string> limited{
      "sh", "-c", "trap '' XFSZ; ulimit -f " + std::to_string(file_blocks_) + "; exec \"$@\"",
      "sh"};
  limited.insert(limited.end(), command.begin(), command.end());
  return test::run(limited);
}

}  // namespace doorstep::test
