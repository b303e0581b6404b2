#include "tests/bench/link_proxy.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <functional>

namespace doorstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t chunk_bytes = 65'536;

/// What is on its way: each piece arrives when its time has come, never before one sent earlier.
class Road {
 public:
  explicit Road(std::int64_t one_way_ms) : one_way_(one_way_ms) {}

  void send(ByteView bytes) {
    const std::lock_guard lock(mutex_);
    pieces_.push_back({Clock::now() + one_way_, Bytes(bytes.begin(), bytes.end())});
    changed_.notify_one();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    pieces_.push_back({Clock::now() + one_way_, {}});
    changed_.notify_one();
  }
  /// The next piece when it arrives; empty: the end.
  [[nodiscard]] Bytes receive() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !pieces_.empty(); });
    const Clock::time_point due = pieces_.front().due;
    while (Clock::now() < due) changed_.wait_until(lock, due);
    Bytes bytes = std::move(pieces_.front().bytes);
    pieces_.pop_front();
    return bytes;
  }

 private:
  struct Piece {
    Clock::time_point due;
    Bytes bytes;
  };
  std::chrono::milliseconds one_way_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> pieces_;
};

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

}  // namespace

struct LinkProxy::Connection {
  Socket phone;
  Socket hub;
  std::thread up;
  std::thread down;
};

LinkProxy::LinkProxy(std::uint16_t port, std::int64_t one_way_ms)
    : hub_port_(port), one_way_ms_(one_way_ms), listener_(Socket::listener()) {
  accepting_ = std::thread([this] { serve(); });
}

LinkProxy::LinkProxy(const std::string& hub_url, std::int64_t one_way_ms)
    : LinkProxy(port_of(hub_url), one_way_ms) {
  url_ = hub_url.substr(0, hub_url.rfind(':') + 1) + std::to_string(port());
}

LinkProxy::~LinkProxy() {
  listener_.shut_down();
  accepting_.join();
  for (const auto& connection : connections_) {
    connection->phone.shut_down();
    connection->hub.shut_down();
    connection->up.join();
    connection->down.join();
  }
}

WireBytes LinkProxy::counted() const {
  const std::lock_guard lock(mutex_);
  return counted_;
}

void LinkProxy::forget_counts() {
  const std::lock_guard lock(mutex_);
  counted_ = {};
  closed_ = 0;
}

bool LinkProxy::await_up(std::uint64_t bytes) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return counted_.up >= bytes || closed_ > 0; });
  return counted_.up >= bytes;
}

void LinkProxy::await_quiet() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return open_pumps_ == 0; });
}

void LinkProxy::serve() {
  for (;;) {
    Socket phone = listener_.accept();
    if (!phone.open()) return;
    auto connection = std::make_unique<Connection>();
    connection->phone = std::move(phone);
    connection->hub = Socket::connected_to(hub_port_);
    {
      const std::lock_guard lock(mutex_);
      open_pumps_ += 2;
    }
    Connection& made = *connection;
    connections_.push_back(std::move(connection));
    made.up = std::thread([this, &made] { pump(made, true); });
    made.down = std::thread([this, &made] { pump(made, false); });
  }
}

void LinkProxy::count(std::size_t bytes, bool up) {
  const std::lock_guard lock(mutex_);
  (up ? counted_.up : counted_.down) += bytes;
  changed_.notify_all();
}

void LinkProxy::pump(Connection& connection, bool up) {
  const Socket& from = up ? connection.phone : connection.hub;
  const Socket& to = up ? connection.hub : connection.phone;
  Road road(one_way_ms_);
  std::thread arriving;
  if (one_way_ms_ > 0) {
    arriving = std::thread([&] {
      for (Bytes bytes = road.receive(); !bytes.empty(); bytes = road.receive()) {
        if (!to.write_all(bytes)) break;
      }
      to.end_writing();
    });
  }
  Bytes chunk(chunk_bytes);
  // Upwards counts what left the phone, downwards what is handed to it: both as its side sees them.
  while (const std::size_t got = from.read(chunk.data(), chunk.size())) {
    const ByteView bytes = ByteView(chunk).first(got);
    count(got, up);
    if (one_way_ms_ > 0) {
      road.send(bytes);
    } else if (!to.write_all(bytes)) {
      break;
    }
  }
  if (one_way_ms_ > 0) {
    road.end();
    arriving.join();
  } else {
    to.end_writing();
  }
  const std::lock_guard lock(mutex_);
  --open_pumps_;
  closed_ += up ? 1U : 0U;
  changed_.notify_all();
}

}  // namespace doorstep::bench
