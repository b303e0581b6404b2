#include "tests/bench/enrolled_replica.hpp"

#include "client-sdk/src/replica_internal.hpp"
#include "client-sdk/src/system_clock.hpp"
#include "client-sdk/src/system_random.hpp"
#include "engine/ports/log_sink.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/plain_file.hpp"

namespace doorstep::bench {

HubAddress address_of(const HubProcess& hub) { return {hub.hub(), hub.key(), hub.url()}; }

void make_replica_file(const std::string& file, const Schema& schema, const WrittenAhead& device,
                       const HubAddress& hub) {
  NewReplica replica;
  replica.schema = schema.source();
  replica.device = device.id();
  replica.device_name = "bench";
  replica.role = bench_role;
  replica.keys = device.keys();
  replica.hub = hub.hub;
  replica.hub_url = hub.url;
  replica.hub_key = hub.key;
  replica.scopes = device.scopes();
  must(create_replica(file, replica));
}

FileSync sync_file(const std::string& file, const std::string& url) {
  const SystemClock clock;
  SystemRandom random;
  NullLogSink log;
  LinkControl control;
  SyncRequest request;
  request.url = must(parse_hub_url(url));
  FileSync timed;
  const auto store = must(open_device_store(file));
  timed.seconds = seconds_of(
      [&] { must(run_sync(*store, clock, random, log, control, request, {}, timed.report)); });
  return timed;
}

}  // namespace doorstep::bench
