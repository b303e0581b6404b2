#include "server/console/console_worker.hpp"

#include <utility>

#include "engine/core/limits.hpp"

namespace doorstep::console {

Result<std::unique_ptr<ConsoleWorker>> ConsoleWorker::start(const std::filesystem::path& dir,
                                                            const ConsoleShared& shared) {
  DS_ASSIGN(auto folder, HubFolder::open(dir));
  return std::unique_ptr<ConsoleWorker>(new ConsoleWorker(std::move(folder), shared));
}

ConsoleWorker::ConsoleWorker(HubFolder folder, const ConsoleShared& shared)
    : folder_(std::move(folder)),
      ports_{folder_,       shared.accounts, shared.log,       shared.time,
             shared.random, work_,           shared.connected, shared.phones_url},
      thread_([this] { run(); }) {}

ConsoleWorker::~ConsoleWorker() { stop(); }

bool ConsoleWorker::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= limits::console_waiting_max) return false;
    waiting_.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void ConsoleWorker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ConsoleWorker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job(ports_);
    lock.lock();
  }
}

}  // namespace doorstep::console
