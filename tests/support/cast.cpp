#include "tests/support/cast.hpp"

#include <signal.h>

#include "tests/support/paths.hpp"

namespace doorstep::test {
namespace {

std::string binary(const std::string& name) { return (bin_dir() / name).string(); }

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

std::string plain_read(const std::string& file, const std::string& select) {
  return trimmed(run({"sqlite3", "-readonly", "-cmd", ".timeout 5000", file, select}).out);
}

Json last_json(const Finished& finished) {
  const auto lines = json_lines(finished.out);
  return lines.empty() ? Json("{}") : lines.back();
}

TownshipHub::TownshipHub(std::string folder, const std::string& schema_file)
    : folder_(std::move(folder)) {
  std::vector<std::string> arguments{"init", "--name", "桥江镇"};
  if (!schema_file.empty()) arguments.insert(arguments.end(), {"--schema", schema_file});
  made_ = command(arguments);
}

Finished TownshipHub::command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), binary("doorstepd"));
  arguments.insert(arguments.end(), {"--data", folder_});
  return run(arguments);
}

void TownshipHub::serve(const std::vector<std::string>& more) {
  std::vector<std::string> arguments{binary("doorstepd"), "serve", "--data", folder_, "--json",
                                     "--listen"};
  const auto port = url_.rfind(':');
  arguments.push_back(url_.empty() ? "127.0.0.1:0" : "127.0.0.1" + url_.substr(port));
  arguments.insert(arguments.end(), more.begin(), more.end());
  process_ = std::make_unique<Process>(Process::start(arguments, folder_ + "/log"));
  const auto line = process_->read_line();
  url_ = Json(line.value_or("{}")).text("listening");
}

void TownshipHub::stop() {
  if (process_) {
    process_->signal(SIGTERM);
    process_->wait();
  }
}

void TownshipHub::kill() {
  if (process_) {
    process_->signal(SIGKILL);
    process_->wait();
  }
}

std::string TownshipHub::enrol(const std::string& name, const std::string& scopes,
                               const std::string& role) const {
  const auto done = command({"enrol", "--scope", scopes, "--role", role, "--name", name, "--json"});
  return last_json(done).text("code");
}

Phone::Phone(std::string file, std::string name, std::int64_t clock_error_ms)
    : file_(std::move(file)), name_(std::move(name)) {
  if (clock_error_ms != 0) environment_["DOORSTEP_WALL_OFFSET_MS"] = std::to_string(clock_error_ms);
}

Finished Phone::enrol(const TownshipHub& hub, const std::string& code) const {
  return command({"init", "--server", hub.url(), "--code", code, "--json"});
}

Finished Phone::command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), binary("doorstep"));
  arguments.insert(arguments.end(), {"--db", file_});
  return run(arguments, environment_);
}

Process Phone::start(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), binary("doorstep"));
  arguments.insert(arguments.end(), {"--db", file_});
  return Process::start(arguments, file_ + ".log", environment_);
}

Json Phone::status() const { return last_json(command({"status", "--json"})); }

std::vector<Json> Phone::conflicts() const {
  return json_lines(command({"conflicts", "--json"}).out);
}

std::string Phone::read(const std::string& select) const { return plain_read(file_, select); }

}  // namespace doorstep::test
