#include "client-sdk/src/progress_words.hpp"

#include <algorithm>
#include <vector>

#include "engine/core/size_text.hpp"

namespace doorstep {
namespace {

constexpr std::uint64_t bar_width = 16;

std::string bar_of(std::uint32_t percent) {
  const std::uint64_t shown = bar_width * percent / 100;
  std::string number = std::to_string(percent) + "%";
  return "[" + std::string(shown, '#') + std::string(bar_width - shown, '.') + "] " +
         std::string(number.size() < 4 ? 4 - number.size() : 0, ' ') + number;
}

std::string of_total(std::string_view what, std::uint64_t done, std::uint64_t total) {
  return std::string(what) + std::to_string(done) + "/" + std::to_string(total);
}

std::string time_of(std::uint64_t seconds, bool chinese) {
  constexpr std::uint64_t minute = 60;
  constexpr std::uint64_t hour = 3600;
  const std::string about = chinese ? "约 " : "~";
  if (seconds < 2 * minute) return about + std::to_string(seconds) + (chinese ? " 秒" : " s");
  if (seconds < 2 * hour)
    return about + std::to_string(seconds / minute) + (chinese ? " 分钟" : " min");
  return about + std::to_string(seconds / hour) + (chinese ? " 小时" : " h");
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char one : text) {
    const auto byte = static_cast<unsigned char>(one);
    if ((byte & 0xc0U) == 0x80U) continue;
    columns += byte >= 0xe0U ? 2 : 1;  // three bytes and more: nothing narrow is used here
  }
  return columns;
}

std::string progress_line(const SyncProgress& progress, Language language) {
  const bool chinese = language == Language::chinese;
  std::vector<std::string> parts;
  if (progress.push_total > 0)
    parts.push_back(of_total(chinese ? "已发 " : "sent ", progress.pushed, progress.push_total));
  if (progress.pull_total > 0) {
    const std::uint64_t before = progress.pulled_before;
    parts.push_back(of_total(chinese ? "已收 " : "received ", before + progress.pulled,
                             before + progress.pull_total));
  }
  std::string bytes = size_text(progress.bytes);
  if (progress.bytes_left && *progress.bytes_left > 0) {
    bytes += chinese ? "，共约 " : " of ~";
    bytes += size_text(progress.bytes + *progress.bytes_left);
  }
  parts.push_back(std::move(bytes));
  if (progress.seconds_left && *progress.seconds_left > 0)
    parts.push_back(time_of(*progress.seconds_left, chinese));
  std::string line = bar_of(progress.percent);
  for (const std::string& part : parts) {
    if (columns_of(line) + 2 + columns_of(part) > progress_columns_max) break;
    line += "  " + part;
  }
  return line;
}

}  // namespace doorstep
