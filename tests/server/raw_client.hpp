// A WebSocket client for tests that can also misbehave. Blocking, one thread, throws what Asio
// throws: a test that meets an exception has failed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/core/bytes.hpp"

namespace doorstep::test {

/// "ws://127.0.0.1:PORT" -> PORT.
[[nodiscard]] std::uint16_t port_of(const std::string& url);

class RawClient {
 public:
  /// TCP, TLS for wss://, and the WebSocket upgrade.
  explicit RawClient(const std::string& url);
  ~RawClient();
  RawClient(RawClient&&) noexcept;
  RawClient& operator=(RawClient&&) noexcept;

  void send(ByteView frame);
  void send_text(const std::string& text);
  /// Sends a frame's header that promises `size` bytes, and no more than the first of them.
  void send_beginning(std::size_t size, ByteView first, bool text = false);
  /// More bytes of it; false: the hub has cut the connection.
  [[nodiscard]] bool goes_on(ByteView more);
  /// The next binary frame; nullopt once the hub has closed.
  [[nodiscard]] std::optional<Bytes> receive();
  /// SHA-256 of the certificate seen; empty on ws://.
  [[nodiscard]] const Bytes& binding() const;

 private:
  struct Socket;
  std::unique_ptr<Socket> socket_;
};

/// A TCP connection without any WebSocket, inside TLS for https://: sends the bytes as they are,
/// and reads until the hub closes.
class RawSocket {
 public:
  explicit RawSocket(const std::string& url);
  ~RawSocket();
  RawSocket(RawSocket&&) noexcept;
  RawSocket& operator=(RawSocket&&) noexcept;
  void send(const std::string& bytes);
  [[nodiscard]] std::string read_to_end();
  /// All up to and with `mark`, or to the end when that comes first.
  [[nodiscard]] std::string read_until(const std::string& mark);

 private:
  struct Socket;
  std::unique_ptr<Socket> socket_;
};

}  // namespace doorstep::test
