// A hub process in a folder of its own and phones enrolled with it, for one round of a bench.
#pragma once

#include <sys/types.h>

#include <string>

#include "tests/bench/workload.hpp"
#include "tests/support/cast.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {

/// A slow link holds each direction back so long.
inline constexpr std::int64_t slow_link_ms = 50;

/// How a phone reaches its hub.
struct LinkKind {
  std::int64_t one_way_ms = 0;
  bool tls = false;

  /// ", 50 ms each way", ", TLS" or nothing: for the name of a figure.
  [[nodiscard]] std::string text() const;
};

class Township {
 public:
  Township(const Workload& workload, bool tls);

  /// A phone that has enrolled and not synced yet; its file.
  [[nodiscard]] std::string phone(const std::string& name) const;
  [[nodiscard]] std::string url() const { return hub_.url(); }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] const test::TownshipHub& hub() const { return hub_; }
  /// Of the hub's process so far; in steps of 10 ms.
  [[nodiscard]] double processor_seconds() const;
  /// `doorstepd backup`, beside the hub that serves.
  void back_up() const;
  /// Ends the process and returns its database's file.
  [[nodiscard]] std::string stopped();

 private:
  test::ScratchFolder folder_;
  test::TownshipHub hub_;
  pid_t process_ = -1;
};

}  // namespace doorstep::bench
