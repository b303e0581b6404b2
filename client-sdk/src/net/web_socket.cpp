#include "client-sdk/src/net/web_socket.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "engine/wire/caller_header.hpp"

namespace doorstep {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using boost::system::error_code;

/// Guards the pointer to the run that is going on; posts into its context.
struct LinkControl::State {
  std::mutex mutex;
  bool stopped = false;
  std::condition_variable stopping;
  std::function<void(bool stop)> post;  // empty while no link runs

  void signal(bool stop) {
    const std::scoped_lock lock(mutex);
    stopped = stopped || stop;
    if (stop) stopping.notify_all();
    if (post) post(stop);
  }
};

LinkControl::LinkControl() : state_(std::make_shared<State>()) {}
LinkControl::~LinkControl() = default;
void LinkControl::wake() { state_->signal(false); }
void LinkControl::stop() { state_->signal(true); }
bool LinkControl::wait(std::int64_t ms) {
  std::unique_lock lock(state_->mutex);
  return state_->stopping.wait_for(lock, std::chrono::milliseconds(ms),
                                   [&] { return state_->stopped; });
}

namespace {

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);
constexpr std::int64_t nothing_to_wait_for_ms = 3'600'000;

/// The header of a frame from a client has 4 bytes of mask besides (RFC 6455 section 5.2).
std::uint64_t frame_size(std::size_t payload, bool from_client) {
  const std::uint64_t header = payload < 126 ? 2 : payload < 65536 ? 4 : 10;
  return header + payload + (from_client ? 4 : 0);
}

Bytes certificate_hash(SSL* ssl) {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned int size = 0;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl),
                                                                &X509_free);
  if (certificate == nullptr ||
      X509_digest(certificate.get(), EVP_sha256(), out.data(), &size) != 1) {
    return {};
  }
  out.resize(size);
  return out;
}

using TlsLayer = asio::ssl::stream<beast::tcp_stream&>;

// Plain or TLS behind one type, so that the WebSocket code is compiled once.
class LinkStream {
 public:
  using executor_type = beast::tcp_stream::executor_type;
  using next_layer_type = beast::tcp_stream;

  LinkStream(asio::io_context& context, asio::ssl::context* tls) : tcp_(context) {
    if (tls != nullptr) tls_.emplace(tcp_, *tls);
  }

  executor_type get_executor() noexcept { return tcp_.get_executor(); }
  next_layer_type& next_layer() noexcept { return tcp_; }
  const next_layer_type& next_layer() const noexcept { return tcp_; }
  TlsLayer* tls() { return tls_ ? &*tls_ : nullptr; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    auto start = [this](auto handler, const Buffers& into) {
      if (tls_) {
        tls_->async_read_some(into, std::move(handler));
      } else {
        tcp_.async_read_some(into, std::move(handler));
      }
    };
    return asio::async_initiate<Token, void(error_code, std::size_t)>(start, token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    auto write = [this, buffers, said = says_farewell(buffers), begun = false](
                     auto& self, error_code failed = {}, std::size_t size = 0) mutable {
      if (begun) {
        if (said && size > 0 && farewell) farewell();
        return self.complete(failed, size);
      }
      begun = true;
      if (tls_) {
        tls_->async_write_some(buffers, std::move(self));
      } else {
        tcp_.async_write_some(buffers, std::move(self));
      }
    };
    return asio::async_compose<Token, void(error_code, std::size_t)>(std::move(write), token, tcp_);
  }

  /// Called when a close frame has been handed to the system.
  std::function<void()> farewell;

 private:
  /// Beast writes a control frame by itself, so its first byte is the frame's.
  template <class Buffers>
  static bool says_farewell(const Buffers& buffers) {
    constexpr std::uint8_t close_frame = 0x88;  // RFC 6455 section 5.2
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
         ++at) {
      const asio::const_buffer part = *at;
      if (part.size() > 0) return *static_cast<const std::uint8_t*>(part.data()) == close_frame;
    }
    return false;
  }

  beast::tcp_stream tcp_;
  std::optional<TlsLayer> tls_;
};

// Found by Beast when the closing handshake is over.
template <class Handler>
void async_teardown(beast::role_type role, LinkStream& stream, Handler&& handler) {
  if (auto* tls = stream.tls()) {
    tls->async_shutdown(std::forward<Handler>(handler));
  } else {
    websocket::async_teardown(role, stream.next_layer().socket(), std::forward<Handler>(handler));
  }
}

