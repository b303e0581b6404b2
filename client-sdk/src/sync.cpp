#include <doorstep/sync.hpp>

#include <string>
#include <utility>

#include "client-sdk/src/replica_internal.hpp"
#include "client-sdk/src/sqlite_device_store.hpp"
#include "client-sdk/src/sync_lock.hpp"
#include "client-sdk/src/sync_run.hpp"
#include "client-sdk/src/system_ports.hpp"
#include "client-sdk/src/system_random.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

class ReplicaSync final : public Sync {
 public:
  ReplicaSync(std::unique_ptr<SqliteDeviceStore> store, SyncLock lock, HubUrl url,
              SyncOptions options, const ReplicaSeams& seams, std::string path)
      : store_(std::move(store)),
        lock_(std::move(lock)),
        options_(std::move(options)),
        clock_(clock_of(seams)),
        files_(files_of(seams)),
        path_(std::move(path)) {
    request_.url = std::move(url);
    request_.live = options_.live;
    request_.attempts = options_.attempts;
    request_.bytes_max = options_.bytes_max;
  }

  Result<SyncReport> run() override {
    report_ = {};
    DS_ASSIGN(request_.sent_before, store_->sent_before());
    DS_ASSIGN(request_.marked_before, store_->push_mark());
    DS_TRY(run_sync(*store_, clock_, random_, log_, control_, request_, hooks(), report_));
    return report_;
  }
  Result<SyncEstimate> estimate() override { return store_->estimate(); }
  const SyncReport& report() const override { return report_; }
  void wake() override { control_.wake(); }
  void stop() override { control_.stop(); }

 private:
  SyncHooks hooks() {
    SyncHooks hooks;
    hooks.on_progress = options_.observer.progress;
    hooks.on_up_to_date = options_.observer.up_to_date;
    hooks.on_retry = options_.observer.retry;
    // What was counted is for people: that it could not be kept ends no sync.
    hooks.on_traffic = [this](const TrafficNote& note) {
      static_cast<void>(store_->note_traffic(note));
    };
    hooks.keep_mark = [this](Sequence through) { return store_->keep_push_mark(through); };
    hooks.free_bytes = [this] { return files_.free_bytes(path_); };
    if (options_.observer.rows_changed) {
      hooks.on_applied = [this](const Applied&) { options_.observer.rows_changed(); };
    }
    if (!options_.live) return hooks;
    hooks.has_local_commit = [this, last = Sequence{}]() mutable {
      const auto state = store_->state();
      if (!state || state->last == last) return false;
      last = state->last;
      return true;
    };
    return hooks;
  }

  std::unique_ptr<SqliteDeviceStore> store_;
  SyncLock lock_;
  SyncOptions options_;
  const Clock& clock_;
  const ReplicaFiles& files_;
  std::string path_;
  SyncRequest request_;
  SystemRandom random_;
  NullLogSink log_;
  LinkControl control_;
  SyncReport report_;
};

}  // namespace

Result<std::unique_ptr<Sync>> open_sync(const std::string& path, SyncOptions options,
                                        const ReplicaSeams& seams) {
  if (options.bytes_max && options.live)
    return error(ErrorCode::usage, "a byte budget is for one sync, not for a live one");
  if (options.bytes_max && *options.bytes_max < limits::budget_bytes_min) {
    return error(ErrorCode::usage, "a byte budget has at least " +
                                       std::to_string(limits::budget_bytes_min) + " bytes");
  }
  ReplicaOptions replica;
  replica.synchronous = options.synchronous;
  DS_ASSIGN(auto store, SqliteDeviceStore::open(path, replica, seams));
  DS_ASSIGN(SyncLock lock, SyncLock::take(path));
  DS_TRY(store->check_rows(options.verify));
  DS_ASSIGN(const HubAddress address, hub_address(path));
  DS_ASSIGN(HubUrl url, parse_hub_url(options.server.empty() ? address.url : options.server));
  return std::unique_ptr<Sync>(std::make_unique<ReplicaSync>(
      std::move(store), std::move(lock), std::move(url), std::move(options), seams, path));
}

Result<std::unique_ptr<Sync>> Sync::open(const std::string& path, SyncOptions options) {
  return open_sync(path, std::move(options), {});
}

}  // namespace doorstep
