#include "tests/server/raw_client.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <array>
#include <utility>

namespace doorstep::test {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using PlainStream = websocket::stream<tcp::socket, false>;
using TlsStream = websocket::stream<asio::ssl::stream<tcp::socket>, false>;

namespace {

tcp::endpoint endpoint_of(const std::string& url) {
  return {asio::ip::address_v4::loopback(), port_of(url)};
}

Bytes binding_of(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> leaf(SSL_get1_peer_certificate(ssl),
                                                         &X509_free);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  X509_digest(leaf.get(), EVP_sha256(), digest.data(), &size);
  return {digest.begin(), digest.begin() + size};
}

template <class Stream>
std::optional<Bytes> read_frame(Stream& stream) {
  boost::beast::flat_buffer buffer;
  error_code failed;
  stream.read(buffer, failed);
  if (failed) return std::nullopt;
  const auto data = buffer.cdata();
  const auto* first = static_cast<const std::uint8_t*>(data.data());
  return Bytes(first, first + data.size());
}

}  // namespace

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

struct RawClient::Socket {
  asio::io_context io;
  asio::ssl::context tls_context{asio::ssl::context::tls_client};
  std::optional<PlainStream> plain;
  std::optional<TlsStream> tls;
  Bytes binding;
};

RawClient::RawClient(const std::string& url) : socket_(std::make_unique<Socket>()) {
  tcp::socket socket(socket_->io);
  socket.connect(endpoint_of(url));
  socket.set_option(tcp::no_delay(true));
  if (url.starts_with("wss://")) {
    socket_->tls.emplace(std::move(socket), socket_->tls_context);
    socket_->tls->next_layer().handshake(asio::ssl::stream_base::client);
    socket_->binding = binding_of(socket_->tls->next_layer().native_handle());
    socket_->tls->handshake("localhost", "/");
    socket_->tls->read_message_max(0);
  } else {
    socket_->plain.emplace(std::move(socket));
    socket_->plain->handshake("localhost", "/");
    socket_->plain->read_message_max(0);
  }
}

RawClient::~RawClient() = default;
RawClient::RawClient(RawClient&&) noexcept = default;
RawClient& RawClient::operator=(RawClient&&) noexcept = default;

void RawClient::send(ByteView frame) {
  const auto buffer = asio::buffer(frame.data(), frame.size());
  if (socket_->tls) {
    socket_->tls->binary(true);
    socket_->tls->write(buffer);
  } else {
    socket_->plain->binary(true);
    socket_->plain->write(buffer);
  }
}

void RawClient::send_text(const std::string& text) {
  socket_->plain->text(true);
  socket_->plain->write(asio::buffer(text));
}

void RawClient::send_beginning(std::size_t size, ByteView first, bool text) {
  // final frame, masked, 64-bit length
  Bytes header{static_cast<std::uint8_t>(text ? 0x81 : 0x82), 0xFF};
  for (int shift = 56; shift >= 0; shift -= 8) {
    header.push_back(
        static_cast<std::uint8_t>(std::uint64_t{size} >> static_cast<unsigned>(shift)));
  }
  header.insert(header.end(), 4, 0);  // a mask of zeros leaves the bytes as they are
  // The hub may close while this is being written.
  static_cast<void>(goes_on(header) && goes_on(first));
}

bool RawClient::goes_on(ByteView more) {
  error_code failed;
  asio::write(socket_->plain->next_layer(), asio::buffer(more.data(), more.size()), failed);
  return !failed;
}

std::optional<Bytes> RawClient::receive() {
  return socket_->tls ? read_frame(*socket_->tls) : read_frame(*socket_->plain);
}

const Bytes& RawClient::binding() const { return socket_->binding; }

struct RawSocket::Socket {
  asio::io_context io;
  asio::ssl::context tls_context{asio::ssl::context::tls_client};
  std::string behind;  // read, but not asked for yet
  tcp::socket stream{io};
  std::optional<asio::ssl::stream<tcp::socket&>> tls;

  template <class Work>
  void with_stream(const Work& work) {
    if (tls) {
      work(*tls);
    } else {
      work(stream);
    }
  }
};

RawSocket::RawSocket(const std::string& url) : socket_(std::make_unique<Socket>()) {
  socket_->stream.connect(endpoint_of(url));
  if (!url.starts_with("https://")) return;
  socket_->tls.emplace(socket_->stream, socket_->tls_context);
  socket_->tls->handshake(asio::ssl::stream_base::client);
}
RawSocket::~RawSocket() = default;
RawSocket::RawSocket(RawSocket&&) noexcept = default;
RawSocket& RawSocket::operator=(RawSocket&&) noexcept = default;

void RawSocket::send(const std::string& bytes) {
  error_code ignored;  // the hub may close while this is being written
  socket_->with_stream([&](auto& stream) { asio::write(stream, asio::buffer(bytes), ignored); });
}

std::string RawSocket::read_to_end() {
  std::string all = std::exchange(socket_->behind, {});
  error_code ended;
  socket_->with_stream([&](auto& stream) { asio::read(stream, asio::dynamic_buffer(all), ended); });
  return all;
}

std::string RawSocket::read_until(const std::string& mark) {
  std::string& all = socket_->behind;
  error_code ended;
  std::size_t size = 0;
  socket_->with_stream([&](auto& stream) {
    size = asio::read_until(stream, asio::dynamic_buffer(all), mark, ended);
  });
  std::string found = all.substr(0, ended ? all.size() : size);
  all.erase(0, found.size());
  return found;
}

}  // namespace doorstep::test
