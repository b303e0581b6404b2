#include "server/store/sqlite_hub_quarantine.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "engine/wire/codec.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep {
namespace {

constexpr std::string_view quarantine_columns =
    "device, sequence, hash, position, error, detail, body, state, settled_position, settled_ms,"
    " settled_by";

std::int64_t limit_of(std::size_t count_max) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(count_max, most));
}

QuarantineState quarantine_state_of(std::string_view name) {
  for (const auto state :
       {QuarantineState::admitted, QuarantineState::discarded, QuarantineState::resent}) {
    if (name == name_of(state)) return state;
  }
  return QuarantineState::waiting;
}

Result<QuarantineRecord> record_at(HubConnection& hub, const sqlite::Statement& row) {
  QuarantineRecord record;
  DS_ASSIGN(record.id.device, hub.device_of(row.integer(0)));
  record.id.sequence = Sequence{row.unsigned_integer(1)};
  record.id.hash = row.id<Hash>(2);
  record.position = row.position(3);
  record.reason = {error_code_of(row.unsigned_integer(4)).value_or(ErrorCode::internal),
                   std::string(row.text(5))};
  record.body.assign(row.blob(6).begin(), row.blob(6).end());
  record.state = quarantine_state_of(row.text(7));
  if (record.state != QuarantineState::waiting) {
    record.settled = row.position(8);
    record.settled_at = Instant{row.integer(9)};
    record.settled_by = std::string(row.text(10));
  }
  return record;
}

}  // namespace

Status put_quarantine(HubConnection& hub, const QuarantineRecord& record) {
  DS_ASSIGN(const std::int64_t device, hub.number_of(record.id.device));
  DS_ASSIGN(const HubQuery insert,
            hub.query("INSERT INTO ds_quarantine (" + std::string(quarantine_columns) +
                      ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
                      " ON CONFLICT (device, sequence, hash) DO UPDATE SET position = ?4,"
                      " error = ?5, detail = ?6, body = ?7, state = ?8, settled_position = ?9,"
                      " settled_ms = ?10, settled_by = ?11"));
  insert->bind(1, device);
  insert->bind_unsigned(2, record.id.sequence.value);
  insert->bind(3, record.id.hash.view());
  insert->bind(4, record.position);
  insert->bind(5, static_cast<std::int64_t>(record.reason.code));
  insert->bind(6, std::string_view(record.reason.detail));
  insert->bind(7, ByteView(record.body));
  insert->bind(8, name_of(record.state));
  if (record.state == QuarantineState::waiting) {
    for (const int column : {9, 10, 11}) insert->bind_null(column);
  } else {
    insert->bind(9, record.settled);
    insert->bind(10, record.settled_at.ms);
    insert->bind(11, std::string_view(record.settled_by));
  }
  return insert->run();
}

Result<std::optional<QuarantineRecord>> find_quarantined(HubConnection& hub,
                                                         const TransactionId& id) {
  DS_ASSIGN(const std::int64_t device, hub.number_of(id.device));
  DS_ASSIGN(const HubQuery one,
            hub.query("SELECT " + std::string(quarantine_columns) +
                      " FROM ds_quarantine WHERE device = ?1 AND sequence = ?2 AND hash = ?3"));
  one->bind(1, device);
  one->bind_unsigned(2, id.sequence.value);
  one->bind(3, id.hash.view());
  DS_ASSIGN(const bool found, one->step());
  if (!found) return std::optional<QuarantineRecord>();
  DS_ASSIGN(QuarantineRecord record, record_at(hub, *one));
  return std::optional(std::move(record));
}

Result<std::optional<QuarantineRecord>> find_quarantined(HubConnection& hub, const Hash& hash) {
  DS_ASSIGN(const HubQuery one, hub.query("SELECT " + std::string(quarantine_columns) +
                                          " FROM ds_quarantine WHERE hash = ?1"));
  one->bind(1, hash.view());
  DS_ASSIGN(const bool found, one->step());
  if (!found) return std::optional<QuarantineRecord>();
  DS_ASSIGN(QuarantineRecord record, record_at(hub, *one));
  return std::optional(std::move(record));
}

