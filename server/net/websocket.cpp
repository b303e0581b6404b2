#include "server/net/websocket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <chrono>
#include <list>
#include <optional>
#include <utility>

#include "engine/wire/caller_header.hpp"
#include "server/net/peer_life.hpp"

namespace doorstep {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t http_header_bytes_max = 8192;
// What one quiet connection holds, a hub of ten thousand phones holds ten thousand times: buffers
// go when a message is over, coroutines when there is nothing to write, and one timer of the server
// looks after all. Measured: 16.7 KiB each with four coroutines and timers, see
// docs/performance.md.
constexpr std::size_t buffer_bytes_kept = 256;
constexpr std::size_t waiting_bytes = 256;
constexpr std::size_t read_bytes_min = std::size_t{64} << 10;  // then as much again as has come

// Plain or TLS behind one type, so that the WebSocket code is compiled once.
class LinkStream {
 public:
  using executor_type = asio::ip::tcp::socket::executor_type;
  using next_layer_type = asio::ip::tcp::socket;

  LinkStream(asio::ip::tcp::socket socket, asio::ssl::context* tls) : tcp_(std::move(socket)) {
    if (tls != nullptr) tls_.emplace(tcp_, *tls);
  }

  executor_type get_executor() noexcept { return tcp_.get_executor(); }
  next_layer_type& next_layer() noexcept { return tcp_; }
  const next_layer_type& next_layer() const noexcept { return tcp_; }
  asio::ssl::stream<asio::ip::tcp::socket&>* tls() { return tls_ ? &*tls_ : nullptr; }

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
  asio::ip::tcp::socket tcp_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
};

// Found by Beast when the closing handshake is over.
template <class Handler>
void async_teardown(beast::role_type role, LinkStream& stream, Handler&& handler) {
  if (auto* tls = stream.tls()) {
    tls->async_shutdown(std::forward<Handler>(handler));
  } else {
    websocket::async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
  }
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
  WebSocketLink(asio::ip::tcp::socket socket, ConversationHost& host, const SocketOptions& options,
                std::function<void()> ended)
      : host_(host),
        options_(options),
        peer_(peer_name(socket)),
        stream_(std::move(socket), options_.tls),
        since_(Clock::now()),
        ended_(std::move(ended)) {}

  void run() {
    spawn([](std::shared_ptr<WebSocketLink> self) { return self->serve(); });
  }

  void send(Bytes frame) override {
    if (closing_) return;
    queued_bytes_ += frame.size();
    queue_.push_back(std::move(frame));
    write();
  }
  void close() override {
    closing_ = true;
    write();
    look_again();
  }
  void hold(bool held) override {
    held_ = held;
    look_again();
  }
  void wake_at(std::optional<std::int64_t> deadline_ms) override { wanted_ms_ = deadline_ms; }
  void stop() override {
    if (!talk_) abort();
  }
  void abort() override {
    error_code ignored;
    beast::get_lowest_layer(stream_).close(ignored);
  }

  void look_after() override {
    if (gone_) return;
    if (!talk_) {
      if (elapsed_ms() >= options_.handshake_ms) abort();
      return;
    }
    if (wanted_ms_ && !closing_ && host_.now_ms() >= *wanted_ms_) {
      wanted_ms_.reset();
      talk_->tick();
    }
    if (Clock::now() >= last_moment_) return abort();
    if (!gone_ && elapsed_ms() >= options_.ping_after_ms) watch_life();
  }

 private:
  using Clock = std::chrono::steady_clock;
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

  // A timer that nothing ends but look_again(): the condition variable of one thread.
  asio::awaitable<void> wait_for_change() {
    readable_.emplace(stream_.get_executor(), Timer::time_point::max());
    co_await readable_->async_wait(no_throw);
    readable_.reset();
  }
  void look_again() {
    if (readable_) readable_->cancel();
  }

  // Ends when the talk begins, so that a quiet connection does not keep what the handshake needed.
  asio::awaitable<void> serve() {
    if (!co_await shake_hands()) {
      over();
      co_return;
    }
    since_ = Clock::now();
    buffer_.clear();
    buffer_.shrink_to_fit();
    talk_ = host_.start(*this, options_.binding, peer_, std::exchange(caller_, {}));
    spawn([](std::shared_ptr<WebSocketLink> self) { return self->read_frames(); });
  }

  void over() {
    gone_ = true;
    if (ended_) std::exchange(ended_, nullptr)();
  }

  /// True when a WebSocket is open; otherwise the connection is done with.
  asio::awaitable<bool> shake_hands() {
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
    caller_ = parser.get()[caller_header];
    co_return co_await accept_websocket(parser.release());
  }

  asio::awaitable<bool> accept_websocket(http::request<http::empty_body> request) {
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = websocket::stream_base::none();  // look_after() does that
    timeout.idle_timeout = websocket::stream_base::none();       // and watch_life() knows better
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
    beast::get_lowest_layer(stream_).shutdown(asio::socket_base::shutdown_send, ignored);
  }

  // A small buffer waits for the next message. A long one gets what it has shown to need: a header
  // may say any length.
  [[nodiscard]] std::size_t room() const {
    if (buffer_.size() == 0) return waiting_bytes;
    const std::size_t allowed = talk_->frame_bytes_max() + 1 - buffer_.size();
    return std::min(allowed, std::max(buffer_.size(), read_bytes_min));
  }

  asio::awaitable<void> read_frames() {
    while (true) {
      const auto [failed, size] = co_await stream_.async_read_some(buffer_, room(), no_throw);
      if (failed) {
        talk_->ended(failed.message());
        over();
        co_return;
      }
      if (closing_) {
        buffer_.clear();  // what still comes until the closing handshake is over has no reader
        continue;
      }
      const bool too_large = buffer_.size() > talk_->frame_bytes_max();
      if (too_large || stream_.got_text()) {
        cut_ = !stream_.is_message_done();
        talk_->refuse(too_large ? BadFrame::too_large : BadFrame::text);
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
        co_await wait_for_change();
      }
    }
  }

  void write() {
    if (writing_ || gone_) return;
    writing_ = true;
    spawn([](std::shared_ptr<WebSocketLink> self) { return self->write_frames(); });
  }

  asio::awaitable<void> write_frames() {
    while (!gone_ && !queue_.empty()) {
      const Bytes frame = std::move(queue_.front());
      queue_.pop_front();
      const auto [failed, size] =
          co_await stream_.async_write(asio::buffer(frame.data(), frame.size()), no_throw);
      queued_bytes_ -= frame.size();
      look_again();
      if (failed) {
        closing_ = true;
        abort();
        co_return;
      }
    }
    if (!gone_ && closing_) co_await end_writing();
    writing_ = false;
  }

  // The answer to a close would stand behind the rest of a frame that was refused.
  asio::awaitable<void> end_writing() {
    last_moment_ = Clock::now() + std::chrono::milliseconds(options_.closing_ms);
    if (cut_) {
      error_code ignored;
      beast::get_lowest_layer(stream_).shutdown(asio::socket_base::shutdown_send, ignored);
    } else {
      co_await stream_.async_close(websocket::close_code::normal, no_throw);
    }
  }

  [[nodiscard]] std::int64_t elapsed_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since_).count();
  }

  void watch_life() {
    since_ = Clock::now();
    const std::int64_t quiet = quiet_ms(beast::get_lowest_layer(stream_).native_handle());
    if (quiet >= options_.answer_ms) return abort();
    // Not awaited here: a ping waits its turn behind a frame that may never leave.
    if (quiet >= options_.ping_after_ms && !pinging_ && !closing_) {
      spawn([](std::shared_ptr<WebSocketLink> self) { return self->ping(); });
    }
  }

  asio::awaitable<void> ping() {
    pinging_ = true;
    co_await stream_.async_ping({}, no_throw);
    pinging_ = false;
  }

  ConversationHost& host_;
  const SocketOptions& options_;
  std::string peer_;
  std::string caller_;  // until the talk begins
  websocket::stream<LinkStream, false>
      stream_;  // no permessage-deflate: frames are compressed inside
  beast::flat_buffer buffer_;
  std::list<Bytes> queue_;        // a deque takes half a KiB while it is empty
  std::size_t queued_bytes_ = 0;  // with the frame that is being written
  std::optional<Timer> readable_;
  Clock::time_point since_;  // the connection, then the last look at whether the peer lives
  Clock::time_point last_moment_ = Clock::time_point::max();  // of a closing that does not end
  std::optional<std::int64_t> wanted_ms_;
  bool closing_ = false;  // the session is over: write what is queued, then close
  bool cut_ = false;      // within a frame that was refused
  bool gone_ = false;     // the socket is
  bool held_ = false;     // no frame is wanted now
  bool pinging_ = false;
  bool writing_ = false;
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
