#include "server/net/console_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <list>
#include <map>
#include <thread>
#include <utility>

#include "server/console/answers.hpp"
#include "server/console/error_answer.hpp"
#include "server/console/gate.hpp"
#include "server/console/news.hpp"
#include "server/console/static_files.hpp"
#include "server/net/http_socket.hpp"
#include "server/net/listen.hpp"
#include "server/net/tls.hpp"

namespace doorstep {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using console::ConsoleAnswer;
using console::ConsolePorts;
using console::ConsoleWorker;

constexpr auto as_results = asio::as_tuple(asio::use_awaitable);
// After a failed accept (no descriptors left) the next try waits, or the loop would spin.
constexpr std::chrono::milliseconds console_accept_pause{100};

std::string event_text(const std::string& json) { return "event: hub\ndata: " + json + "\n\n"; }

/// A page that listens.
struct Listener {
  std::shared_ptr<EventStream> events;
  std::string session;
  std::int64_t quiet_ms = 0;
};

}  // namespace

struct ConsoleServer::State final : HttpHost {
  ConsoleOptions options;
  console::ConsoleShared shared;
  TlsServer tls;
  console::Gate gate;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  tcp::acceptor acceptor{io};
  asio::steady_timer pause{io};
  asio::steady_timer beat{io};
  std::map<std::uint64_t, std::weak_ptr<OpenHttpSocket>> sockets;
  std::uint64_t last_socket = 0;
  std::list<Listener> listeners;
  std::string news_said;
  bool looking = false;
  bool counting = false;
  std::int64_t since_count_ms = 0;
  bool stopping = false;
  std::string url;
  console::News news;  // the quick worker's
  std::unique_ptr<ConsoleWorker> quick;
  std::unique_ptr<ConsoleWorker> slow;
  std::thread thread;

  State(const console::ConsoleShared& the_shared, const ConsoleOptions& the_options)
      : options(the_options),
        shared(the_shared),
        gate(shared.accounts, shared.time, options.host_names,
             !options.listen.tls_certificate.empty()) {}

  [[nodiscard]] Status listen();
  asio::awaitable<void> accept();
  asio::awaitable<void> watch();
  void take(tcp::socket socket);
  void run();

  void answer(HttpCall call, std::function<void(HttpReply)> done) override;
  HttpReply refusal(unsigned status) override;
  void failed(const std::string& peer, const std::string& what) override;

  void admitted(console::Admitted admitted, std::function<void(HttpReply)> done);
  [[nodiscard]] HttpReply begin_stream(const std::string& first, std::string session);
  void count_work();
  void look_for_news();
  void tell(const std::string& json);
  [[nodiscard]] bool still_signed_in(const Listener& listener);
};

Status ConsoleServer::State::listen() {
  const ListenOptions& wanted = options.listen;
  if (!wanted.tls_certificate.empty() || !wanted.tls_key.empty()) {
    DS_ASSIGN(tls, load_tls(wanted.tls_certificate, wanted.tls_key));
  }
  DS_ASSIGN(const auto listening, listen_on(wanted, tls.context != nullptr));
  error_code failed;
  acceptor.assign(listening.ipv6 ? tcp::v6() : tcp::v4(), listening.descriptor, failed);
  if (failed) return error(ErrorCode::listen_failed, listening.address + ": " + failed.message());
  url = (tls.context ? "https://" : "http://") + listening.address;
  return {};
}

asio::awaitable<void> ConsoleServer::State::accept() {
  while (!stopping) {
    auto [failed, socket] = co_await acceptor.async_accept(as_results);
    if (stopping) co_return;
    if (failed) {
      shared.log.write(LogLevel::warning, "console_accept_failed", {{"what", failed.message()}});
      pause.expires_after(console_accept_pause);
      co_await pause.async_wait(as_results);
    } else {
      take(std::move(socket));
    }
  }
}

