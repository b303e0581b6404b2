// A thread with a hub folder of its own that runs the console's handlers one after another.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/console/console_request.hpp"

namespace doorstep::console {

/// What all threads of a console share; all of it thread-safe.
struct ConsoleShared {
  Accounts& accounts;
  LogSink& log;
  const HubTime& time;
  Random& random;
  const ConnectedDevices* connected = nullptr;
  std::string phones_url = {};
};

class ConsoleWorker {
 public:
  using Job = std::function<void(ConsolePorts&)>;

  /// What HubFolder::open says.
  [[nodiscard]] static Result<std::unique_ptr<ConsoleWorker>> start(
      const std::filesystem::path& dir, const ConsoleShared& shared);
  /// stop().
  ~ConsoleWorker();
  ConsoleWorker(const ConsoleWorker&) = delete;
  ConsoleWorker& operator=(const ConsoleWorker&) = delete;

  /// False, and the job is not taken, when limits::console_waiting_max wait already or it stops. A
  /// job must not throw.
  [[nodiscard]] bool post(Job job);
  /// Finishes the job under way and drops those that wait. Idempotent.
  void stop();

 private:
  ConsoleWorker(HubFolder folder, const ConsoleShared& shared);
  void run();

  HubFolder folder_;
  WorkFigures work_;
  ConsolePorts ports_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace doorstep::console
