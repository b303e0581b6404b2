#include "client-sdk/cli/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "client-sdk/cli/speech.hpp"

namespace doorstep::cli {
namespace {

constexpr std::uint64_t rows_worth_a_bar = 200;
constexpr std::uint64_t bar_width = 24;

std::string bar(std::uint64_t done, std::uint64_t total) {
  const std::uint64_t shown = total == 0 ? bar_width : bar_width * std::min(done, total) / total;
  return std::string(shown, '#') + std::string(bar_width - shown, '.');
}

}  // namespace

ProgressBar::ProgressBar() : on_terminal_(is_terminal(STDERR_FILENO)) {}
ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::show(const SyncProgress& progress) {
  if (!on_terminal_ || progress.push_total + progress.pull_total < rows_worth_a_bar) return;
  const std::uint64_t done = progress.pushed + progress.pulled;
  const std::uint64_t total = std::max(progress.push_total + progress.pull_total, done);
  std::string line = fmt::format("\r[{}] {:3}%  {} {}/{}  {} {}/{}", bar(done, total),
                                 total == 0 ? 100 : done * 100 / total, say("sent", "已发"),
                                 progress.pushed, progress.push_total, say("received", "已收"),
                                 progress.pulled, progress.pull_total);
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
