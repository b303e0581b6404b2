// One TCP connection to a hub on 127.0.0.1 that never blocks, plain or with TLS: the cheap end of
// thousands of connections that one thread of the bench holds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/core/bytes.hpp"

namespace doorstep::bench {

/// Shared by all connections with TLS.
class TlsClients {
 public:
  TlsClients();
  ~TlsClients();
  TlsClients(const TlsClients&) = delete;
  TlsClients& operator=(const TlsClients&) = delete;

 private:
  friend class ByteStream;
  struct State;
  std::unique_ptr<State> state_;
};

class ByteStream {
 public:
  /// Begins to connect; `tls` null: plain.
  ByteStream(std::uint16_t port, TlsClients* tls);
  ~ByteStream();
  ByteStream(ByteStream&&) noexcept;
  ByteStream& operator=(ByteStream&&) noexcept;

  /// Sends now what can be sent, the rest when the socket takes it.
  void send(ByteView bytes);
  /// What has come since the last call; to be called when the socket is ready for anything.
  [[nodiscard]] Bytes receive();

  [[nodiscard]] int socket() const;
  [[nodiscard]] bool wants_to_write() const;
  [[nodiscard]] bool lost() const;
  /// SHA-256 of the hub's certificate, once it is known; empty without TLS.
  [[nodiscard]] Bytes binding() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace doorstep::bench
