#include <csignal>
#include <memory>
#include <optional>
#include <ostream>

#include <pthread.h>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/log.hpp"
#include "server/net/console_server.hpp"
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

/// What the console says of itself when it is ready, and a code when nobody can sign in yet.
Status show_console(const ServeOptions& options, const Terminal& terminal, const std::string& url,
                    console::Accounts& accounts, Instant now) {
  DS_ASSIGN(const bool known, accounts.has_secretary());
  std::optional<console::SignInCode> code;
  if (!known) {
    DS_ASSIGN(code, accounts.make_code(terminal.chinese ? "文书" : "secretary",
                                       console::Role::secretary, now));
  }
  if (options.json) {
    JsonLine line;
    line.text("console", url);
    if (code) line.text("code", code->text).text("expires_at", to_rfc3339(code->expires));
    terminal.out << line.done() << std::endl;
    return {};
  }
  const bool chinese = terminal.chinese;
  terminal.out << (chinese ? "控制台：" : "The console is at ") << url << std::endl;
  if (code) {
    terminal.out << (chinese ? "还没有人能登录；第一个人用的代码（一小时内有效）："
                             : "Nobody can sign in yet; the first does, within an hour, with ")
                 << code->text << std::endl;
  } else {
    terminal.out << (chinese ? "登录用的代码：" : "Codes to sign in: ")
                 << "doorstepd console-code --data " << options.data << " --name NAME" << std::endl;
  }
  return {};
}

Result<ConsoleOptions> console_options(const ServeOptions& options) {
  ConsoleOptions console;
  DS_ASSIGN(console.listen, parse_listen(options.console));
  console.listen.tls_certificate = options.tls_certificate;
  console.listen.tls_key = options.tls_key;
  console.listen.insecure = options.insecure_listen;
  console.host_names = options.console_hosts;
  return console;
}

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
  ConnectedDevices connected;
  const HubCore::Ports ports{
      store, *log, time, random, [&store] { return store.changed_elsewhere(); }, &connected};
  DS_ASSIGN(const auto server, HubServer::start(ports, listen));
  if (options.json) {
    terminal.out << JsonLine().text("listening", server->url()).done() << std::endl;
  } else {
    terminal.out << "Hub " << store.identity().name << " listens on " << server->url()
                 << " (Ctrl-C stops it)" << std::endl;
  }
  std::unique_ptr<console::Accounts> accounts;
  std::unique_ptr<ConsoleServer> console;
  if (!options.console.empty()) {
    DS_ASSIGN(const auto wanted, console_options(options));
    DS_ASSIGN(accounts, console::Accounts::open(folder.dir(), random));
    const console::ConsoleShared shared{*accounts, *log, time, random, &connected, server->url()};
    DS_ASSIGN(console, ConsoleServer::start(folder.dir(), shared, wanted));
    DS_TRY(show_console(options, terminal, console->url(), *accounts, time.now()));
  }
  log->write(LogLevel::info, "serving",
             {{"url", server->url()}, {"hub", store.identity().id.hex()}, {"data", options.data}});
  const int signal = signals.wait();
  log->write(LogLevel::info, "stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  if (console) console->stop();
  server->stop();
  log->write(LogLevel::info, "stopped", {});
  return {};
}

}  // namespace doorstep::commands
