#include "server/net/hub_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>
#include <chrono>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "engine/core/json_line.hpp"
#include "engine/core/limits.hpp"
#include "server/net/listen.hpp"
#include "server/net/tls.hpp"
#include "server/net/websocket.hpp"
#include "server/session_driver.hpp"

namespace doorstep {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
// After a failed accept (no descriptors left) the next try waits, or the loop would spin.
constexpr std::chrono::milliseconds accept_pause{100};

/// Sessions of one hub for the sockets that are accepted here.
class SessionHost final : public ConversationHost {
 public:
  explicit SessionHost(HubCore& core) : core_(core) {}

  std::shared_ptr<Conversation> start(Link& link, const Bytes& binding, const std::string& peer,
                                      std::string_view caller) override {
    return SessionDriver::start(core_, link, binding, peer, caller);
  }
  std::int64_t now_ms() const override { return core_.ports().time.now().ms; }
  void note(Trouble what, const std::string& peer, const std::string& why) override {
    switch (what) {
      case Trouble::tls_failed:
        return write(LogLevel::info, "tls_failed", peer, why);
      case Trouble::not_http:
        return write(LogLevel::debug, "not_http", peer, why);
      case Trouble::connection_failed:
        return write(LogLevel::error, "connection_failed", peer, why);
    }
  }

 private:
  void write(LogLevel level, const char* event, const std::string& peer, const std::string& why) {
    core_.ports().log.write(level, event, {{"peer", peer}, {"what", why}});
  }
  HubCore& core_;
};

}  // namespace

Result<ListenOptions> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto wrong = [&] {
    return error(ErrorCode::usage, "--listen " + std::string(text) + ": give HOST:PORT");
  };
  if (colon == std::string_view::npos || colon == 0) return wrong();
  ListenOptions options;
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string_view port = text.substr(colon + 1);
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (host.empty() || failed != std::errc{} || end != port.data() + port.size()) return wrong();
  options.host = host;
  return options;
}

struct HubServer::State {
  ListenOptions options;
  TlsServer tls;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  tcp::acceptor acceptor{io};
  asio::steady_timer pause{io};
  asio::steady_timer last_call{io};
  asio::steady_timer looking{io};
  SocketOptions each;
  std::map<std::uint64_t, std::weak_ptr<OpenSocket>> sockets;
  std::uint64_t last_socket = 0;
  bool stopping = false;
  std::string url;
  std::unique_ptr<HubCore> core;
  std::unique_ptr<SessionHost> sessions;
  std::thread thread;

  explicit State(ListenOptions the_options) : options(std::move(the_options)) {}

  [[nodiscard]] Status listen();
  void set_options();
  asio::awaitable<void> accept();
  asio::awaitable<void> look_after();
  void take(tcp::socket socket);
  void ended(std::uint64_t number);
  void run();
  void stop_accepting();
  void close_sessions();
  [[nodiscard]] std::string health() const;
};

Status HubServer::State::listen() {
  if (!options.tls_certificate.empty() || !options.tls_key.empty()) {
    DS_ASSIGN(tls, load_tls(options.tls_certificate, options.tls_key));
  }
  DS_ASSIGN(const auto listening, listen_on(options, tls.context != nullptr));
  error_code failed;
  acceptor.assign(listening.ipv6 ? tcp::v6() : tcp::v4(), listening.descriptor, failed);
  if (failed) return error(ErrorCode::listen_failed, listening.address + ": " + failed.message());
  url = (tls.context ? "wss://" : "ws://") + listening.address;
  return {};
}

asio::awaitable<void> HubServer::State::accept() {
  while (!stopping) {
    auto [failed, socket] = co_await acceptor.async_accept(no_throw);
    if (stopping) co_return;
    if (failed) {
      core->ports().log.write(LogLevel::warning, "accept_failed", {{"what", failed.message()}});
      pause.expires_after(accept_pause);
      co_await pause.async_wait(no_throw);
    } else {
      take(std::move(socket));
    }
  }
}

