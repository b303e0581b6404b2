// A hub on the network: listens, and serves devices until it is stopped. One thread runs all
// sockets and sessions; merging and reading happen on threads of their own (HubCore).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/core/limits.hpp"
#include "server/hub_core.hpp"

namespace doorstep {

/// How long a peer may take to end a connection once all was written to it: long, as that may still
/// be on its way over a slow link, but not for ever.
inline constexpr std::int64_t closing_ms_max = 600'000;

struct ListenOptions {
  std::string host = "127.0.0.1";  ///< an address or a name
  std::uint16_t port = 0;          ///< 0: a free one
  std::string tls_certificate;     ///< PEM file; empty: plain ws://
  std::string tls_key;
  bool insecure = false;  ///< plain ws:// beyond loopback
  std::int64_t handshake_ms = limits::handshake_ms_max;
  std::int64_t closing_ms = closing_ms_max;
  std::size_t connections_max = limits::connections_max;
};

/// "HOST:PORT", "[::1]:PORT". Error usage.
[[nodiscard]] Result<ListenOptions> parse_listen(std::string_view text);

class HubServer {
 public:
  /// Listens and serves; on return devices can connect. Errors: listen_failed, tls_failed, usage
  /// (plain beyond loopback). What `ports` names must outlive the server.
  [[nodiscard]] static Result<std::unique_ptr<HubServer>> start(HubCore::Ports ports,
                                                                const ListenOptions& options);
  /// stop().
  ~HubServer();
  HubServer(const HubServer&) = delete;
  HubServer& operator=(const HubServer&) = delete;

  /// "ws://127.0.0.1:PORT" or "wss://...". Any thread.
  [[nodiscard]] const std::string& url() const;

  /// Stops accepting, answers what was pushed, tells the devices, closes, and ends the threads.
  /// Blocks, at most limits::stop_ms_max beyond the merges under way. Any thread but a session's;
  /// idempotent.
  void stop();

 private:
  struct State;
  explicit HubServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace doorstep
