#include "server/net/websocket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>

namespace doorstep {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t http_header_bytes_max = 8192;
constexpr std::size_t buffer_bytes_kept = 4 * 1024;  // ten thousand quiet phones hold one each

// Plain or TLS behind one type, so that the WebSocket code is compiled once.
class LinkStream {
 public:
  using executor_type = beast::tcp_stream::executor_type;
  using next_layer_type = beast::tcp_stream;

  LinkStream(asio::ip::tcp::socket socket, asio::ssl::context* tls) : tcp_(std::move(socket)) {
    if (tls != nullptr) tls_.emplace(tcp_, *tls);
  }

  executor_type get_executor() noexcept { return tcp_.get_executor(); }
  next_layer_type& next_layer() noexcept { return tcp_; }
  const next_layer_type& next_layer() const noexcept { return tcp_; }
  asio::ssl::stream<beast::tcp_stream&>* tls() { return tls_ ? &*tls_ : nullptr; }

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
    auto start = [this](auto handler, const Buffers& from) {
      if (tls_) {
        tls_->async_write_some(from, std::move(handler));
      } else {
        tcp_.async_write_some(from, std::move(handler));
      }
    };
    return asio::async_initiate<Token, void(error_code, std::size_t)>(start, token, buffers);
  }

 private:
  beast::tcp_stream tcp_;
  std::optional<asio::ssl::stream<beast::tcp_stream&>> tls_;
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

// How long the peer has given no sign of life. Asked of the kernel, because on a slow link one
// large frame takes minutes, in which acknowledgements come but no message does.
std::int64_t quiet_ms(asio::ip::tcp::socket& socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return std::min(info.tcpi_last_ack_recv, info.tcpi_last_data_recv);
}

std::string peer_name(const asio::ip::tcp::socket& socket) {
  error_code failed;
  const auto peer = socket.remote_endpoint(failed);
  if (failed) return "unknown";
  return peer.address().to_string() + ":" + std::to_string(peer.port());
}

class WebSocketLink final : public Link,
                            public OpenSocket,
                            public std::enable_shared_from_this<WebSocketLink> {
 public:
  WebSocketLink(asio::ip::tcp::socket socket, ConversationHost& host, SocketOptions options,
                std::function<void()> ended)
      : host_(host),
        options_(std::move(options)),
        peer_(peer_name(socket)),
        stream_(std::move(socket), options_.tls),
        writable_(stream_.get_executor()),
        readable_(stream_.get_executor()),
        deadline_(stream_.get_executor()),
        life_(stream_.get_executor()),
        ended_(std::move(ended)) {}

  void run() {
    spawn([](std::shared_ptr<WebSocketLink> self) { return self->serve(); });
  }

  void send(Bytes frame) override {
    if (closing_) return;
    queued_bytes_ += frame.size();
    queue_.push_back(std::move(frame));
    writable_.cancel();
  }
  void close() override {
    closing_ = true;
    writable_.cancel();
    readable_.cancel();
  }
  void hold(bool held) override {
    held_ = held;
    readable_.cancel();
  }
  void wake_at(std::optional<std::int64_t> deadline_ms) override {
    if (deadline_ms == wanted_ms_) return;
    wanted_ms_ = deadline_ms;
    deadline_.cancel();
  }
  void stop() override {
    if (!talk_) abort();
  }
  void abort() override {
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

 private:
  using Timer = asio::steady_timer;
  using Trouble = ConversationHost::Trouble;

  template <class Start>
  void spawn(Start start) {
    const auto logged = [self = shared_from_this()](const std::exception_ptr& thrown) {
      if (!thrown) return;
      self->abort();
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& e) {
        self->host_.note(Trouble::connection_failed, self->peer_, e.what());
      } catch (...) {
        self->host_.note(Trouble::connection_failed, self->peer_, "unknown");
      }
    };
    asio::co_spawn(stream_.get_executor(), start(shared_from_this()), logged);
  }

  // A timer that nothing ends but cancel(): the condition variable of one thread.
  static asio::awaitable<void> wait_for_change(Timer& changed) {
    changed.expires_at(Timer::time_point::max());
    co_await changed.async_wait(no_throw);
  }

  asio::awaitable<void> serve() {
    std::string why = "handshake";
    if (co_await shake_hands()) {
      talk_ = host_.start(*this, options_.binding, peer_);
      spawn([](std::shared_ptr<WebSocketLink> self) { return self->write_frames(); });
      spawn([](std::shared_ptr<WebSocketLink> self) { return self->keep_deadlines(); });
      spawn([](std::shared_ptr<WebSocketLink> self) { return self->watch_life(); });
      why = co_await read_frames();
      talk_->ended(why);
    }
    gone_ = true;
    writable_.cancel();
    deadline_.cancel();
    life_.cancel();
    if (ended_) std::exchange(ended_, nullptr)();
  }

  /// True when a WebSocket is open; otherwise the connection is done with.
  asio::awaitable<bool> shake_hands() {
    auto& tcp = beast::get_lowest_layer(stream_);
    tcp.expires_after(std::chrono::milliseconds(options_.handshake_ms));
    if (auto* tls = stream_.next_layer().tls()) {
      const auto [failed] = co_await tls->async_handshake(asio::ssl::stream_base::server, no_throw);
      if (failed) {
        host_.note(Trouble::tls_failed, peer_, failed.message());
        co_return false;
      }
    }
    http::request_parser<http::empty_body> parser;
    parser.header_limit(http_header_bytes_max);
    parser.body_limit(std::uint64_t{0});
    const auto [failed, size] =
        co_await http::async_read(stream_.next_layer(), buffer_, parser, no_throw);
    if (failed) {
      host_.note(Trouble::not_http, peer_, failed.message());
      co_return false;
    }
    if (!websocket::is_upgrade(parser.get())) {
      co_await answer_http(parser.get().method() == http::verb::get &&
                           parser.get().target() == "/healthz");
      co_return false;
    }
    tcp.expires_never();
    co_return co_await accept_websocket(parser.release());
  }

  asio::awaitable<bool> accept_websocket(http::request<http::empty_body> request) {
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = std::chrono::milliseconds(options_.handshake_ms);
    timeout.idle_timeout = websocket::stream_base::none();  // watch_life() knows better
    timeout.keep_alive_pings = false;
    stream_.set_option(timeout);
    stream_.binary(true);
    stream_.auto_fragment(false);
    stream_.read_message_max(0);  // read_frames() counts itself, to say what was wrong
    const auto [failed] = co_await stream_.async_accept(request, no_throw);
    co_return !failed;
  }

  asio::awaitable<void> answer_http(bool health) {
    http::response<http::string_body> response;
    response.version(11);
    response.keep_alive(false);
    if (health) {
      response.result(http::status::ok);
      response.set(http::field::content_type, "application/json");
      response.body() = options_.health() + "\n";
    } else {
      response.result(http::status::upgrade_required);
      response.set(http::field::upgrade, "websocket");
      response.set(http::field::content_type, "text/plain; charset=utf-8");
      response.body() = "This is a doorstep hub. Connect with a WebSocket: doorstep sync.\n";
    }
    response.prepare_payload();
    co_await http::async_write(stream_.next_layer(), response, no_throw);
    if (auto* tls = stream_.next_layer().tls()) co_await tls->async_shutdown(no_throw);
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().shutdown(asio::socket_base::shutdown_send, ignored);
  }

  asio::awaitable<std::string> read_frames() {
    buffer_.clear();
    while (true) {
      const auto [failed, size] = co_await stream_.async_read_some(buffer_, 0, no_throw);
      if (failed) co_return failed.message();
      if (closing_) {
        buffer_.clear();  // what still comes until the closing handshake is over has no reader
        continue;
      }
      if (buffer_.size() > talk_->frame_bytes_max()) {
        talk_->refuse(BadFrame::too_large);
      } else if (stream_.got_text()) {
        talk_->refuse(BadFrame::text);
      } else if (stream_.is_message_done()) {
        const auto data = buffer_.cdata();
        talk_->frame({static_cast<const std::uint8_t*>(data.data()), data.size()});
      } else {
        continue;
      }
      buffer_.clear();
      if (buffer_.capacity() > buffer_bytes_kept) buffer_.shrink_to_fit();
      // A peer that does not read what it is sent is not read either.
      while ((held_ || queued_bytes_ > options_.queue_bytes) && !closing_ && !gone_) {
        co_await wait_for_change(readable_);
      }
    }
  }

  asio::awaitable<void> write_frames() {
    while (!gone_) {
      if (queue_.empty()) {
        if (closing_) break;
        co_await wait_for_change(writable_);
        continue;
      }
      const Bytes frame = std::move(queue_.front());
      queue_.pop_front();
      const auto [failed, size] =
          co_await stream_.async_write(asio::buffer(frame.data(), frame.size()), no_throw);
      queued_bytes_ -= frame.size();
      readable_.cancel();
      if (failed) {
        closing_ = true;
        abort();
        co_return;
      }
    }
    if (!gone_) co_await stream_.async_close(websocket::close_code::normal, no_throw);
  }

  asio::awaitable<void> keep_deadlines() {
    while (!gone_ && !closing_) {
      if (!wanted_ms_) {
        co_await wait_for_change(deadline_);
        continue;
      }
      const std::int64_t left = *wanted_ms_ - host_.now_ms();
      if (left <= 0) {
        wanted_ms_.reset();
        talk_->tick();
        continue;
      }
      deadline_.expires_after(std::chrono::milliseconds(left));
      co_await deadline_.async_wait(no_throw);
    }
  }

  asio::awaitable<void> watch_life() {
    while (!gone_) {
      life_.expires_after(std::chrono::milliseconds(options_.ping_after_ms));
      co_await life_.async_wait(no_throw);
      if (gone_) co_return;
      const std::int64_t quiet = quiet_ms(beast::get_lowest_layer(stream_).socket());
      if (quiet >= options_.answer_ms) {
        abort();
        co_return;
      }
      // Not awaited here: a ping waits its turn behind a frame that may never leave.
      if (quiet >= options_.ping_after_ms && !pinging_ && !closing_) {
        spawn([](std::shared_ptr<WebSocketLink> self) { return self->ping(); });
      }
    }
  }

  asio::awaitable<void> ping() {
    pinging_ = true;
    co_await stream_.async_ping({}, no_throw);
    pinging_ = false;
  }

  ConversationHost& host_;
  SocketOptions options_;
  std::string peer_;
  websocket::stream<LinkStream, false>
      stream_;  // no permessage-deflate: frames are compressed inside
  beast::flat_buffer buffer_;
  std::deque<Bytes> queue_;
  std::size_t queued_bytes_ = 0;  // with the frame that is being written
  Timer writable_;
  Timer readable_;
  Timer deadline_;
  Timer life_;
  std::optional<std::int64_t> wanted_ms_;
  bool closing_ = false;  // the session is over: write what is queued, then close
  bool gone_ = false;     // the socket is
  bool held_ = false;     // no frame is wanted now
  bool pinging_ = false;
  std::shared_ptr<Conversation> talk_;
  std::function<void()> ended_;
};

}  // namespace

std::shared_ptr<OpenSocket> serve_socket(asio::io_context& context, int socket,
                                         ConversationHost& host, const SocketOptions& options,
                                         std::function<void()> ended) {
  error_code ignored;
  asio::ip::tcp::socket tcp(context);
  tcp.assign(asio::ip::tcp::v4(), socket, ignored);
  tcp.set_option(asio::ip::tcp::no_delay(true), ignored);
  auto link = std::make_shared<WebSocketLink>(std::move(tcp), host, options, std::move(ended));
  link->run();
  return link;
}

}  // namespace doorstep
