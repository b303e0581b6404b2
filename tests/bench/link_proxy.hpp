// What stands between a phone and a hub when bytes are counted or a link is slow: a relay on
// 127.0.0.1 that passes both directions on as they come, or each a while later, in order and
// without a limit on the rate.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/loopback.hpp"

namespace doorstep::bench {

/// Payload of TCP as the phone's side saw it: WebSocket handshake, frames, TLS when there is any.
struct WireBytes {
  std::uint64_t up = 0;  ///< from the phone
  std::uint64_t down = 0;

  [[nodiscard]] double both() const { return static_cast<double>(up + down); }
};

class LinkProxy {
 public:
  /// `hub_url` is what the hub listens on, "ws://127.0.0.1:PORT" or wss.
  LinkProxy(const std::string& hub_url, std::int64_t one_way_ms);
  /// To whatever listens on `port` of this machine.
  LinkProxy(std::uint16_t port, std::int64_t one_way_ms);
  ~LinkProxy();
  LinkProxy(const LinkProxy&) = delete;
  LinkProxy& operator=(const LinkProxy&) = delete;

  /// The hub, through this.
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  [[nodiscard]] WireBytes counted() const;
  void forget_counts();
  /// Waits until so many bytes came up since the counts were forgotten; false: a phone's end of
  /// a connection closed before.
  [[nodiscard]] bool await_up(std::uint64_t bytes) const;
  /// Waits until no connection is open any more.
  void await_quiet() const;

 private:
  struct Connection;
  void serve();
  void pump(Connection& connection, bool up);
  void count(std::size_t bytes, bool up);

  std::string url_;
  std::uint16_t hub_port_;
  std::int64_t one_way_ms_;
  Socket listener_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  WireBytes counted_;
  int open_pumps_ = 0;
  bool ended_ = false;
  std::uint64_t closed_ = 0;  ///< phone's ends, since the counts were forgotten
  std::vector<std::unique_ptr<Connection>> connections_;
  std::thread accepting_;
};

}  // namespace doorstep::bench
