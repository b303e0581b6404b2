#include "server/net/http_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <chrono>

namespace doorstep {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_bytes = 16'384;
constexpr std::size_t stream_bytes_max = 65'536;  // waiting for a reader that is slow
constexpr std::int64_t write_ms_max = 120'000;    // for one whole answer

using Parser = http::request_parser<http::string_body>;

std::string peer_address(const asio::ip::tcp::socket& socket) {
  error_code failed;
  const auto peer = socket.remote_endpoint(failed);
  return failed ? "unknown" : peer.address().to_string();
}

std::string text_of(beast::string_view text) { return {text.data(), text.size()}; }

HttpCall call_of(Parser& parser, const std::string& peer) {
  auto request = parser.release();
  HttpCall call;
  call.method = text_of(request.method_string());
  call.target = text_of(request.target());
  call.host = text_of(request[http::field::host]);
  if (request.count(http::field::origin) > 0) call.origin = text_of(request[http::field::origin]);
  call.content_type = text_of(request[http::field::content_type]);
  call.csrf = text_of(request["X-Doorstep-Csrf"]);
  call.cookie = text_of(request[http::field::cookie]);
  call.accept_language = text_of(request[http::field::accept_language]);
  call.if_none_match = text_of(request[http::field::if_none_match]);
  call.forwarded_proto = text_of(request["X-Forwarded-Proto"]);
  call.body = std::move(request.body());
  call.peer = peer;
  return call;
}

std::string head_of(const HttpReply& reply, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " " +
                     text_of(http::obsolete_reason(http::int_to_status(reply.status))) + "\r\n";
  for (const auto& [name, value] : reply.headers) head.append(name + ": " + value + "\r\n");
  if (reply.events) {
    head += "Connection: close\r\n\r\n";
    return head;
  }
  if (reply.status != 304) {
    const std::size_t size = reply.file.empty() ? reply.body.size() : reply.file.size();
    head += "Content-Length: " + std::to_string(size) + "\r\n";
  }
  return head + (keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

unsigned status_of(error_code failed) {
  if (failed == http::error::body_limit) return 413;
  return failed == http::error::header_limit ? 431 : 400;
}

class HttpSocket final : public OpenHttpSocket, public std::enable_shared_from_this<HttpSocket> {
 public:
  HttpSocket(asio::ip::tcp::socket socket, HttpHost& host, const HttpSocketOptions& options,
             std::function<void()> ended)
      : host_(host),
        options_(options),
        peer_(peer_address(socket)),
        tcp_(std::move(socket)),
        changed_(tcp_.get_executor()),
        ended_(std::move(ended)) {
    if (options_.tls != nullptr) tls_.emplace(tcp_, *options_.tls);
  }

  void run() {
    const auto over = [self = shared_from_this()](const std::exception_ptr& thrown) {
      self->tell(thrown);
      self->abort();
      if (self->ended_) std::exchange(self->ended_, nullptr)();
    };
    asio::co_spawn(tcp_.get_executor(), serve(shared_from_this()), over);
  }

  void abort() override {
    error_code ignored;
    tcp_.socket().close(ignored);
    gone_ = true;
    changed_.cancel();
  }

 private:
  using Timer = asio::steady_timer;

  void tell(const std::exception_ptr& thrown) {
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      host_.failed(peer_, e.what());
    } catch (...) {
      host_.failed(peer_, "unknown");
    }
  }

  void expires_after(std::int64_t ms) { tcp_.expires_after(std::chrono::milliseconds(ms)); }

  // `self` keeps the object as long as its coroutine.
  asio::awaitable<void> serve(std::shared_ptr<HttpSocket> self) {
    if (tls_) {
      self->expires_after(options_.request_ms_max);
      const auto [failed] =
          co_await tls_->async_handshake(asio::ssl::stream_base::server, no_throw);
      if (failed) co_return;
    }
    bool more = true;
    while (more && !gone_) more = co_await one_request();
    if (tls_ && !gone_) {
      self->expires_after(options_.request_ms_max);
      co_await tls_->async_shutdown(no_throw);
    }
    error_code ignored;
    tcp_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  }

  /// True when another may follow on this connection.
  asio::awaitable<bool> one_request() {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
    parser.body_limit(options_.body_bytes_max);
    parser.eager(true);
    expires_after(options_.idle_ms_max);
    const error_code failed = co_await read(parser);
    if (failed == asio::error::eof) co_return false;
    if (failed) {
      co_await write(host_.refusal(status_of(failed)), false);
      co_return false;
    }
    const bool keep_alive = parser.get().keep_alive();
    HttpCall call = call_of(parser, peer_);
    // No deadline while the host works.
    tcp_.expires_never();
    HttpReply reply = co_await ask(std::move(call));
    if (gone_) co_return false;
    const bool sent = co_await write(reply, keep_alive);
    if (!sent && reply.events) reply.events->end();
    if (!sent) co_return false;
    if (reply.events) {
      co_await stream(*reply.events);
      reply.events->end();
      reply.events->on_change({});
      co_return false;
    }
    co_return keep_alive;
  }

  /// Until one whole request is there. `eof` also for a peer that is gone or silent.
  asio::awaitable<error_code> read(Parser& parser) {
    bool begun = false;
    while (!parser.is_done()) {
      if (buffer_.size() > 0) {
        if (!std::exchange(begun, true)) expires_after(options_.request_ms_max);
        error_code failed;
        const std::size_t used = parser.put(buffer_.data(), failed);
        buffer_.consume(used);
        if (failed && failed != http::error::need_more) co_return failed;
        if (parser.is_done()) break;
        if (!failed && used > 0) continue;
      }
      if (buffer_.size() > options_.header_bytes_max) co_return http::error::header_limit;
      if (!co_await receive()) co_return asio::error::eof;
    }
    co_return error_code();
  }

  asio::awaitable<bool> receive() {
    const auto room = buffer_.prepare(read_bytes);
    if (tls_) {
      const auto [failed, size] = co_await tls_->async_read_some(room, no_throw);
      buffer_.commit(size);
      co_return !failed;
    }
    const auto [failed, size] = co_await tcp_.async_read_some(room, no_throw);
    buffer_.commit(size);
    co_return !failed;
  }

  asio::awaitable<HttpReply> ask(HttpCall call) {
    std::optional<HttpReply> got;
    host_.answer(std::move(call), [this, weak = weak_from_this(), &got](HttpReply reply) {
      // Once the coroutine has ended, `got` is gone, and this object with it or soon.
      const auto self = weak.lock();
      if (!self || self->gone_) {
        if (reply.events) reply.events->end();
        return;
      }
      got = std::move(reply);
      changed_.cancel();
    });
    while (!got && !gone_) co_await wait_for_change();
    co_return got ? std::move(*got) : HttpReply();
  }

  asio::awaitable<bool> write(const HttpReply& reply, bool keep_alive) {
    const std::string head = head_of(reply, keep_alive);
    const auto body = reply.file.empty() ? asio::buffer(reply.body)
                                         : asio::buffer(reply.file.data(), reply.file.size());
    expires_after(write_ms_max);
    co_return co_await send(std::array<asio::const_buffer, 2>{asio::buffer(head), body});
  }

  template <class Buffers>
  asio::awaitable<bool> send(Buffers buffers) {
    if (tls_) {
      const auto [failed, size] = co_await asio::async_write(*tls_, buffers, no_throw);
      co_return !failed;
    }
    const auto [failed, size] = co_await asio::async_write(tcp_, buffers, no_throw);
    co_return !failed;
  }

  asio::awaitable<void> stream(EventStream& events) {
    events.on_change([this] { changed_.cancel(); });
    while (!gone_) {
      const std::string text = events.take();
      if (!text.empty()) {
        expires_after(write_ms_max);
        const bool sent = co_await send(std::array<asio::const_buffer, 1>{asio::buffer(text)});
        if (!sent) co_return;
        tcp_.expires_never();
        continue;
      }
      if (events.ended()) co_return;
      co_await wait_for_change();
    }
  }

  // A timer that nothing ends but cancel(): the condition variable of one thread.
  asio::awaitable<void> wait_for_change() {
    changed_.expires_at(Timer::time_point::max());
    co_await changed_.async_wait(no_throw);
  }

  HttpHost& host_;
  HttpSocketOptions options_;
  std::string peer_;
  beast::tcp_stream tcp_;
  std::optional<asio::ssl::stream<beast::tcp_stream&>> tls_;
  beast::flat_buffer buffer_;
  Timer changed_;
  bool gone_ = false;
  std::function<void()> ended_;
};

}  // namespace

void EventStream::push(std::string_view text) {
  if (ended_) return;
  waiting_ += text;
  if (waiting_.size() > stream_bytes_max) ended_ = true;
  if (changed_) changed_();
}

void EventStream::end() {
  ended_ = true;
  if (changed_) changed_();
}

std::shared_ptr<OpenHttpSocket> serve_http(asio::io_context& context, int socket, HttpHost& host,
                                           const HttpSocketOptions& options,
                                           std::function<void()> ended) {
  error_code ignored;
  asio::ip::tcp::socket tcp(context);
  tcp.assign(asio::ip::tcp::v4(), socket, ignored);
  tcp.set_option(asio::ip::tcp::no_delay(true), ignored);
  auto open = std::make_shared<HttpSocket>(std::move(tcp), host, options, std::move(ended));
  open->run();
  return open;
}

}  // namespace doorstep
