#include "tests/bench/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <utility>

#include "engine/core/assert.hpp"

namespace doorstep::bench {
namespace {

sockaddr_in address_of(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void send_at_once(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

Socket Socket::listener() {
  Socket made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = address_of(0);
  DS_ASSERT(bind(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  DS_ASSERT(::listen(made.fd_, SOMAXCONN) == 0);
  return made;
}

Socket Socket::connected_to(std::uint16_t port) {
  Socket made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = address_of(port);
  DS_ASSERT(connect(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  send_at_once(made.fd_);
  return made;
}

std::uint16_t Socket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  DS_ASSERT(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

Socket Socket::accept() const {
  Socket made(accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  if (made.open()) send_at_once(made.fd_);
  return made;
}

std::size_t Socket::read(std::uint8_t* to, std::size_t bytes) const {
  for (;;) {
    const ssize_t got = recv(fd_, to, bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
}

bool Socket::read_all(std::uint8_t* to, std::size_t bytes) const {
  while (bytes > 0) {
    const std::size_t got = read(to, bytes);
    if (got == 0) return false;
    to += got;
    bytes -= got;
  }
  return true;
}

bool Socket::write_all(ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t put = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

void Socket::end_writing() const { shutdown(fd_, SHUT_WR); }
void Socket::shut_down() const { shutdown(fd_, SHUT_RDWR); }

}  // namespace doorstep::bench
