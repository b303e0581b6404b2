// doorstep-volunteer: a volunteer's work in the village, on the public SDK alone. The example to
// begin an app from: enrol once, open the replica, read and write with ordinary SQL, sync in the
// background.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include <doorstep/enrol.hpp>

#include "client-sdk/examples/volunteer/days.hpp"
#include "client-sdk/examples/volunteer/screen.hpp"
#include "client-sdk/examples/volunteer/screens.hpp"
#include "client-sdk/examples/volunteer/words.hpp"

namespace volunteer {
namespace {

struct Options {
  std::string file;
  std::string server;
  std::string code;
  std::string lang;
  std::string today;
};

constexpr std::string_view help =
    "doorstep-volunteer FILE: a volunteer's visits, orders and decisions / 志愿者走访\n"
    "\n"
    "  --server URL   the township's address, for the first time / 乡镇服务器地址（第一次用）\n"
    "  --code CODE    the one-time code from the township / 登记码（第一次用）\n"
    "  --lang zh|en   the language; else that of LANG / 语言\n"
    "  --today DAY    as if it were this day, for a trial / 当作这一天（试用）\n"
    "\n"
    "Examples:\n"
    "  doorstep-volunteer wang.db --server wss://hub.example:7300 --code 7K3Q-...\n"
    "  doorstep-volunteer wang.db\n"
    "  doorstep-volunteer wang.db --lang en\n";

// False, with the reason on standard error, when it cannot be understood.
bool read_options(int count, char** words, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    std::string* value = word == "--server"  ? &options.server
                         : word == "--code"  ? &options.code
                         : word == "--lang"  ? &options.lang
                         : word == "--today" ? &options.today
                                             : nullptr;
    if (value != nullptr && i + 1 < count) {
      *value = words[++i];
    } else if (value == nullptr && !word.starts_with('-') && options.file.empty()) {
      options.file = word;
    } else {
      std::cerr << "doorstep-volunteer: " << word << "?\n" << help;
      return false;
    }
  }
  const bool lang_known = options.lang.empty() || options.lang == "zh" || options.lang == "en";
  if (options.file.empty() || !lang_known || !(options.today.empty() || is_day(options.today))) {
    std::cerr << help;
    return false;
  }
  return true;
}

// Nothing is half written at any moment, so there is nothing to tidy up.
void leave(int) {
  constexpr std::string_view words =
      "\n已退出，记录都在本机。/ Left; your work is on this phone.\n";
  if (::write(STDOUT_FILENO, words.data(), words.size()) < 0) std::_Exit(131);
  std::_Exit(130);
}

bool enrol(const Options& options) {
  std::cout << say("This phone is not enrolled yet.", "这部手机还没有登记。") << '\n';
  auto server =
      options.server.empty()
          ? ask(say("The township's address (wss://...): ", "乡镇服务器地址（wss://…）："))
          : options.server;
  auto code =
      options.code.empty() ? ask(say("The code from the township: ", "登记码：")) : options.code;
  if (!server || !code) return false;
  const auto enrolled = doorstep::enrol_replica({options.file, *server, *code});
  if (!enrolled) {
    std::cerr << words_of(enrolled.error()) << '\n';
    return false;
  }
  return true;
}

int run(const Options& options) {
  auto replica = doorstep::Replica::open(options.file);
  if (!replica && replica.error().code == doorstep::ErrorCode::not_a_replica &&
      ::access(options.file.c_str(), F_OK) != 0) {
    if (!enrol(options)) return 1;
    replica = doorstep::Replica::open(options.file);
  }
  if (!replica) {
    std::cerr << words_of(replica.error()) << '\n';
    return 1;
  }
  const auto status = (*replica)->status();
  if (!status) {
    std::cerr << words_of(status.error()) << '\n';
    return 1;
  }
  {
    BackgroundSync sync(options.file);
    App app{*replica, sync, status->device_name, std::nullopt, std::nullopt};
    if (!options.today.empty()) app.a_day = options.today;
    today_screen(app);
  }
  print();
  print(say("Left; your work is on this phone.", "已退出，记录都在本机。"));
  return 0;
}

}  // namespace
}  // namespace volunteer

int main(int count, char** words) {
  volunteer::Options options;
  for (int i = 1; i < count; ++i) {
    if (std::string_view(words[i]) == "--help") {
      std::cout << volunteer::help;
      return 0;
    }
  }
  if (!volunteer::read_options(count, words, options)) return 2;
  const bool chinese = options.lang.empty()
                           ? doorstep::language_of_environment() == doorstep::Language::chinese
                           : options.lang == "zh";
  volunteer::speak(chinese ? doorstep::Language::chinese : doorstep::Language::english);
  std::signal(SIGINT, volunteer::leave);
  return volunteer::run(options);
}
