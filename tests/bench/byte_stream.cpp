#include "tests/bench/byte_stream.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace doorstep::bench {
struct FreeTls {
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(SSL_CTX* tls) const { SSL_CTX_free(tls); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

struct TlsClients::State {
  std::unique_ptr<SSL_CTX, FreeTls> context{SSL_CTX_new(TLS_client_method())};
};

TlsClients::TlsClients() : state_(std::make_unique<State>()) {
  // The hub's own key vouches for its certificate (Challenge), no authority does.
  SSL_CTX_set_verify(state_->context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(state_->context.get(), SSL_MODE_RELEASE_BUFFERS);
}
TlsClients::~TlsClients() = default;

struct ByteStream::State {
  int socket = -1;
  std::unique_ptr<SSL, FreeTls> tls;
  BIO* from_hub = nullptr;  // these two belong to `tls`
  BIO* to_hub = nullptr;
  Bytes unsent;   // on the socket
  Bytes waiting;  // for the TLS handshake
  bool lost = false;

  ~State() {
    if (socket >= 0) ::close(socket);
  }
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void write_out() {
    std::size_t sent = 0;
    while (sent < unsent.size()) {
      const ssize_t size = ::send(socket, unsent.data() + sent, unsent.size() - sent, MSG_NOSIGNAL);
      if (size < 0) {
        lost = lost || (errno != EAGAIN && errno != ENOTCONN && errno != EINTR);
        break;
      }
      sent += static_cast<std::size_t>(size);
    }
    unsent.erase(unsent.begin(), unsent.begin() + static_cast<std::ptrdiff_t>(sent));
  }
  Bytes read_in() {
    Bytes all;
    std::array<std::uint8_t, 65536> part{};
    while (true) {
      const ssize_t size = ::recv(socket, part.data(), part.size(), 0);
      if (size == 0) lost = true;
      if (size < 0) lost = lost || (errno != EAGAIN && errno != ENOTCONN && errno != EINTR);
      if (size <= 0) return all;
      all.insert(all.end(), part.begin(), part.begin() + size);
    }
  }
  void take_sealed() {
    std::array<std::uint8_t, 16384> part{};
    while (true) {
      const int size = BIO_read(to_hub, part.data(), static_cast<int>(part.size()));
      if (size <= 0) break;
      unsent.insert(unsent.end(), part.begin(), part.begin() + size);
    }
  }
  void seal(ByteView bytes) {
    if (!SSL_is_init_finished(tls.get())) {
      waiting.insert(waiting.end(), bytes.begin(), bytes.end());
    } else if (!bytes.empty()) {
      SSL_write(tls.get(), bytes.data(), static_cast<int>(bytes.size()));
    }
    take_sealed();
  }
  Bytes open(const Bytes& sealed) {
    if (!sealed.empty()) BIO_write(from_hub, sealed.data(), static_cast<int>(sealed.size()));
    Bytes all;
    std::array<std::uint8_t, 16384> part{};
    for (int size = 1; size > 0;) {
      size = SSL_read(tls.get(), part.data(), static_cast<int>(part.size()));
      if (size > 0) all.insert(all.end(), part.begin(), part.begin() + size);
    }
    if (SSL_is_init_finished(tls.get()) && !waiting.empty()) seal(std::exchange(waiting, {}));
    take_sealed();
    return all;
  }
};

ByteStream::ByteStream(std::uint16_t port, TlsClients* tls) : state_(std::make_unique<State>()) {
  state_->socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(state_->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(state_->socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    state_->lost = errno != EINPROGRESS;
  }
  if (tls == nullptr) return;
  state_->tls.reset(SSL_new(tls->state_->context.get()));
  state_->from_hub = BIO_new(BIO_s_mem());
  state_->to_hub = BIO_new(BIO_s_mem());
  SSL_set_bio(state_->tls.get(), state_->from_hub, state_->to_hub);
  SSL_set_connect_state(state_->tls.get());
  SSL_do_handshake(state_->tls.get());
  state_->take_sealed();
}
ByteStream::~ByteStream() = default;
ByteStream::ByteStream(ByteStream&&) noexcept = default;
ByteStream& ByteStream::operator=(ByteStream&&) noexcept = default;

void ByteStream::send(ByteView bytes) {
  if (state_->tls) {
    state_->seal(bytes);
  } else {
    state_->unsent.insert(state_->unsent.end(), bytes.begin(), bytes.end());
  }
  state_->write_out();
}

Bytes ByteStream::receive() {
  Bytes came = state_->read_in();
  if (state_->tls) came = state_->open(came);
  state_->write_out();
  return came;
}

int ByteStream::socket() const { return state_->socket; }
bool ByteStream::wants_to_write() const { return !state_->unsent.empty(); }
bool ByteStream::lost() const { return state_->lost; }

Bytes ByteStream::binding() const {
  if (!state_->tls) return {};
  const std::unique_ptr<X509, FreeTls> certificate(SSL_get1_peer_certificate(state_->tls.get()));
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (!certificate || X509_digest(certificate.get(), EVP_sha256(), out.data(), &size) != 1) {
    return {};
  }
  out.resize(size);
  return out;
}

}  // namespace doorstep::bench
