// One accepted connection that speaks HTTP/1.1, plain or TLS: requests one after another as long as
// both sides want, each answered by a host; an answer may go on as a stream of events. Everything
// runs on the thread of the io_context; no exception leaves a handler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace doorstep {

struct HttpCall {
  std::string method;
  std::string target;  ///< as it was sent: path and query
  std::string host;
  std::optional<std::string> origin;
  std::string content_type;
  std::string csrf;  ///< X-Doorstep-Csrf
  std::string cookie;
  std::string accept_language;
  std::string if_none_match;
  std::string forwarded_proto;
  std::string body;
  std::string peer;  ///< the address, without the port
};

/// Text that the host adds to and the socket sends, until one of them ends it.
class EventStream {
 public:
  /// Nothing is kept of a stream that has ended; one whose reader is too slow ends.
  void push(std::string_view text);
  void end();
  [[nodiscard]] bool ended() const { return ended_; }
  /// For the socket: what is there to send, and a call whenever there is more or it ends.
  [[nodiscard]] std::string take() { return std::exchange(waiting_, {}); }
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

 private:
  std::string waiting_;
  bool ended_ = false;
  std::function<void()> changed_;
};

struct HttpReply {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  ///< all but those of the connection
  std::string body;
  std::span<const std::uint8_t> file =
      {};  ///< sent instead of `body`; lives as long as the program
  std::shared_ptr<EventStream> events = {};  ///< sent behind `body`
};

class HttpHost {
 public:
  virtual ~HttpHost() = default;
  /// Calls `done` once, on the thread of the io_context, at once or later.
  virtual void answer(HttpCall call, std::function<void(HttpReply)> done) = 0;
  /// The answer to what is no request: 400, or 413 and 431 for too much.
  [[nodiscard]] virtual HttpReply refusal(unsigned status) = 0;
  virtual void failed(const std::string& peer, const std::string& what) = 0;
};

struct HttpSocketOptions {
  boost::asio::ssl::context* tls = nullptr;  ///< null: plain
  std::size_t header_bytes_max = 0;
  std::size_t body_bytes_max = 0;
  std::int64_t request_ms_max = 0;  ///< from its first byte to its last; also for the TLS handshake
  std::int64_t idle_ms_max = 0;     ///< between requests
};

class OpenHttpSocket {
 public:
  virtual ~OpenHttpSocket() = default;
  /// Cuts the connection.
  virtual void abort() = 0;
};

/// Takes over the connected descriptor. `ended` is called once, when the connection is over; the
/// host and what `options` points at must live until then.
[[nodiscard]] std::shared_ptr<OpenHttpSocket> serve_http(boost::asio::io_context& context,
                                                         int socket, HttpHost& host,
                                                         const HttpSocketOptions& options,
                                                         std::function<void()> ended);

}  // namespace doorstep
