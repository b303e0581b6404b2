#include "client-sdk/cli/speech.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <doorstep/wording.hpp>

namespace doorstep::cli {

bool speaks_chinese() { return language_of_environment() == Language::chinese; }

int fail(const Error& reason) {
  // Damage that shows only in use has the same way back.
  const Error failure =
      reason.code == ErrorCode::corrupt ? error(ErrorCode::replica_damaged, reason.detail) : reason;
  const Wording words = wording_of(failure.code, language_of_environment());
  std::string line = "doorstep: " + std::string(words.what);
  if (!failure.detail.empty()) line += ": " + failure.detail;
  std::fprintf(stderr, "%s\n  %.*s  [%.*s]\n", line.c_str(), static_cast<int>(words.then.size()),
               words.then.data(), static_cast<int>(name_of(failure.code).size()),
               name_of(failure.code).data());
  return failure.code == ErrorCode::usage ? 2 : 1;
}

bool is_terminal(int file_descriptor) {
  return std::getenv("CI") == nullptr && ::isatty(file_descriptor) == 1;
}

}  // namespace doorstep::cli
