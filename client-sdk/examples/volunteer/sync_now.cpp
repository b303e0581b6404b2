// Calls the township at once, and shows how far it is. Work goes on without it.
#include <algorithm>
#include <iostream>

#include "client-sdk/examples/volunteer/screen.hpp"
#include "client-sdk/examples/volunteer/screens.hpp"
#include "client-sdk/examples/volunteer/words.hpp"

namespace volunteer {
namespace {

constexpr int look_every_ms = 100;
constexpr std::uint64_t bar_columns = 30;

std::string bar_of(const doorstep::SyncProgress& progress) {
  const std::uint64_t total = progress.push_total + progress.pull_total;
  const std::uint64_t done = progress.pushed + progress.pulled;
  const std::uint64_t shown = total == 0 ? 0 : bar_columns * std::min(done, total) / total;
  return "[" + std::string(shown, '#') + std::string(bar_columns - shown, '.') + "] " +
         say("sent ", "已发 ") + std::to_string(progress.pushed) + "/" +
         std::to_string(progress.push_total) + say("  received ", "  已收 ") +
         std::to_string(progress.pulled) + "/" + std::to_string(progress.pull_total);
}

std::string result_of(App& app, const BackgroundSync::News& news) {
  const auto status = app.replica->status();
  const std::uint64_t pending = status ? status->pending : 0;
  if (news.state == BackgroundSync::State::up_to_date) {
    return say("Up to date: the township has everything.", "已是最新：记录都已到乡镇。");
  }
  std::string text = say("Nothing is lost: ", "记录都没有丢：");
  text += std::to_string(pending) +
          say(" to send, as soon as there is a signal. ", " 次改动待上报，有信号会自动再发。");
  return news.trouble ? text + words_of(*news.trouble) : text;
}

}  // namespace

std::string sync_screen(App& app) {
  show_head(app, say("Sync  (Enter = do not wait)", "同步（回车：不等了）"));
  app.sync.call_now();
  for (;;) {
    const BackgroundSync::News news = app.sync.news();
    std::cout << '\r' << fitted(bar_of(news.progress), screen_columns - 1) << std::flush;
    if (news.state != BackgroundSync::State::calling) {
      print();
      return result_of(app, news);
    }
    if (typed_within(look_every_ms)) {
      static_cast<void>(ask(""));
      return say("It goes on in the background.", "同步在后台继续。");
    }
  }
}

}  // namespace volunteer
