// What syncs of this replica weigh, and what the next one would.
#include <algorithm>

#include "client-sdk/src/sqlite_device_store.hpp"
#include "engine/wire/cbor_reader.hpp"
#include "engine/wire/cbor_writer.hpp"

namespace doorstep {
namespace {

// A connection with nothing to do, before any was counted.
constexpr std::uint64_t greeting_bytes_usual = 800;
constexpr std::size_t mark_bytes_max = 64;

}  // namespace

Status SqliteDeviceStore::note_traffic(const TrafficNote& note) {
  DS_ASSIGN(const ReplicaState state, load_state(file_.db));
  return add_traffic(file_.db, state.device, note, clock_->read().wall_ms);
}

Result<Sequence> SqliteDeviceStore::sent_before() {
  DS_ASSIGN(const ReplicaState state, load_state(file_.db));
  DS_ASSIGN(const TrafficRecord record, load_traffic(file_.db));
  return record.device == state.device ? record.newest.sent_through : Sequence{};
}

Status SqliteDeviceStore::keep_push_mark(Sequence through) {
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file_.db));
  DS_ASSIGN(const ReplicaState state, locked_state());
  CborWriter writer;
  writer.array(2);
  writer.id(state.device);
  writer.number(through.value);
  const Bytes value = writer.take();
  DS_TRY(save_meta(file_.db, meta::push_mark, Value::blob(value)));
  return transaction.commit();
}

// Only a hint: one that is missing, damaged or another device's costs a batch sent twice.
Result<Sequence> SqliteDeviceStore::push_mark() {
  DS_ASSIGN(const ReplicaState state, load_state(file_.db));
  DS_ASSIGN(const auto read, file_.db.kept("SELECT value FROM ds_meta WHERE key = ?1"));
  read->bind(1, meta::push_mark);
  DS_ASSIGN(const bool found, read->step());
  const Value value = found ? read->value(0) : Value::null();
  if (value.kind() != Value::Kind::blob) return Sequence{};
  auto reader = CborReader::open(value.as_blob(), mark_bytes_max);
  if (!reader) return Sequence{};
  reader->array_of(2);
  const auto device = reader->id<DeviceId>();
  const Sequence through{reader->number(state.last.value)};
  return reader->ok() && device == state.device ? through : Sequence{};
}

Result<SyncEstimate> SqliteDeviceStore::estimate() {
  DS_ASSIGN(const ReplicaState state, load_state(file_.db));
  DS_ASSIGN(const TrafficRecord record, load_traffic(file_.db));
  SyncEstimate estimate;
  estimate.transactions = state.last.value - state.acknowledged.value;
  const Traffic& ever = record.ever;
  estimate.bytes_greeting = record.connections > 0
                                ? ever.of(TrafficReason::greeting).both() / record.connections
                                : greeting_bytes_usual;
  if (estimate.transactions > 0) {
    DS_ASSIGN(auto read, file_.db.prepare("SELECT coalesce(sum(length(body)), 0) FROM ds_outbox"
                                          " WHERE sequence > ?1"));
    read.bind_unsigned(1, state.acknowledged.value);
    DS_TRY(read.step());
    estimate.bytes_up = read.unsigned_integer(0);
    const std::uint64_t weighed =
        ever.of(TrafficReason::push).both() + ever.of(TrafficReason::outcomes).both();
    if (record.pushed > 0) {
      estimate.bytes_up =
          std::min(estimate.bytes_up, estimate.transactions * weighed / record.pushed);
    }
  }
  estimate.rows = record.newest.rows_waiting;
  if (estimate.rows && record.pulled > 0) {
    estimate.bytes_down = *estimate.rows * ever.of(TrafficReason::rows).both() / record.pulled;
  }
  return estimate;
}

}  // namespace doorstep
