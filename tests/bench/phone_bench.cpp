#include "tests/bench/phone_bench.hpp"

#include "client-sdk/src/replica_internal.hpp"
#include "client-sdk/src/system_clock.hpp"
#include "client-sdk/src/system_random.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/plain_file.hpp"

namespace doorstep::bench {

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

TimedSync sync_now(const std::string& replica_path, const std::string& url) {
  const SystemClock clock;
  SystemRandom random;
  NullLogSink log;
  LinkControl control;
  SyncRequest request;
  request.url = must(parse_hub_url(url));
  TimedSync timed;
  const auto store = must(open_device_store(replica_path));
  timed.seconds = seconds_of(
      [&] { must(run_sync(*store, clock, random, log, control, request, {}, timed.report)); });
  return timed;
}

}  // namespace doorstep::bench