void ConsoleServer::State::take(tcp::socket socket) {
  if (sockets.size() >= limits::console_connections_max) return;  // the socket closes
  error_code failed;
  const int descriptor = socket.release(failed);
  if (failed) return;
  HttpSocketOptions each;
  each.tls = tls.context.get();
  each.header_bytes_max = limits::console_header_bytes_max;
  each.body_bytes_max = limits::console_body_bytes_max;
  each.request_ms_max = limits::console_request_ms_max;
  each.idle_ms_max = limits::console_idle_ms_max;
  const std::uint64_t number = ++last_socket;
  sockets[number] =
      serve_http(io, descriptor, *this, each, [this, number] { sockets.erase(number); });
}

// A handler that throws ends itself, not the console.
void ConsoleServer::State::run() {
  while (true) {
    try {
      io.run();
      return;
    } catch (const std::exception& e) {
      shared.log.write(LogLevel::error, "console_handler_failed", {{"what", e.what()}});
    }
  }
}

HttpReply ConsoleServer::State::refusal(unsigned status) {
  const ErrorCode code = status == 400 ? ErrorCode::malformed : ErrorCode::message_too_large;
  ConsoleAnswer refused = console::error_answer(error(code, "HTTP"), Language::chinese);
  refused.status = status;
  return console::reply_of(std::move(refused));
}

void ConsoleServer::State::failed(const std::string& peer, const std::string& what) {
  shared.log.write(LogLevel::error, "console_connection_failed", {{"peer", peer}, {"what", what}});
}

void ConsoleServer::State::answer(HttpCall call, std::function<void(HttpReply)> done) {
  if (!call.target.starts_with("/api/")) {
    if (gate.knows_host(call.host)) return done(console::file_reply(options.files, call));
    return done(console::reply_of(
        console::error_answer(error(ErrorCode::foreign_request, "Host: " + call.host),
                              console::language_of(call.accept_language))));
  }
  auto entry = gate.admit(call);
  if (auto* refused = std::get_if<ConsoleAnswer>(&entry)) {
    return done(console::reply_of(std::move(*refused)));
  }
  admitted(std::move(std::get<console::Admitted>(entry)), std::move(done));
}

void ConsoleServer::State::admitted(console::Admitted admitted,
                                    std::function<void(HttpReply)> done) {
  const console::ConsoleRoute& route = *admitted.route;
  const Language language = admitted.request.language;
  const bool streams = route.pace == console::Pace::stream;
  if (streams && listeners.size() >= limits::console_streams_max) {
    return done(console::reply_of(console::error_answer(error(ErrorCode::hub_busy), language)));
  }
  ConsoleWorker& worker = route.pace == console::Pace::slow ? *slow : *quick;
  auto request = std::make_shared<console::ConsoleRequest>(std::move(admitted.request));
  auto job = [this, &route, streams, request, done](ConsolePorts& ports) {
    console::ConsoleCall call{*request, ports};
    auto said = std::make_shared<ConsoleAnswer>(console::run_route(route, call));
    if (request->person && request->person->renewed) {
      said->headers.emplace_back("Set-Cookie",
                                 console::session_cookie(request->session, request->secure));
    }
    asio::post(io, [this, streams, request, said, done] {
      if (streams && said->status == 200) return done(begin_stream(said->body, request->session));
      done(console::reply_of(std::move(*said)));
    });
  };
  if (!worker.post(std::move(job))) {
    done(console::reply_of(console::error_answer(error(ErrorCode::hub_busy), language)));
  }
}

HttpReply ConsoleServer::State::begin_stream(const std::string& first, std::string session) {
  ConsoleAnswer answer;
  answer.type = "text/event-stream";
  answer.body = event_text(first);
  HttpReply reply = console::reply_of(std::move(answer));
  reply.events = std::make_shared<EventStream>();
  // What the others were told last may be older.
  if (listeners.empty()) news_said = first;
  listeners.push_back({reply.events, std::move(session), 0});
  return reply;
}

