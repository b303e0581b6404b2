// Real child processes: the commands as people run them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace doorstep::test {

using Environment = std::map<std::string, std::string>;  ///< added to this process's own

struct Finished {
  int status = -1;  ///< exit status; 128 + signal when killed
  std::string out;
  std::string err;
};

/// Runs a command to its end. Never throws; a command that cannot be started has status 127.
[[nodiscard]] Finished run(const std::vector<std::string>& command,
                           const Environment& environment = {});

/// A process that goes on beside the test; killed with SIGKILL when this object ends before it.
class Process {
 public:
  /// Standard error goes to `error_file` ("" inherits); standard output is read by read_line().
  [[nodiscard]] static Process start(const std::vector<std::string>& command,
                                     const std::string& error_file = {},
                                     const Environment& environment = {});
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  /// The next line of standard output without its end; nullopt at the end of the stream.
  [[nodiscard]] std::optional<std::string> read_line();
  void signal(int number) const;
  /// Exit status as in Finished. Idempotent.
  int wait();
  [[nodiscard]] bool running();

 private:
  Process(pid_t pid, int out) : pid_(pid), out_(out) {}
  pid_t pid_ = -1;
  int out_ = -1;
  std::string buffer_;
  std::optional<int> status_;
};

/// A folder of its own below the system's temporary folder, removed at the end unless kept.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& name, bool keep = false);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  bool keep_;
};

}  // namespace doorstep::test
