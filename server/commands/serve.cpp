#include <csignal>
#include <ostream>

#include <pthread.h>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/log.hpp"
#include "server/net/hub_server.hpp"
#include "server/os_random.hpp"

namespace doorstep::commands {
namespace {

// Blocks the signals that ask for an end, for this thread and all that it starts, so that only
// wait() sees them.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a closed pipe is an error of the write
  }
  ~EndSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;

  int wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
    return signal;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

}  // namespace

Status serve(const ServeOptions& options, const Terminal& terminal) {
  DS_ASSIGN(auto listen, parse_listen(options.listen));
  listen.tls_certificate = options.tls_certificate;
  listen.tls_key = options.tls_key;
  listen.insecure = options.insecure_listen;
  DS_ASSIGN(auto folder, HubFolder::open(options.data));
  DS_TRY(folder.lock_for_serving());

  const EndSignals signals;
  const auto log = make_stderr_log(options.log_json ? LogForm::json : LogForm::text,
                                   options.verbose ? LogLevel::debug : LogLevel::info);
  const SystemTime time;
  OsRandom random;
  SqliteHubStore& store = folder.store();
  const HubCore::Ports ports{store, *log, time, random,
                             [&store] { return store.changed_elsewhere(); }};
  DS_ASSIGN(const auto server, HubServer::start(ports, listen));
  if (options.json) {
    terminal.out << JsonLine().text("listening", server->url()).done() << std::endl;
  } else {
    terminal.out << "Hub " << store.identity().name << " listens on " << server->url()
                 << " (Ctrl-C stops it)" << std::endl;
  }
  log->write(LogLevel::info, "serving",
             {{"url", server->url()}, {"hub", store.identity().id.hex()}, {"data", options.data}});
  const int signal = signals.wait();
  log->write(LogLevel::info, "stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  server->stop();
  log->write(LogLevel::info, "stopped", {});
  return {};
}

}  // namespace doorstep::commands
