// TCP sockets on 127.0.0.1 for what the bench puts between phone and hub. Small messages leave at
// once (TCP_NODELAY). A failure that is no end of a connection aborts the bench.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/bytes.hpp"

namespace doorstep::bench {

class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  /// A listener on a port that the system chooses.
  [[nodiscard]] static Socket listener();
  [[nodiscard]] static Socket connected_to(std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const;  ///< its own
  /// The next connection; none once the listener has been shut down.
  [[nodiscard]] Socket accept() const;
  /// What has arrived, at least a byte; 0: the other end has closed or is gone.
  [[nodiscard]] std::size_t read(std::uint8_t* to, std::size_t bytes) const;
  /// Exactly so many; false: the connection ended before.
  [[nodiscard]] bool read_all(std::uint8_t* to, std::size_t bytes) const;
  /// False: the other end is gone.
  [[nodiscard]] bool write_all(ByteView bytes) const;
  void end_writing() const;  ///< the other end reads 0 after what was written
  void shut_down() const;    ///< both directions; whoever waits in a call returns
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

}  // namespace doorstep::bench