void HubServer::State::take(tcp::socket socket) {
  if (sockets.size() >= options.connections_max) {
    core->ports().log.write(LogLevel::warning, "connections_max",
                            {{"connections", std::to_string(sockets.size())}});
    return;  // the socket closes
  }
  error_code failed;
  const int descriptor = socket.release(failed);
  if (failed) return;
  const std::uint64_t number = ++last_socket;
  sockets[number] =
      serve_socket(io, descriptor, *sessions, each, [this, number] { ended(number); });
}

void HubServer::State::set_options() {
  each.tls = tls.context.get();
  each.binding = tls.binding;
  each.handshake_ms = options.handshake_ms;
  each.ping_after_ms = limits::idle_ping_ms;
  each.answer_ms = limits::answer_ms_max;
  each.closing_ms = options.closing_ms;
  each.queue_bytes = limits::send_queue_bytes_target;
  each.health = [this] { return health(); };
}

// One timer for all connections: a timer of its own costs each of them a coroutine.
asio::awaitable<void> HubServer::State::look_after() {
  while (!stopping) {
    looking.expires_after(std::chrono::milliseconds(limits::look_after_ms));
    co_await looking.async_wait(no_throw);
    core->look_after();
    std::vector<std::shared_ptr<OpenSocket>> open;  // one that ends is taken out of the map
    open.reserve(sockets.size());
    for (const auto& [number, socket] : sockets) open.push_back(socket.lock());
    for (const auto& socket : open) {
      if (socket) socket->look_after();
    }
  }
}

void HubServer::State::ended(std::uint64_t number) {
  sockets.erase(number);
  if (stopping && sockets.empty()) last_call.cancel();
}

std::string HubServer::State::health() const {
  const HubIdentity& hub = core->ports().store.identity();
  return JsonLine()
      .text("status", stopping ? "stopping" : "ok")
      .text("hub", hub.id.hex())
      .text("name", hub.name)
      .number("connections", static_cast<std::uint64_t>(core->connections()))
      .done();
}

// A handler that throws ends itself, not the hub.
void HubServer::State::run() {
  while (true) {
    try {
      io.run();
      return;
    } catch (const std::exception& e) {
      core->ports().log.write(LogLevel::error, "handler_failed", {{"what", e.what()}});
    }
  }
}

void HubServer::State::stop_accepting() {
  stopping = true;
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  looking.cancel();
}

void HubServer::State::close_sessions() {
  core->shut_down_sessions();
  const auto open = sockets;  // stop() may end one, which takes it out of the map
  for (const auto& [number, socket] : open) {
    if (const auto here = socket.lock()) here->stop();
  }
  work.reset();
  const auto cut = [this](error_code) {
    const auto left = sockets;
    for (const auto& [number, socket] : left) {
      if (const auto here = socket.lock()) here->abort();
    }
  };
  if (sockets.empty()) return;
  last_call.expires_after(std::chrono::milliseconds(limits::stop_ms_max));
  last_call.async_wait(cut);
}

HubServer::HubServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<HubServer>> HubServer::start(HubCore::Ports ports,
                                                    const ListenOptions& options) {
  auto state = std::make_unique<State>(options);
  DS_TRY(state->listen());
  State* here = state.get();
  state->set_options();
  state->core = std::make_unique<HubCore>(std::move(ports), [here](std::function<void()> work) {
    asio::post(here->io, std::move(work));
  });
  state->sessions = std::make_unique<SessionHost>(*state->core);
  const auto accepting_failed = [here](const std::exception_ptr& thrown) {
    if (thrown) here->core->ports().log.write(LogLevel::error, "accept_ended", {});
  };
  asio::co_spawn(state->io, state->accept(), accepting_failed);
  asio::co_spawn(state->io, state->look_after(), accepting_failed);
  state->thread = std::thread([here] { here->run(); });
  return std::unique_ptr<HubServer>(new HubServer(std::move(state)));
}

HubServer::~HubServer() { stop(); }

const std::string& HubServer::url() const { return state_->url; }

void HubServer::stop() {
  State& state = *state_;
  if (!state.thread.joinable()) return;
  asio::post(state.io, [&state] { state.stop_accepting(); });
  state.core->finish_work();
  asio::post(state.io, [&state] { state.close_sessions(); });
  state.thread.join();
}

}  // namespace doorstep
