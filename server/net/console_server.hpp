// The console on the network: a thread of its own for all sockets, one for quick questions and one
// for slow ones, each with a store of its own beside the hub's.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/limits.hpp"
#include "server/console/console_files.hpp"
#include "server/console/console_worker.hpp"
#include "server/net/hub_server.hpp"

namespace doorstep {

struct ConsoleOptions {
  ListenOptions listen;
  std::vector<std::string> host_names;  ///< by which it may be called, beside addresses
  std::span<const console::ConsoleFile> files = console::console_files();
  std::int64_t event_ms = limits::console_event_ms;
};

class ConsoleServer {
 public:
  /// Listens and answers for the hub in `dir`. What `shared` names must outlive the server. Errors:
  /// listen_failed, tls_failed, usage (plain beyond loopback), and what HubFolder::open says.
  [[nodiscard]] static Result<std::unique_ptr<ConsoleServer>> start(
      const std::filesystem::path& dir, const console::ConsoleShared& shared,
      const ConsoleOptions& options);
  /// stop().
  ~ConsoleServer();
  ConsoleServer(const ConsoleServer&) = delete;
  ConsoleServer& operator=(const ConsoleServer&) = delete;

  /// "http://127.0.0.1:PORT" or "https://...". Any thread.
  [[nodiscard]] const std::string& url() const;
  /// Cuts all connections and ends the threads; waits for the questions under way. Idempotent.
  void stop();

 private:
  struct State;
  explicit ConsoleServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace doorstep
