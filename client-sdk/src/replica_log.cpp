#include "client-sdk/src/replica_log.hpp"

#include <sqlite3.h>

namespace doorstep {
namespace {

constexpr int full_pages = 1000;  // as SQLite's own
constexpr int nearly_full_pages = 950;
constexpr std::uint64_t unnoted_max = 64;

bool is_behind(const ReplicaState& state) { return state.noted < state.last; }

}  // namespace

ReplicaLog::ReplicaLog(sqlite::Database& db) : db_(&db) {
  sqlite3_wal_hook(
      db.handle(),
      [](void* pages, sqlite3*, const char*, int in_log) {
        *static_cast<int*>(pages) = in_log;
        return SQLITE_OK;
      },
      &pages_);
}

ReplicaLog::~ReplicaLog() { sqlite3_wal_hook(db_->handle(), nullptr, nullptr); }

bool ReplicaLog::wants_head(const ReplicaState& state) const {
  return pages_ >= nearly_full_pages || state.last.value - state.noted.value >= unnoted_max;
}

void ReplicaLog::after_commit(const ReplicaState& state) {
  if (pages_ < full_pages || is_behind(state)) return;
  static_cast<void>(sqlite3_wal_checkpoint_v2(db_->handle(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                              nullptr, nullptr));
}

void ReplicaLog::before_close(KnownState& known) {
  if (!known.is_known() || !is_behind(known.now())) return;
  sqlite3_busy_timeout(db_->handle(), 0);
  auto begun = sqlite::WriteTransaction::begin(*db_);
  if (!begun) return;
  const auto state = load_state(*db_);
  if (state && save_head(*db_, *state)) static_cast<void>(begun->commit());
}

}  // namespace doorstep