Result<std::optional<TransactionId>> find_resent(HubConnection& hub, const Hash& original) {
  DS_ASSIGN(const HubQuery one,
            hub.query("SELECT device, sequence, hash FROM ds_resent WHERE original = ?1"));
  one->bind(1, original.view());
  DS_ASSIGN(const bool found, one->step());
  if (!found) return std::optional<TransactionId>();
  TransactionId by;
  DS_ASSIGN(by.device, hub.device_of(one->integer(0)));
  by.sequence = Sequence{one->unsigned_integer(1)};
  by.hash = one->id<Hash>(2);
  return std::optional(by);
}

Status put_resent(HubConnection& hub, const Hash& original, const TransactionId& by) {
  DS_ASSIGN(const std::int64_t device, hub.number_of(by.device));
  DS_ASSIGN(const HubQuery put,
            hub.query("INSERT OR REPLACE INTO ds_resent (original, device, sequence, hash)"
                      " VALUES (?1, ?2, ?3, ?4)"));
  put->bind(1, original.view());
  put->bind(2, device);
  put->bind_unsigned(3, by.sequence.value);
  put->bind(4, by.hash.view());
  return put->run();
}

Result<std::vector<Hash>> quarantined_hashes(HubConnection& hub, const DeviceId& device,
                                             Sequence sequence) {
  std::vector<Hash> hashes;
  DS_ASSIGN(const std::optional<std::int64_t> number, hub.find_device(device));
  constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!number || sequence.value > last) return hashes;
  DS_ASSIGN(
      const HubQuery find,
      hub.query(
          "SELECT hash FROM ds_quarantine WHERE device = ?1 AND sequence = ?2 ORDER BY hash"));
  find->bind(1, *number);
  find->bind_unsigned(2, sequence.value);
  for (;;) {
    DS_ASSIGN(const bool found, find->step());
    if (!found) return hashes;
    hashes.push_back(find->id<Hash>(0));
  }
}

Result<std::vector<QuarantineRecord>> read_quarantine(HubConnection& hub,
                                                      const QuarantineQuery& query) {
  DS_ASSIGN(const HubQuery all, hub.query("SELECT " + std::string(quarantine_columns) +
                                          " FROM ds_quarantine WHERE state = 'waiting' OR NOT ?2"
                                          " ORDER BY number DESC LIMIT ?1"));
  all->bind(1, limit_of(query.count_max));
  all->bind(2, std::int64_t{query.only_waiting ? 1 : 0});
  std::vector<QuarantineRecord> records;
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return records;
    DS_ASSIGN(QuarantineRecord record, record_at(hub, *all));
    records.push_back(std::move(record));
  }
}

Status put_salvage(HubConnection& hub, const DeviceId& device, const Salvage& salvage,
                   Position position) {
  DS_ASSIGN(const std::int64_t number, hub.number_of(device));
  DS_ASSIGN(const HubQuery put, hub.query("INSERT OR REPLACE INTO ds_salvage"
                                          " (device, sequence, part, position, message, epoch)"
                                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  const Bytes message = encode(salvage);
  put->bind(1, number);
  put->bind_unsigned(2, salvage.sequence.value);
  put->bind(3, std::int64_t{salvage.part});
  put->bind(4, position);
  put->bind(5, ByteView(message));
  put->bind_unsigned(6, salvage.sequence == Sequence{} ? position.epoch() : 0);
  return put->run();
}

Status remove_salvage(HubConnection& hub, const DeviceId& device, Sequence sequence) {
  DS_ASSIGN(const std::int64_t number, hub.number_of(device));
  DS_ASSIGN(const HubQuery remove,
            hub.query("DELETE FROM ds_salvage WHERE device = ?1 AND sequence = ?2"));
  remove->bind(1, number);
  remove->bind_unsigned(2, sequence.value);
  return remove->run();
}

Result<std::vector<Salvage>> read_salvage(HubConnection& hub, const DeviceId& device,
                                          Sequence sequence) {
  DS_ASSIGN(const HubQuery all,
            hub.query("SELECT message FROM ds_salvage WHERE sequence = ?2 AND device ="
                      " (SELECT device FROM ds_device WHERE id = ?1) ORDER BY epoch, part"));
  all->bind(1, device.view());
  all->bind_unsigned(2, sequence.value);
  std::vector<Salvage> parts;
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return parts;
    DS_ASSIGN(Message message, decode(all->blob(0)));
    auto* part = std::get_if<Salvage>(&message);
    if (part == nullptr) return error(ErrorCode::corrupt, "ds_salvage");
    parts.push_back(std::move(*part));
  }
}

}  // namespace doorstep