asio::awaitable<void> ConsoleServer::State::watch() {
  while (!stopping) {
    beat.expires_after(std::chrono::milliseconds(options.event_ms));
    co_await beat.async_wait(as_results);
    if (stopping) co_return;
    std::erase_if(listeners, [](const Listener& one) { return one.events->ended(); });
    for (Listener& listener : listeners) {
      listener.quiet_ms += options.event_ms;
      if (!still_signed_in(listener)) {
        listener.events->end();
      } else if (listener.quiet_ms >= limits::console_heartbeat_ms) {
        listener.events->push(": \n\n");
        listener.quiet_ms = 0;
      }
    }
    if (listeners.empty()) continue;
    if (!looking) look_for_news();
    since_count_ms += options.event_ms;
    if (!counting && since_count_ms >= limits::console_overview_ms) count_work();
  }
}

bool ConsoleServer::State::still_signed_in(const Listener& listener) {
  const auto person =
      shared.accounts.find(listener.session, shared.time.now(), console::Accounts::Use::look);
  return person.ok() && person.value().has_value();
}

// A few villages at a time, so that other questions come in between; before anybody asks, and while
// pages are open.
void ConsoleServer::State::count_work() {
  since_count_ms = 0;
  counting = slow->post([this](ConsolePorts& ports) {
    const Status done = console::count_some_work(ports);
    if (!done) {
      shared.log.write(LogLevel::warning, "console_count_failed", {{"what", done.error().text()}});
    }
    asio::post(io, [this, more = done.ok() && ports.work.left() > 0] {
      counting = false;
      if (more && !stopping) count_work();
    });
  });
}

void ConsoleServer::State::look_for_news() {
  looking = quick->post([this](ConsolePorts& ports) {
    auto found = news.read(ports);
    asio::post(io, [this, said = std::move(found)] {
      looking = false;
      if (!said) {
        shared.log.write(LogLevel::warning, "console_news_failed", {{"what", said.error().text()}});
      } else if (said.value() != news_said) {
        tell(said.value());
      }
    });
  });
}

void ConsoleServer::State::tell(const std::string& json) {
  news_said = json;
  for (Listener& listener : listeners) {
    listener.events->push(event_text(json));
    listener.quiet_ms = 0;
  }
}

ConsoleServer::ConsoleServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<ConsoleServer>> ConsoleServer::start(const std::filesystem::path& dir,
                                                            const console::ConsoleShared& shared,
                                                            const ConsoleOptions& options) {
  auto state = std::make_unique<State>(shared, options);
  DS_TRY(state->listen());
  DS_ASSIGN(state->quick, ConsoleWorker::start(dir, shared));
  DS_ASSIGN(state->slow, ConsoleWorker::start(dir, shared));
  State* here = state.get();
  const auto ended = [here](const std::exception_ptr& thrown) {
    if (thrown) here->shared.log.write(LogLevel::error, "console_loop_ended", {});
  };
  asio::co_spawn(state->io, state->accept(), ended);
  asio::co_spawn(state->io, state->watch(), ended);
  state->count_work();
  state->thread = std::thread([here] { here->run(); });
  return std::unique_ptr<ConsoleServer>(new ConsoleServer(std::move(state)));
}

ConsoleServer::~ConsoleServer() { stop(); }

const std::string& ConsoleServer::url() const { return state_->url; }

void ConsoleServer::stop() {
  State& state = *state_;
  if (!state.thread.joinable()) return;
  state.quick->stop();
  state.slow->stop();
  asio::post(state.io, [&state] {
    state.stopping = true;
    error_code ignored;
    state.acceptor.close(ignored);
    state.pause.cancel();
    state.beat.cancel();
    const auto open = state.sockets;  // abort() may end one, which takes it out of the map
    for (const auto& [number, socket] : open) {
      if (const auto here = socket.lock()) here->abort();
    }
    state.work.reset();
  });
  state.thread.join();
}

}  // namespace doorstep
