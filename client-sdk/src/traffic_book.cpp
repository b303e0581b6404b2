#include "client-sdk/src/traffic_book.hpp"

#include <algorithm>
#include <limits>

#include "client-sdk/src/replica_state.hpp"
#include "engine/wire/cbor_reader.hpp"
#include "engine/wire/cbor_writer.hpp"

namespace doorstep {
namespace {

constexpr std::int64_t day_ms = 24 * 3'600'000;
constexpr std::size_t record_bytes_max = 4096;

std::int64_t day_of(std::int64_t wall_ms) {
  const std::int64_t day = wall_ms / day_ms;
  return wall_ms % day_ms < 0 ? day - 1 : day;
}

void write(CborWriter& writer, const Traffic& traffic) {
  writer.array(2 * traffic_reason_count);
  for (const TrafficCount& one : traffic.by_reason) {
    writer.number(one.sent);
    writer.number(one.received);
  }
}

Traffic read_traffic(CborReader& reader) {
  Traffic traffic;
  reader.array_of(2 * traffic_reason_count);
  for (TrafficCount& one : traffic.by_reason) {
    one.sent = reader.number();
    one.received = reader.number();
  }
  return traffic;
}

Bytes encode_record(const TrafficRecord& record) {
  CborWriter writer;
  writer.array(9);
  writer.integer(record.day);
  write(writer, record.today);
  write(writer, record.ever);
  writer.number(record.connections);
  writer.id(record.device);
  writer.number(record.newest.sent_through.value);
  writer.number(record.pushed);
  writer.number(record.pulled);
  if (record.newest.rows_waiting) {
    writer.number(*record.newest.rows_waiting);
  } else {
    writer.null();
  }
  return writer.take();
}

TrafficRecord read_record(CborReader& reader) {
  TrafficRecord record;
  reader.array_of(9);
  record.day = reader.integer();
  record.today = read_traffic(reader);
  record.ever = read_traffic(reader);
  record.connections = reader.number();
  record.device = reader.id<DeviceId>();
  record.newest.sent_through.value =
      reader.number(static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  record.pushed = reader.number();
  record.pulled = reader.number();
  if (!reader.take_null()) record.newest.rows_waiting = reader.number();
  return record;
}

}  // namespace

Traffic TrafficRecord::on(std::int64_t wall_ms) const {
  return day_of(wall_ms) == day ? today : Traffic{};
}

Result<TrafficRecord> load_traffic(sqlite::Database& db) {
  DS_ASSIGN(const auto read, db.kept("SELECT value FROM ds_meta WHERE key = ?1"));
  read->bind(1, meta::traffic);
  DS_ASSIGN(const bool found, read->step());
  if (!found) return TrafficRecord{};
  const Value value = read->value(0);
  if (value.kind() != Value::Kind::blob) return TrafficRecord{};
  auto reader = CborReader::open(value.as_blob(), record_bytes_max);
  if (!reader) return TrafficRecord{};
  const TrafficRecord record = read_record(*reader);
  return reader->ok() ? record : TrafficRecord{};
}

Status add_traffic(sqlite::Database& db, const DeviceId& device, const TrafficNote& note,
                   std::int64_t wall_ms) {
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(db));
  DS_ASSIGN(TrafficRecord record, load_traffic(db));
  record.today = record.on(wall_ms);
  record.day = day_of(wall_ms);
  record.today += note.traffic;
  record.ever += note.traffic;
  record.connections += 1;
  const bool same = record.device == device;
  const auto waited = record.newest.rows_waiting;
  const Sequence sent = record.newest.sent_through;
  record.device = device;
  record.newest = note;
  if (same) record.newest.sent_through = std::max(sent, note.sent_through);
  if (!note.rows_waiting) record.newest.rows_waiting = waited;
  record.pushed += note.pushed;
  record.pulled += note.pulled;
  const Bytes value = encode_record(record);
  DS_TRY(save_meta(db, meta::traffic, Value::blob(value)));
  return transaction.commit();
}

}  // namespace doorstep
