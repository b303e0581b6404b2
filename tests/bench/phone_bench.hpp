// A phone in this process on a real replica file, and its syncs with a hub process.
#pragma once

#include <doorstep/replica.hpp>
#include <doorstep/sync.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/link_proxy.hpp"
#include "tests/bench/workload.hpp"

namespace doorstep::bench {

/// Inserts rows [first, last) through the SDK in transactions of `batch` rows.
void insert_through_sdk(Replica& replica, const Table& table, const std::vector<VisitRow>& rows,
                        std::size_t first, std::size_t last, std::size_t batch);
/// All that the visits of a workload hang on.
void insert_ground(Replica& replica, const Workload& workload);
/// The replica for work that is not measured: NORMAL, which only a power cut would tell from FULL.
[[nodiscard]] std::shared_ptr<Replica> open_to_prepare(const std::string& file);
/// The whole workload, 100 rows a transaction; pushed to the hub when `link` is given.
void write_village(const std::string& file, const Workload& workload, LinkProxy* link = nullptr);
/// Edits [first, last) through the SDK in transactions of `batch` edits.
void edit_through_sdk(Replica& replica, const Workload& workload,
                      const std::vector<VisitEdit>& edits, std::size_t first, std::size_t last,
                      std::size_t batch);

/// One sync to "up to date"; seconds and what it moved.
struct TimedSync {
  double seconds = 0;
  double processor_s = 0;     ///< of the phone's thread
  double acknowledged_s = 0;  ///< from its beginning until the hub had answered for all it was sent
  SyncReport report;
  WireBytes wire;  ///< as the proxy counted; the report's own count is checked against it
};
/// As an app syncs, through `proxy`. Aborts the bench when the phone is not up to date at the end.
[[nodiscard]] TimedSync sync_now(const std::string& replica_path, LinkProxy& proxy);

/// Key and columns of all rows of the workload's visits, by key: for comparing replicas.
[[nodiscard]] std::vector<std::vector<Value>> visits_of(Replica& replica, const Workload& workload);

}  // namespace doorstep::bench
