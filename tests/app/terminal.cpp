#include "tests/app/terminal.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <sstream>

namespace doorstep::test {
namespace {

constexpr int wait_at_most_ms = 60'000;

// For sh, which starts the program.
std::string quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

Terminal::Terminal(const std::string& where, const std::vector<std::string>& command,
                   const Environment& environment)
    : socket_(where + "/tmux") {
  const std::string pipe = where + "/output";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  // Open for both, so that it has no end and nobody waits for the other side.
  output_ = ::open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(output_ >= 0);
  std::string line = "exec env";
  for (const auto& [name, value] : environment) line += " " + quoted(name + "=" + value);
  for (const std::string& word : command) line += " " + quoted(word);
  // The pane stays when the program ends, so that its last words can be read.
  const Finished made = tmux({"new-session",
                              "-d",
                              "-x",
                              "80",
                              "-y",
                              "24",
                              "cat",
                              ";",
                              "set",
                              "-g",
                              "status",
                              "off",
                              ";",
                              "set",
                              "-g",
                              "remain-on-exit",
                              "on",
                              ";",
                              "resize-window",
                              "-x",
                              "80",
                              "-y",
                              "24",
                              ";",
                              "pipe-pane",
                              "-o",
                              "exec cat >" + quoted(pipe),
                              ";",
                              "respawn-pane",
                              "-k",
                              line});
  REQUIRE_MESSAGE(made.status == 0, made.err);
}

Terminal::~Terminal() {
  static_cast<void>(tmux({"kill-server"}));
  ::close(output_);
}

Finished Terminal::tmux(std::vector<std::string> arguments) const {
  // -u: UTF-8 whatever the test's own locale is; no settings of whoever runs the test.
  std::vector<std::string> command{"tmux", "-u", "-S", socket_, "-f", "/dev/null"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command, {{"TMUX", ""}, {"LC_ALL", "C.UTF-8"}});
}

void Terminal::type(const std::string& text) const {
  REQUIRE(tmux({"send-keys", "-l", "--", text}).status == 0);
}

void Terminal::press(const std::string& key) const {
  REQUIRE(tmux({"send-keys", key}).status == 0);
}

void Terminal::answer(const std::string& line) const {
  if (!line.empty()) type(line);
  enter();
}

std::string Terminal::screen() const {
  std::string text = tmux({"capture-pane", "-p"}).out;
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

bool Terminal::wait_for_output() const {
  pollfd output{output_, POLLIN, 0};
  if (::poll(&output, 1, wait_at_most_ms) <= 0) return false;
  std::array<char, 4096> heard{};
  while (::read(output_, heard.data(), heard.size()) > 0) {
  }
  return true;
}

bool Terminal::shows(const std::string& text) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_at_most_ms);
  while (screen().find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > end || !wait_for_output()) return false;
  }
  return true;
}

std::string Terminal::line_with(const std::string& text) const {
  std::istringstream lines(screen());
  for (std::string line; std::getline(lines, line);) {
    if (line.find(text) != std::string::npos) return line;
  }
  return {};
}

}  // namespace doorstep::test
