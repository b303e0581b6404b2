#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

extern char** environ;

namespace doorstep::test {
namespace {

std::vector<std::string> merged_environment(const Environment& added) {
  Environment all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    all[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
  }
  for (const auto& [name, value] : added) all[name] = value;
  std::vector<std::string> out;
  for (const auto& [name, value] : all) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// `out` and `err` are the child's descriptors; -1 inherits.
pid_t spawn(std::vector<std::string> command, const Environment& environment, int out, int err) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  if (err >= 0) posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  sigset_t none{};
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  auto variables = merged_environment(environment);
  auto arguments = pointers(command);
  auto values = pointers(variables);
  pid_t pid = -1;
  if (posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), values.data()) != 0)
    pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return pid;
}

int status_of(int raw) { return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw); }

}  // namespace

Finished run(const std::vector<std::string>& command, const Environment& environment) {
  std::array<std::array<int, 2>, 2> pipes{};
  for (auto& pipe : pipes) {
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return {127, "", "no pipe"};
  }
  const pid_t pid = spawn(command, environment, pipes[0][1], pipes[1][1]);
  ::close(pipes[0][1]);
  ::close(pipes[1][1]);
  Finished finished;
  std::array<pollfd, 2> polled{pollfd{pipes[0][0], POLLIN, 0}, pollfd{pipes[1][0], POLLIN, 0}};
  std::array<std::string*, 2> texts{&finished.out, &finished.err};
  for (int open = 2; open > 0;) {
    ::poll(polled.data(), polled.size(), -1);
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      std::array<char, 65536> part{};
      const ssize_t size = ::read(polled[i].fd, part.data(), part.size());
      if (size > 0) {
        texts[i]->append(part.data(), static_cast<std::size_t>(size));
      } else {
        polled[i].fd = -1;
        --open;
      }
    }
  }
  ::close(pipes[0][0]);
  ::close(pipes[1][0]);
  int raw = 0;
  finished.status = pid > 0 && ::waitpid(pid, &raw, 0) == pid ? status_of(raw) : 127;
  return finished;
}

Process Process::start(const std::vector<std::string>& command, const std::string& error_file,
                       const Environment& environment) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return {-1, -1};
  int err = -1;
  if (!error_file.empty())
    err = ::open(error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t pid = spawn(command, environment, pipe[1], err);
  ::close(pipe[1]);
  if (err >= 0) ::close(err);
  return {pid, pipe[0]};
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::exchange(other.out_, -1)),
      buffer_(std::move(other.buffer_)),
      status_(std::exchange(other.status_, std::nullopt)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(out_, other.out_);
  std::swap(buffer_, other.buffer_);
  std::swap(status_, other.status_);
  return *this;
}

Process::~Process() {
  if (pid_ > 0 && !status_) {
    signal(SIGKILL);
    wait();
  }
  if (out_ >= 0) ::close(out_);
}

std::optional<std::string> Process::read_line() {
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> part{};
    const ssize_t size = ::read(out_, part.data(), part.size());
    if (size <= 0) return std::nullopt;
    buffer_.append(part.data(), static_cast<std::size_t>(size));
  }
}

void Process::signal(int number) const {
  if (pid_ > 0 && !status_) ::kill(pid_, number);
}

int Process::wait() {
  if (!status_) {
    int raw = 0;
    status_ = pid_ > 0 && ::waitpid(pid_, &raw, 0) == pid_ ? status_of(raw) : 127;
  }
  return *status_;
}

bool Process::running() {
  if (status_ || pid_ <= 0) return false;
  int raw = 0;
  if (::waitpid(pid_, &raw, WNOHANG) == pid_) status_ = status_of(raw);
  return !status_;
}

ScratchFolder::ScratchFolder(const std::string& name, bool keep) : keep_(keep) {
  std::string pattern =
      (std::filesystem::temp_directory_path() / ("doorstep-" + name + "-XXXXXX")).string();
  path_ = ::mkdtemp(pattern.data()) != nullptr ? pattern : "";
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!keep_ && !path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace doorstep::test
