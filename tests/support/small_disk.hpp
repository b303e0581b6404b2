// A disk that gets full: a file system of its own in memory where the machine lets one be mounted
// (as root); else a limit on the size of every file that the commands write.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace doorstep::test {

class SmallDisk {
 public:
  SmallDisk(const std::string& name, std::uint64_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  /// Leaves about so many bytes for what the commands want to write from here on: something else on
  /// the phone takes the rest.
  void leave(std::uint64_t bytes);
  /// What took the space is gone.
  void free_space();
  /// The command as it runs on this disk.
  [[nodiscard]] Finished run(const std::vector<std::string>& command) const;
  [[nodiscard]] bool is_mounted() const { return mounted_; }

 private:
  [[nodiscard]] std::uint64_t largest_file() const;
  ScratchFolder folder_;
  bool mounted_ = false;
  std::uint64_t file_blocks_ = 0;  // the limit of every file; zero: none
};

}  // namespace doorstep::test
