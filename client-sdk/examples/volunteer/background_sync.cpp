#include "client-sdk/examples/volunteer/background_sync.hpp"

#include <utility>

namespace volunteer {

BackgroundSync::BackgroundSync(std::string file) : file_(std::move(file)) { start(); }
BackgroundSync::~BackgroundSync() { stop(); }

void BackgroundSync::call_now() {
  stop();
  start();
}

BackgroundSync::News BackgroundSync::news() const {
  const std::lock_guard lock(mutex_);
  return news_;
}

void BackgroundSync::change(const std::function<void(News&)>& how) {
  const std::lock_guard lock(mutex_);
  how(news_);
}

void BackgroundSync::start() {
  change([](News& news) { news = {}; });
  doorstep::SyncOptions options;
  options.live = true;
  // These run on the sync's thread, so they only take notes; the screens read them.
  options.observer.progress = [this](const doorstep::SyncProgress& progress) {
    const bool more =
        progress.pushed < progress.push_total || progress.pulled < progress.pull_total;
    change([&](News& news) {
      const bool was_done = news.state == State::up_to_date;
      news = {was_done && !more ? State::up_to_date : State::calling, progress, std::nullopt};
    });
  };
  options.observer.up_to_date = [this](const doorstep::SyncReport&) {
    change([](News& news) { news.state = State::up_to_date; });
  };
  options.observer.retry = [this](const doorstep::Error& why, std::int64_t) {
    change([&](News& news) { news = {State::no_signal, news.progress, why}; });
  };
  auto sync = doorstep::Sync::open(file_, std::move(options));
  if (!sync) {
    change([&](News& news) { news = {State::stopped, {}, sync.error()}; });
    return;
  }
  sync_ = std::move(sync).value();
  thread_ = std::thread([this, running = sync_.get()] {
    // Live, it comes back only when it is stopped, or when calling again cannot help.
    const auto ended = running->run();
    if (!ended) change([&](News& news) { news = {State::stopped, news.progress, ended.error()}; });
  });
}

void BackgroundSync::stop() {
  if (sync_) sync_->stop();
  if (thread_.joinable()) thread_.join();
  sync_.reset();
}

}  // namespace volunteer
