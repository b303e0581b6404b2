#include "client-sdk/cli/progress_bar.hpp"

#include <unistd.h>

#include <cstdio>

#include "client-sdk/cli/speech.hpp"
#include "client-sdk/src/progress_words.hpp"

namespace doorstep::cli {
namespace {

constexpr std::uint64_t rows_worth_a_bar = 200;

}  // namespace

ProgressBar::ProgressBar() : on_terminal_(is_terminal(STDERR_FILENO)) {}
ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::show(const SyncProgress& progress) {
  if (!on_terminal_ || progress.push_total + progress.pull_total < rows_worth_a_bar) return;
  std::string line = "\r" + progress_line(progress, language_of_environment());
  if (line == last_) return;
  std::fprintf(stderr, "%s\x1b[K", line.c_str());
  std::fflush(stderr);
  last_ = std::move(line);
  visible_ = true;
}

void ProgressBar::clear() {
  if (visible_) {
    std::fprintf(stderr, "\r\x1b[K");
    std::fflush(stderr);
    visible_ = false;
  }
}

}  // namespace doorstep::cli
