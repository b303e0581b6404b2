#include "tests/bench/phone_bench.hpp"

#include <chrono>

#include "client-sdk/src/net/hub_url.hpp"
#include "engine/sqlite/ddl.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/processor_time.hpp"

namespace doorstep::bench {
namespace {

/// HTTP's upgrade, pings and the closing frames: what the phone's own count leaves out.
constexpr double around_frames_max = 1'500;
/// A large message goes in pieces of 4 KiB, with a frame's header each.
constexpr double headers_share = 0.0025;
constexpr double tls_handshake_max = 8'000;
/// A record of TLS 1.3 has 22 bytes around at most 16 KiB, and a small message has one of its own.
constexpr double tls_records_share = 0.05;

void check_count(std::uint64_t reported, std::uint64_t counted, bool tls) {
  const auto frames = static_cast<double>(reported);
  double most = frames * (1 + headers_share) + around_frames_max;
  if (tls) most += tls_handshake_max + frames * tls_records_share;
  if (counted >= reported && static_cast<double>(counted) <= most) return;
  const std::string said = "the link carried " + std::to_string(counted) +
                           " bytes, the phone says " + std::to_string(reported);
  fail_assert(said.c_str(), __FILE__, __LINE__);
}

}  // namespace

void insert_through_sdk(Replica& replica, const Table& table, const std::vector<VisitRow>& rows,
                        std::size_t first, std::size_t last, std::size_t batch) {
  const std::string sql = insert_sql(table);
  Bindings bindings;
  for (std::size_t at = first; at < last;) {
    auto transaction = must(replica.begin());
    for (const std::size_t end = std::min(at + batch, last); at < end; ++at) {
      bindings.clear();
      for (const Value& value : rows[at]) bindings.push_back({"", value});
      static_cast<void>(must(transaction->run(sql, bindings)));
    }
    must(transaction->commit());
  }
}

void insert_ground(Replica& replica, const Workload& workload) {
  for (const TableRows& some : workload.ground) {
    insert_through_sdk(replica, workload.schema.table(some.table), some.rows, 0, some.rows.size(),
                       100);
  }
}

std::shared_ptr<Replica> open_to_prepare(const std::string& file) {
  ReplicaOptions options;
  options.synchronous = Synchronous::normal;
  return must(Replica::open(file, options));
}

void write_village(const std::string& file, const Workload& workload, LinkProxy* link) {
  {
    const auto replica = open_to_prepare(file);
    insert_ground(*replica, workload);
    insert_through_sdk(*replica, workload.visit_table(), workload.visits, 0, workload.visits.size(),
                       100);
  }
  if (link != nullptr) static_cast<void>(sync_now(file, *link));
}

void edit_through_sdk(Replica& replica, const Workload& workload,
                      const std::vector<VisitEdit>& edits, std::size_t first, std::size_t last,
                      std::size_t batch) {
  Bindings bindings;
  for (std::size_t at = first; at < last;) {
    auto transaction = must(replica.begin());
    for (const std::size_t end = std::min(at + batch, last); at < end; ++at) {
      bindings.clear();
      bindings.push_back({"", edits[at].value});
      bindings.push_back({"", workload.visits[edits[at].visit][0]});
      static_cast<void>(
          must(transaction->run(update_sql(workload.visit_table(), edits[at].column), bindings)));
    }
    must(transaction->commit());
  }
}

TimedSync sync_now(const std::string& replica_path, LinkProxy& proxy) {
  using Clock = std::chrono::steady_clock;
  TimedSync timed;
  Clock::time_point begin;
  SyncOptions options;
  options.server = proxy.url();
  options.observer.progress = [&](const SyncProgress& progress) {
    if (timed.acknowledged_s > 0 || progress.pushed < progress.push_total) return;
    timed.acknowledged_s = std::chrono::duration<double>(Clock::now() - begin).count();
  };
  proxy.forget_counts();
  const auto sync = must(Sync::open(replica_path, std::move(options)));
  begin = Clock::now();
  const Spent spent = spent_in([&] { timed.report = must(sync->run()); });
  timed.seconds = spent.wall_s;
  timed.processor_s = spent.processor_s;
  DS_ASSERT(timed.report.up_to_date);
  proxy.await_quiet();
  timed.wire = proxy.counted();
  const bool tls = must(parse_hub_url(proxy.url())).tls;
  check_count(timed.report.bytes_sent, timed.wire.up, tls);
  check_count(timed.report.bytes_received, timed.wire.down, tls);
  return timed;
}

std::vector<std::vector<Value>> visits_of(Replica& replica, const Workload& workload) {
  const Table& table = workload.visit_table();
  return must(replica.query("SELECT " + sqlite::column_list(table) + " FROM \"" + table.name +
                            "\" ORDER BY \"" + table.key + "\""))
      .sets.at(0)
      .rows;
}

}  // namespace doorstep::bench
