#include "tests/bench/live_phone.hpp"

#include <chrono>

#include "tests/bench/plain_file.hpp"

namespace doorstep::bench {
namespace {

constexpr std::chrono::seconds patience{30};

}  // namespace

LivePhone::LivePhone(const std::string& file, const std::string& url) {
  SyncOptions options;
  options.server = url;
  options.live = true;
  options.observer.rows_changed = [this] {
    const std::lock_guard lock(mutex_);
    ++heard_.applied;
    changed_.notify_all();
  };
  options.observer.up_to_date = [this](const SyncReport&) {
    const std::lock_guard lock(mutex_);
    ++heard_.up_to_date;
    changed_.notify_all();
  };
  sync_ = must(Sync::open(file, std::move(options)));
  ReplicaOptions writing;
  writing.committed = [this] { sync_->wake(); };
  replica_ = must(Replica::open(file, writing));
  running_ = std::thread([this] { static_cast<void>(must(sync_->run())); });
  await_up_to_date({});
}

LivePhone::~LivePhone() {
  sync_->stop();
  running_.join();
}

void LivePhone::edit(const Workload& workload, const VisitEdit& edit) {
  static_cast<void>(
      must(replica_->execute(update_sql(workload.visit_table(), edit.column),
                             {{"", edit.value}, {"", workload.visits[edit.visit][0]}})));
}

Value LivePhone::read(const Workload& workload, const VisitEdit& edit) {
  const Table& table = workload.visit_table();
  return must(replica_->query("SELECT \"" + table.column(edit.column).name + "\" FROM \"" +
                                  table.name + "\" WHERE \"" + table.key + "\" = ?",
                              {{"", workload.visits[edit.visit][0]}}))
      .sets.at(0)
      .rows.at(0)
      .at(0);
}

LivePhone::Heard LivePhone::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

void LivePhone::await_applied(const Heard& before) const {
  std::unique_lock lock(mutex_);
  DS_ASSERT(changed_.wait_for(lock, patience, [&] { return heard_.applied > before.applied; }));
}

void LivePhone::await_up_to_date(const Heard& before) const {
  std::unique_lock lock(mutex_);
  DS_ASSERT(
      changed_.wait_for(lock, patience, [&] { return heard_.up_to_date > before.up_to_date; }));
}

}  // namespace doorstep::bench
