#include "client-sdk/src/net/ws_link.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "engine/core/limits.hpp"

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

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

/// One connection on one io_context; every member is used by its single thread only.
template <class Stream>
class Connection {
 public:
  Connection(websocket::stream<Stream> ws, const HubUrl& url, LinkDriver& driver, LinkBytes& bytes)
      : ws_(std::move(ws)),
        url_(url),
        driver_(driver),
        bytes_(bytes),
        writable_(ws_.get_executor()),
        timer_(ws_.get_executor()) {}

  asio::awaitable<Status> run() {
    if (Status opened = co_await open(); !opened) co_return opened;
    auto writing = [this]() -> asio::awaitable<void> { return write_loop(); };
    auto ticking = [this]() -> asio::awaitable<void> { return tick_loop(); };
    asio::co_spawn(ws_.get_executor(), writing, asio::detached);
    asio::co_spawn(ws_.get_executor(), ticking, asio::detached);
    take(driver_.on_open(binding()));
    beast::flat_buffer buffer;
    while (!ended_) {
      const auto [failure, size] = co_await ws_.async_read(buffer, awaited);
      if (failure) {
        lose(failure);
        break;
      }
      bytes_.received += frame_size(size, false);
      const auto data = buffer.cdata();
      take(driver_.on_frame({static_cast<const std::uint8_t*>(data.data()), data.size()}));
      buffer.consume(buffer.size());
    }
    end();
    co_return result_;
  }

  void wake(bool stop) {
    if (open_ && !ended_) {
      take(driver_.on_wake(stop));
    } else if (stop) {
      beast::get_lowest_layer(ws_).cancel();
    }
  }

 private:
  asio::awaitable<Status> open() {
    auto& lowest = beast::get_lowest_layer(ws_);
    lowest.expires_after(std::chrono::milliseconds(limits::handshake_ms_max));
    tcp::resolver resolver(ws_.get_executor());
    const auto [unresolved, endpoints] =
        co_await resolver.async_resolve(url_.host, url_.port, awaited);
    if (unresolved) co_return error(ErrorCode::unreachable, unresolved.message());
    const auto [unconnected, endpoint] = co_await lowest.async_connect(endpoints, awaited);
    if (unconnected) co_return error(ErrorCode::unreachable, unconnected.message());
    error_code ignored;
    lowest.socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      const auto [refused] =
          co_await ws_.next_layer().async_handshake(asio::ssl::stream_base::client, awaited);
      if (refused) co_return error(ErrorCode::tls_failed, refused.message());
    }
    lowest.expires_never();
    ws_.set_option(
        websocket::stream_base::timeout{std::chrono::milliseconds(limits::handshake_ms_max),
                                        std::chrono::milliseconds(limits::answer_ms_max), true});
    ws_.read_message_max(limits::frame_bytes_max);
    ws_.binary(true);
    const auto [failure] =
        co_await ws_.async_handshake(url_.host + ":" + url_.port, url_.path, awaited);
    if (failure)
      co_return error(ErrorCode::unreachable,
                      "no doorstep hub answers there: " + failure.message());
    open_ = true;
    co_return Status{};
  }

  Bytes binding() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      return certificate_hash(ws_.next_layer().native_handle());
    } else {
      return {};
    }
  }

  void take(LinkActions actions) {
    for (Bytes& frame : actions.frames) queue_.push_back(std::move(frame));
    closing_ = closing_ || actions.close;
    writable_.cancel();
    timer_.cancel();
  }

  asio::awaitable<void> write_loop() {
    while (!ended_) {
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

  void lose(const error_code& failure) {
    if (!closing_ && result_.ok()) {
      result_ = failure == beast::error::timeout ? error(ErrorCode::timeout)
                                                 : error(ErrorCode::link_lost, failure.message());
    }
    end();
  }

  void end() {
    ended_ = true;
    writable_.cancel();
    timer_.cancel();
    beast::get_lowest_layer(ws_).cancel();
  }

  websocket::stream<Stream> ws_;
  const HubUrl& url_;
  LinkDriver& driver_;
  LinkBytes& bytes_;
  std::deque<Bytes> queue_;
  asio::steady_timer writable_;
  asio::steady_timer timer_;
  bool open_ = false;
  bool closing_ = false;
  bool ended_ = false;
  Status result_;
};

template <class Stream>
Status drive(asio::io_context& context, Connection<Stream>& connection,
             const std::function<void(std::function<void(bool)>)>& attach) {
  Status result;
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

Status run_link(const HubUrl& url, LinkDriver& driver, LinkControl& control, LinkBytes& bytes) try {
  asio::io_context context(1);
  const auto attach = [&](std::function<void(bool)> post) {
    const std::scoped_lock lock(control.state_->mutex);
    if (post && control.state_->stopped) post(true);
    control.state_->post = std::move(post);
  };
  if (!url.tls) {
    Connection<PlainStream> connection(websocket::stream<PlainStream>(context), url, driver, bytes);
    return drive(context, connection, attach);
  }
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_verify_mode(
      asio::ssl::verify_none);  // trust comes from the enrolment code, see the header
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  Connection<TlsStream> connection(websocket::stream<TlsStream>(context, tls), url, driver, bytes);
  return drive(context, connection, attach);
} catch (const std::exception& failure) {
  return error(ErrorCode::link_lost, failure.what());
}

}  // namespace doorstep
