// doorstepd as a process: what it prints, how it ends.
#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "server/console/accounts.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "tests/support/json.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::test {
namespace {

// A child with its standard output in a pipe and the rest of it thrown away.
class Daemon {
 public:
  explicit Daemon(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), (bin_dir() / "doorstepd").string());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::array<int, 2> pipe_ends{};
    REQUIRE(pipe(pipe_ends.data()) == 0);
    out_ = pipe_ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[1]);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
    REQUIRE(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
  }
  ~Daemon() {
    close(out_);
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  std::string read_line() const {
    std::string line;
    char c = 0;
    while (read(out_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }
  void signal(int number) const { kill(pid_, number); }
  /// The exit status; 128 + the signal when that ended it.
  int wait() {
    int status = 0;
    REQUIRE(waitpid(pid_, &status, 0) == pid_);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
};

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "doorstep-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
    REQUIRE(Daemon({"init", "--data", data()}).wait() == 0);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  [[nodiscard]] std::string data() const { return (path / "hub").string(); }
};

}  // namespace

TEST_CASE("serve says where it listens, and SIGTERM or Ctrl-C stops it with status 0") {
  const Folder folder;
  for (const int number : {SIGTERM, SIGINT}) {
    Daemon hub({"serve", "--data", folder.data(), "--listen", "127.0.0.1:0", "--json"});
    CHECK(hub.read_line().starts_with("{\"listening\":\"ws://127.0.0.1:"));
    hub.signal(number);
    CHECK(hub.wait() == 0);
  }
}

TEST_CASE("a second serve on the folder ends with status 1, and the first goes on") {
  const Folder folder;
  Daemon first({"serve", "--data", folder.data(), "--listen", "127.0.0.1:0", "--json"});
  REQUIRE_FALSE(first.read_line().empty());
  Daemon second({"serve", "--data", folder.data(), "--listen", "127.0.0.1:0", "--json"});
  CHECK(second.read_line().empty());
  CHECK(second.wait() == 1);
  first.signal(SIGTERM);
  CHECK(first.wait() == 0);
}

TEST_CASE("after a SIGKILL the folder can be served again at once") {
  const Folder folder;
  Daemon killed({"serve", "--data", folder.data(), "--listen", "127.0.0.1:0", "--json"});
  REQUIRE_FALSE(killed.read_line().empty());
  killed.signal(SIGKILL);
  CHECK(killed.wait() == 128 + SIGKILL);
  Daemon next({"serve", "--data", folder.data(), "--listen", "127.0.0.1:0", "--json"});
  CHECK_FALSE(next.read_line().empty());
  next.signal(SIGTERM);
  CHECK(next.wait() == 0);
}

TEST_CASE("serve gives the first secretary a code for the console, and none once she has used it") {
  const Folder folder;
  const std::vector<std::string> serve{"serve",       "--data",    folder.data(), "--listen",
                                       "127.0.0.1:0", "--console", "127.0.0.1:0", "--json"};
  Daemon hub(serve);
  REQUIRE_FALSE(hub.read_line().empty());
  const Json first(hub.read_line());
  CHECK(first.text("console").starts_with("http://127.0.0.1:"));
  CHECK(first.has("expires_at"));
  OsRandom random;
  auto accounts = console::Accounts::open(folder.data(), random);
  REQUIRE(accounts.ok());
  const auto used = (*accounts)->sign_in(first.text("code"), "127.0.0.1", SystemTime().now());
  REQUIRE(used.ok());
  CHECK(used->person.role == console::Role::secretary);
  hub.signal(SIGTERM);
  CHECK(hub.wait() == 0);

  Daemon again(serve);
  REQUIRE_FALSE(again.read_line().empty());
  const Json second(again.read_line());
  CHECK(second.text("console").starts_with("http://127.0.0.1:"));
  CHECK_FALSE(second.has("code"));
}

TEST_CASE("a console that others could reach without TLS is refused") {
  const Folder folder;
  Daemon hub(
      {"serve", "--data", folder.data(), "--listen", "127.0.0.1:0", "--console", "0.0.0.0:0"});
  CHECK(hub.wait() == 2);
}

}  // namespace doorstep::test