SocketEnd end_of(SocketEnd::Kind kind, const std::string& what) { return {kind, what}; }

/// One connection on one io_context; every member is used by its single thread only.
class Connection {
 public:
  Connection(asio::io_context& context, asio::ssl::context* tls, const SocketAddress& address,
             const SocketLimits& limits, LinkDriver& driver, LinkBytes& bytes)
      : ws_(context, tls),
        address_(address),
        limits_(limits),
        driver_(driver),
        bytes_(bytes),
        resolver_(ws_.get_executor()),
        writable_(ws_.get_executor()),
        timer_(ws_.get_executor()) {}

  asio::awaitable<SocketEnd> run() {
    if (auto failed = co_await open()) co_return *failed;
    auto writing = [this]() -> asio::awaitable<void> { return write_loop(); };
    auto ticking = [this]() -> asio::awaitable<void> { return tick_loop(); };
    asio::co_spawn(ws_.get_executor(), writing, asio::detached);
    asio::co_spawn(ws_.get_executor(), ticking, asio::detached);
    ws_.next_layer().farewell = [this] { part(); };
    take(driver_.on_open(binding()));
    beast::flat_buffer buffer;
    while (!ended_) {
      const auto [failure, size] = co_await ws_.async_read(buffer, awaited);
      if (failure) {
        bytes_.received += buffer.size();  // what came of a frame that broke off
        lose(failure);
        break;
      }
      bytes_.received += frame_size(size, false);
      const auto data = buffer.cdata();
      take(driver_.on_frame({static_cast<const std::uint8_t*>(data.data()), data.size()}));
      buffer.consume(buffer.size());
    }
    end();
    co_return result_.value_or(SocketEnd{});
  }

  void wake(bool stop) {
    if (open_ && !ended_) {
      take(driver_.on_wake(stop));
    } else if (stop) {
      stopped_ = true;
      resolver_.cancel();
      beast::get_lowest_layer(ws_).cancel();
    }
  }

