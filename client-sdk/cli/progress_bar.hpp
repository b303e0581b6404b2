// A progress bar on a terminal's last line. Prints nothing when standard error is not a terminal.
#pragma once

#include <cstdint>
#include <string>

#include "engine/session/device_session.hpp"

namespace doorstep::cli {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Shows what was pushed and pulled; only short work shows nothing at all.
  void show(const SyncProgress& progress);
  /// Takes the bar off the screen.
  void clear();

 private:
  bool visible_ = false;
  bool on_terminal_;
  std::string last_;
};

}  // namespace doorstep::cli
