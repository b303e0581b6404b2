// One accepted socket: TLS when asked for, one HTTP request, and if that asks for a WebSocket, the
// session's frames. Everything runs on the thread of the io_context; no exception leaves a handler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/link.hpp"

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace doorstep {

struct SocketOptions {
  boost::asio::ssl::context* tls = nullptr;  ///< null: plain
  Bytes binding;                             ///< SHA-256 of the certificate; empty when plain
  std::int64_t handshake_ms = 0;             ///< for TLS and the HTTP request together
  std::int64_t ping_after_ms = 0;            ///< of silence
  std::int64_t answer_ms = 0;                ///< a peer that is silent this long is gone
  std::int64_t closing_ms = 0;               ///< a peer has this long once all was written to it
  std::size_t queue_bytes = 0;               ///< with more to send, nothing is read
  std::function<std::string()> health;       ///< the body of GET /healthz
};

class OpenSocket {
 public:
  virtual ~OpenSocket() = default;
  /// Cuts the connection if it has no session yet (a session is told by its hub).
  virtual void stop() = 0;
  /// Cuts the connection.
  virtual void abort() = 0;
  /// To be called often (every limits::look_after_ms): whatever is due is done, a peer that gives
  /// no sign of life is cut off.
  virtual void look_after() = 0;
};

/// Takes over the connected descriptor `socket`. `ended` is called once, when the connection is
/// over. `host`, `options` and what they point at must live until then.
[[nodiscard]] std::shared_ptr<OpenSocket> serve_socket(boost::asio::io_context& context, int socket,
                                                       ConversationHost& host,
                                                       const SocketOptions& options,
                                                       std::function<void()> ended);

}  // namespace doorstep
