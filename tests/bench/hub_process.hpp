// `doorstepd serve` as a process of its own, so that its memory and its processor time can be told
// from the bench's.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/ports/hub_store.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {

class HubProcess {
 public:
  /// Makes a hub with the harness's schema in `folder`, and lets `fill` put what it likes before
  /// anybody serves it.
  HubProcess(std::string folder, const std::function<void(HubStore&)>& fill);

  /// A hub that was made in `folder` before, by whatever way.
  explicit HubProcess(std::string folder);

  /// Serves on a free port; `tls`: with a certificate of its own.
  void serve(bool tls = false);
  void stop();

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] pid_t process() const { return id_; }
  [[nodiscard]] const HubId& hub() const { return hub_; }
  /// Of its key, as an enrolment code has it.
  [[nodiscard]] const PublicKey& key() const { return key_; }
  [[nodiscard]] std::string database() const { return folder_ + "/hub.db"; }
  [[nodiscard]] bool running() { return process_ && process_->running(); }

 private:
  std::string folder_;
  std::string url_;
  HubId hub_;
  PublicKey key_;
  pid_t id_ = -1;
  std::unique_ptr<test::Process> process_;
};

}  // namespace doorstep::bench
