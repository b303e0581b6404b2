// One run: a hub, phones, and a script of what happens to them. First the script with all its
// faults, then everything is healed and must become equal in bounded time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/sim/context.hpp"
#include "tests/sim/script.hpp"
#include "tests/sim/sim_hub.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {

struct RunOptions {
  bool prints = false;  ///< every line of the trace, as it happens
};

struct RunResult {
  std::optional<Failure> failure;
  std::uint64_t trace = 0;
  Counts counts;
  std::vector<std::string> newest;  ///< lines of the trace
};

/// Deterministic: one script, one result. One run at a time in a process. Precondition:
/// install_vfs().
[[nodiscard]] RunResult run_script(const Script& script, const RunOptions& options = {});

/// Those of a script and those that come to life as copies.
inline constexpr std::size_t phones_and_copies_max = 16;

/// A folder for the empty files that stand for the simulated ones (the SDK and the hub look whether
/// a path exists before SQLite opens it); the process works in it. Removed at the end.
class WorkFolder {
 public:
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

 private:
  std::string path_;
  std::string before_;
};

}  // namespace doorstep::sim
