// One WebSocket connection from a device to its hub, as a blocking call: frames go to a LinkDriver
// on the calling thread, which answers with frames to send. TLS certificates are not checked
// against authorities: the driver receives the certificate's hash and the hub's signature covers it
// (Challenge), so the enrolment code is what is trusted.
//
// web_socket.cpp is the only file of the SDK that includes Beast. It takes the best part of a
// minute to compile, so this header knows nothing of the engine but bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/bytes.hpp"

namespace doorstep {

struct SocketAddress {
  bool tls = false;
  std::string host;
  std::string port;
  std::string path;
  std::string caller;  ///< who calls, in the request for the WebSocket; empty: not said
};

struct SocketLimits {
  std::int64_t handshake_ms = 0;  ///< for each of: connecting with TLS, the WebSocket's handshake
  std::int64_t answer_ms = 0;     ///< a peer that is silent this long, also to pings, is gone
  std::size_t frame_bytes = 0;
};

/// Why a conversation is over.
struct SocketEnd {
  enum class Kind : std::uint8_t { closed, unreachable, tls_failed, lost, timeout };
  Kind kind = Kind::closed;  ///< closed: as the driver asked, or by the hub in good order
  std::string what;          ///< the system's words
};

/// Bytes as they stand on the TCP stream or inside TLS: WebSocket headers and payloads of binary
/// frames; of a received frame that broke off, the payload that had come.
struct LinkBytes {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};

/// What to do next, returned from each call of a driver.
struct LinkActions {
  std::vector<Bytes> frames;  ///< to send, in order
  bool close = false;         ///< after sending them
  bool more = false;          ///< on_sent() is wanted once they are on their way
};

/// The conversation on a link. All calls come from the thread that runs the link, one at a time.
class LinkDriver {
 public:
  virtual ~LinkDriver() = default;
  /// The socket is open; `binding` is SHA-256 of the server's certificate, empty on ws://.
  [[nodiscard]] virtual LinkActions on_open(const Bytes& binding) = 0;
  [[nodiscard]] virtual LinkActions on_frame(ByteView frame) = 0;
  /// Called when next_deadline() has passed, and about every `wake_ms` for drivers that watch
  /// something.
  [[nodiscard]] virtual LinkActions on_timer() = 0;
  /// After actions with `more`: the system has taken all frames so far.
  [[nodiscard]] virtual LinkActions on_sent() { return {}; }
  /// Somebody called LinkControl::wake() or stop().
  [[nodiscard]] virtual LinkActions on_wake(bool stop) = 0;
  /// Milliseconds until on_timer() is wanted; nullopt: never.
  [[nodiscard]] virtual std::optional<std::int64_t> timer_ms() = 0;
};

/// Lets other threads reach a running link. Thread-safe; may outlive the run.
class LinkControl {
 public:
  LinkControl();
  ~LinkControl();
  void wake();
  void stop();
  /// Sleeps for `ms` or until stop(); true when stopped. For the pause between two connections.
  [[nodiscard]] bool wait(std::int64_t ms);

 private:
  friend SocketEnd run_socket(const SocketAddress& address, const SocketLimits& limits,
                              LinkDriver& driver, LinkControl& control, LinkBytes& bytes);
  struct State;
  std::shared_ptr<State> state_;
};

/// Connects, runs the conversation, returns when it is over. Blocks; throws nothing.
[[nodiscard]] SocketEnd run_socket(const SocketAddress& address, const SocketLimits& limits,
                                   LinkDriver& driver, LinkControl& control, LinkBytes& bytes);

}  // namespace doorstep