 private:
  /// Nothing when a WebSocket is open.
  asio::awaitable<std::optional<SocketEnd>> open() {
    using Kind = SocketEnd::Kind;
    auto& lowest = beast::get_lowest_layer(ws_);
    lowest.expires_after(std::chrono::milliseconds(limits_.handshake_ms));
    const auto [unresolved, endpoints] =
        co_await resolver_.async_resolve(address_.host, address_.port, awaited);
    if (unresolved) co_return end_of(Kind::unreachable, unresolved.message());
    // A stop may come between two steps, when there is nothing that it could cancel.
    if (stopped_) co_return end_of(Kind::lost, "stopped");
    const auto [unconnected, endpoint] = co_await lowest.async_connect(endpoints, awaited);
    if (unconnected) co_return end_of(Kind::unreachable, unconnected.message());
    error_code ignored;
    lowest.socket().set_option(tcp::no_delay(true), ignored);
    if (auto* tls = ws_.next_layer().tls()) {
      const auto [refused] = co_await tls->async_handshake(asio::ssl::stream_base::client, awaited);
      if (refused) co_return end_of(Kind::tls_failed, refused.message());
    }
    lowest.expires_never();
    ws_.set_option(websocket::stream_base::timeout{std::chrono::milliseconds(limits_.handshake_ms),
                                                   std::chrono::milliseconds(limits_.answer_ms),
                                                   true});
    ws_.read_message_max(limits_.frame_bytes);
    ws_.binary(true);
    if (!address_.caller.empty()) {
      ws_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
        request.set(std::string(caller_header), address_.caller);
      }));
    }
    const auto [failure] =
        co_await ws_.async_handshake(address_.host + ":" + address_.port, address_.path, awaited);
    if (failure) {
      co_return end_of(Kind::unreachable, "no doorstep hub answers there: " + failure.message());
    }
    if (stopped_) co_return end_of(Kind::lost, "stopped");
    open_ = true;
    co_return std::nullopt;
  }

  Bytes binding() {
    auto* tls = ws_.next_layer().tls();
    return tls != nullptr ? certificate_hash(tls->native_handle()) : Bytes{};
  }

  void take(LinkActions actions) {
    for (Bytes& frame : actions.frames) queue_.push_back(std::move(frame));
    more_ = more_ || actions.more;
    closing_ = closing_ || actions.close;
    writable_.cancel();
    timer_.cancel();
  }

  asio::awaitable<void> write_loop() {
    while (!ended_) {
      if (queue_.empty() && !closing_ && std::exchange(more_, false)) {
        take(driver_.on_sent());
        continue;
      }
      if (queue_.empty() && closing_) {
        co_await ws_.async_close(websocket::close_code::normal, awaited);
        break;
      }
      if (queue_.empty()) {
        writable_.expires_after(std::chrono::hours(24));
        co_await writable_.async_wait(awaited);
        continue;
      }
      const Bytes frame = std::move(queue_.front());
      queue_.pop_front();
      const auto [failure, size] = co_await ws_.async_write(asio::buffer(frame), awaited);
      if (failure) {
        lose(failure);
        break;
      }
      bytes_.sent += frame_size(frame.size(), true);
    }
  }

  asio::awaitable<void> tick_loop() {
    while (!ended_) {
      const std::int64_t wait_ms = driver_.timer_ms().value_or(nothing_to_wait_for_ms);
      timer_.expires_after(std::chrono::milliseconds(std::max<std::int64_t>(wait_ms, 0)));
      const auto [cancelled] = co_await timer_.async_wait(awaited);
      if (!cancelled && !ended_) take(driver_.on_timer());
    }
  }

  // The session is over and the hub will read so: nothing that it answers is waited for, which on a
  // slow link is a round trip less for each sync.
  void part() {
    if (!closing_) return;
    if (auto* tls = ws_.next_layer().tls()) tls->async_shutdown([](const error_code&) {});
    end();
  }

  void lose(const error_code& failure) {
    if (!closing_ && !result_) {
      const bool timeout = failure == beast::error::timeout;
      result_ =
          end_of(timeout ? SocketEnd::Kind::timeout : SocketEnd::Kind::lost, failure.message());
    }
    end();
  }

  void end() {
    ended_ = true;
    writable_.cancel();
    timer_.cancel();
    beast::get_lowest_layer(ws_).cancel();
  }

  websocket::stream<LinkStream, false> ws_;  // no permessage-deflate: frames are compressed inside
  const SocketAddress& address_;
  const SocketLimits& limits_;
  LinkDriver& driver_;
  LinkBytes& bytes_;
  std::deque<Bytes> queue_;
  tcp::resolver resolver_;
  asio::steady_timer writable_;
  asio::steady_timer timer_;
  bool open_ = false;
  bool stopped_ = false;  // before it was open
  bool more_ = false;
  bool closing_ = false;
  bool ended_ = false;
  std::optional<SocketEnd> result_;
};

SocketEnd drive(asio::io_context& context, Connection& connection,
                const std::function<void(std::function<void(bool)>)>& attach) {
  SocketEnd result;
  auto running = [&]() -> asio::awaitable<void> {
    result = co_await connection.run();
    // The stream's own timers would keep the context busy until they fire.
    context.stop();
  };
  asio::co_spawn(context, running, asio::detached);
  attach([&context, &connection](bool stop) {
    asio::post(context, [&connection, stop] { connection.wake(stop); });
  });
  context.run();
  attach({});
  context.restart();
  context.poll();  // wakes that were posted while the link ended
  return result;
}

}  // namespace

SocketEnd run_socket(const SocketAddress& address, const SocketLimits& limits, LinkDriver& driver,
                     LinkControl& control, LinkBytes& bytes) try {
  asio::io_context context(1);
  const auto attach = [&](std::function<void(bool)> post) {
    const std::scoped_lock lock(control.state_->mutex);
    if (post && control.state_->stopped) post(true);
    control.state_->post = std::move(post);
  };
  std::optional<asio::ssl::context> tls;
  if (address.tls) {
    tls.emplace(asio::ssl::context::tls_client);
    tls->set_verify_mode(asio::ssl::verify_none);  // trust comes from the code, see the header
    SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  }
  Connection connection(context, tls ? &*tls : nullptr, address, limits, driver, bytes);
  return drive(context, connection, attach);
} catch (const std::exception& failure) {
  return {SocketEnd::Kind::lost, failure.what()};
}

}  // namespace doorstep
