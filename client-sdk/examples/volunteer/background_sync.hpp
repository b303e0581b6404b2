// Syncs beside the app for as long as it runs: what is committed is sent at once while there is a
// signal, and later when there is none. The app never waits for it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <doorstep/sync.hpp>

namespace volunteer {

class BackgroundSync {
 public:
  enum class State { calling, up_to_date, no_signal, stopped };
  struct News {
    State state = State::calling;
    doorstep::SyncProgress progress;
    std::optional<doorstep::Error> trouble;  ///< why there is no signal, or why it stopped
  };

  explicit BackgroundSync(std::string file);
  ~BackgroundSync();  ///< what was sent stays sent; the rest goes with the next run
  BackgroundSync(const BackgroundSync&) = delete;
  BackgroundSync& operator=(const BackgroundSync&) = delete;

  /// Calls the township now, instead of when the growing delays say so.
  void call_now();
  [[nodiscard]] News news() const;

 private:
  void start();
  void stop();
  void change(const std::function<void(News&)>& how);

  std::string file_;
  mutable std::mutex mutex_;  // over the news only: they are written on the thread below
  News news_;
  std::unique_ptr<doorstep::Sync> sync_;
  std::thread thread_;
};

}  // namespace volunteer
