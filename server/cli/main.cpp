#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "engine/sqlite/process_settings.hpp"
#include "server/commands/command.hpp"

namespace {

// As gettext reads them: the first that is set decides.
bool speaks_chinese() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread runs yet
    if (value != nullptr && *value != '\0') return std::string_view(value).starts_with("zh");
  }
  return false;
}

bool wants_colours() {
  const char* refused =
      std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): no thread runs yet
  return isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

}  // namespace

int main(int argc, char** argv) {
  doorstep::sqlite::count_no_memory();
  const doorstep::commands::Terminal terminal{std::cout, std::cerr, speaks_chinese(),
                                              wants_colours()};
  return doorstep::commands::run({argv + 1, argv + argc}, terminal);
}
