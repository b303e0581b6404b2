// A phone in this process on a real replica file, and its syncs with a hub process.
#pragma once

#include <doorstep/replica.hpp>
#include <memory>
#include <string>
#include <vector>

#include "client-sdk/src/sync_run.hpp"
#include "tests/bench/visits.hpp"
#include "tests/support/cast.hpp"

namespace doorstep::bench {

/// Inserts rows [first, last) through the SDK in transactions of `batch` rows.
void insert_through_sdk(Replica& replica, const Table& table, const std::vector<VisitRow>& rows,
                        std::size_t first, std::size_t last, std::size_t batch);

/// One sync to "up to date"; seconds and what it moved.
struct TimedSync {
  double seconds = 0;
  SyncReport report;
};
[[nodiscard]] TimedSync sync_now(const std::string& replica_path, const std::string& url);

}  // namespace doorstep::bench
