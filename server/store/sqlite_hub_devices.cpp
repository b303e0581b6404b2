#include "server/store/sqlite_hub_devices.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "engine/wire/codec.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep {

namespace {

constexpr std::string_view device_columns =
    "SELECT id, public_key, name, role, scopes, enrolled_position, revoked_ms, lost, "
    "merged_sequence,"
    " head_hash, stamp, stamp_lo, last_contact_ms, cursor, pending, clock_offset_ms, software, "
    "schema, granted_position, last_sequence, settled, predecessor, cut_epoch, cut, cut_through,"
    " healed, healed_ms, free_bytes FROM ds_device WHERE enrolled_here = 1 ";

constexpr std::string_view put_device_sql =
    "UPDATE ds_device SET enrolled_here = 1, public_key = ?2, name = ?3, role = ?4, scopes = ?5,"
    " enrolled_position = ?6, revoked_ms = ?7, lost = ?8, merged_sequence = ?9, head_hash = ?10,"
    " stamp = ?11, stamp_lo = ?12, last_contact_ms = ?13, cursor = ?14, pending = ?15,"
    " clock_offset_ms = ?16, software = ?17, schema = ?18, granted_position = ?19, last_sequence = "
    "?20,"
    " settled = ?21, predecessor = ?22, cut_epoch = ?23, cut = ?24, cut_through = ?25,"
    " healed = ?26, healed_ms = ?27, free_bytes = ?28 WHERE device = ?1";

Result<DeviceRecord> device_at(const sqlite::Statement& at) {
  DeviceRecord device;
  device.id = at.id<DeviceId>(0);
  device.key = at.id<PublicKey>(1);
  device.name = at.text(2);
  device.role = at.text(3);
  DS_ASSIGN(device.scopes, scopes_of_text(at.text(4)));
  device.enrolled = at.position(5);
  if (!at.is_null(6)) device.revoked = Instant{at.integer(6)};
  device.lost = at.integer(7) != 0;
  device.merged = Sequence{at.unsigned_integer(8)};
  device.head = at.id<Hash>(9);
  device.last_stamp = stamp_at(at, 10);
  device.last_contact = Instant{at.integer(12)};
  device.cursor = at.position(13);
  device.pending = at.unsigned_integer(14);
  device.clock_offset_ms = at.integer(15);
  device.software = at.text(16);
  if (!at.is_null(17)) device.schema = at.id<Fingerprint>(17);
  device.granted_since = at.position(18);
  device.last = Sequence{at.unsigned_integer(19)};
  device.settled = at.position(20);
  if (!at.is_null(21)) device.predecessor = at.id<DeviceId>(21);
  device.cut_epoch = at.unsigned_integer(22);
  device.cut = at.position(23);
  device.cut_through = Sequence{at.unsigned_integer(24)};
  device.healed = at.unsigned_integer(25);
  if (!at.is_null(26)) device.healed_at = Instant{at.integer(26)};
  if (!at.is_null(27)) device.free_bytes = at.unsigned_integer(27);
  return device;
}

}  // namespace

Status put_device(HubConnection& hub, const DeviceRecord& device) {
  DS_ASSIGN(const std::int64_t number, hub.number_of(device.id));
  const std::string scopes = text_of_scopes(device.scopes);
  DS_ASSIGN(const HubQuery update, hub.query(put_device_sql));
  update->bind(1, number);
  update->bind(2, device.key.view());
  update->bind(3, std::string_view(device.name));
  update->bind(4, std::string_view(device.role));
  update->bind(5, std::string_view(scopes));
  update->bind(6, device.enrolled);
  if (device.revoked) {
    update->bind(7, device.revoked->ms);
  } else {
    update->bind_null(7);
  }
  update->bind(8, std::int64_t{device.lost});
  update->bind_unsigned(9, device.merged.value);
  update->bind(10, device.head.view());
  bind_stamp(*update, 11, device.last_stamp);
  update->bind(13, device.last_contact.ms);
  update->bind(14, device.cursor);
  update->bind_unsigned(15, device.pending);
  update->bind(16, device.clock_offset_ms);
  update->bind(17, std::string_view(device.software));
  if (device.schema.is_none()) {
    update->bind_null(18);
  } else {
    update->bind(18, device.schema.view());
  }
  update->bind(19, device.granted_since);
  update->bind_unsigned(20, device.last.value);
  update->bind(21, device.settled);
  if (device.predecessor.is_none()) {
    update->bind_null(22);
  } else {
    update->bind(22, device.predecessor.view());
  }
  update->bind_unsigned(23, device.cut_epoch);
  update->bind(24, device.cut);
  update->bind_unsigned(25, device.cut_through.value);
  update->bind_unsigned(26, device.healed);
  if (device.healed_at) {
    update->bind(27, device.healed_at->ms);
  } else {
    update->bind_null(27);
  }
  if (device.free_bytes) {
    update->bind_unsigned(28, *device.free_bytes);
  } else {
    update->bind_null(28);
  }
  return update->run();
}

Result<std::optional<DeviceRecord>> read_device(HubConnection& hub, const DeviceId& id) {
  static const std::string sql = std::string(device_columns) + "AND id = ?1";
  DS_ASSIGN(const HubQuery find, hub.query(sql));
  find->bind(1, id.view());
  DS_ASSIGN(const bool found, find->step());
  if (!found) return std::optional<DeviceRecord>();
  DS_ASSIGN(DeviceRecord device, device_at(*find));
  return std::optional(std::move(device));
}

Result<std::vector<DeviceRecord>> read_devices(HubConnection& hub) {
  static const std::string sql = std::string(device_columns) + "ORDER BY id";
  DS_ASSIGN(const HubQuery all, hub.query(sql));
  std::vector<DeviceRecord> devices;
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return devices;
    DS_ASSIGN(DeviceRecord device, device_at(*all));
    devices.push_back(std::move(device));
  }
}

Status put_comparison(HubConnection& hub, const ComparisonRecord& record) {
  DS_ASSIGN(const std::int64_t number, hub.number_of(record.device));
  DS_ASSIGN(const HubQuery put,
            hub.query("INSERT OR REPLACE INTO ds_comparison (device, asked, asked_ms, answered,"
                      " answered_ms, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  put->bind(1, number);
  put->bind_unsigned(2, record.asked);
  put->bind(3, record.asked_at.ms);
  put->bind_unsigned(4, record.answered);
  put->bind(5, record.answered_at.ms);
  put->bind(6, ByteView(record.answer));
  return put->run();
}

Result<std::optional<ComparisonRecord>> read_comparison(HubConnection& hub,
                                                        const DeviceId& device) {
  DS_ASSIGN(const std::optional<std::int64_t> number, hub.find_device(device));
  if (!number) return std::optional<ComparisonRecord>();
  DS_ASSIGN(const HubQuery find,
            hub.query("SELECT asked, asked_ms, answered, answered_ms, answer FROM ds_comparison"
                      " WHERE device = ?1"));
  find->bind(1, *number);
  DS_ASSIGN(const bool found, find->step());
  if (!found) return std::optional<ComparisonRecord>();
  ComparisonRecord record;
  record.device = device;
  record.asked = find->unsigned_integer(0);
  record.asked_at = Instant{find->integer(1)};
  record.answered = find->unsigned_integer(2);
  record.answered_at = Instant{find->integer(3)};
  const ByteView answer = find->blob(4);
  record.answer.assign(answer.begin(), answer.end());
  return std::optional(std::move(record));
}

Status put_past_grant(HubConnection& hub, const DeviceId& device, const PastGrant& grant) {
  DS_ASSIGN(const std::int64_t number, hub.number_of(device));
  const std::string scopes = text_of_scopes(grant.scopes);
  DS_ASSIGN(const HubQuery insert,
            hub.query("INSERT OR REPLACE INTO ds_grant (device, from_position, to_position, scopes)"
                      " VALUES (?1, ?2, ?3, ?4)"));
  insert->bind(1, number);
  insert->bind(2, grant.from);
  insert->bind(3, grant.to);
  insert->bind(4, std::string_view(scopes));
  return insert->run();
}

Result<std::vector<PastGrant>> read_past_grants(HubConnection& hub, const DeviceId& device) {
  std::vector<PastGrant> grants;
  DS_ASSIGN(const std::optional<std::int64_t> number, hub.find_device(device));
  if (!number) return grants;
  DS_ASSIGN(const HubQuery all,
            hub.query("SELECT from_position, to_position, scopes FROM ds_grant WHERE device = ?1"
                      " ORDER BY from_position"));
  all->bind(1, *number);
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return grants;
    PastGrant grant;
    grant.from = all->position(0);
    grant.to = all->position(1);
    DS_ASSIGN(grant.scopes, scopes_of_text(all->text(2)));
    grants.push_back(std::move(grant));
  }
}

Status put_code(HubConnection& hub, const CodeRecord& code) {
  const std::string scopes = text_of_scopes(code.scopes);
  DS_ASSIGN(const HubQuery insert,
            hub.query("INSERT OR REPLACE INTO ds_code (secret_hash, name, role, scopes, expires_ms)"
                      " VALUES (?1, ?2, ?3, ?4, ?5)"));
  insert->bind(1, code.secret_hash.view());
  insert->bind(2, std::string_view(code.name));
  insert->bind(3, std::string_view(code.role));
  insert->bind(4, std::string_view(scopes));
  insert->bind(5, code.expires.ms);
  return insert->run();
}

Result<std::optional<CodeRecord>> take_code(HubConnection& hub, const Hash& secret_hash,
                                            Instant now) {
  DS_ASSIGN(const HubQuery expire, hub.query("DELETE FROM ds_code WHERE expires_ms <= ?1"));
  expire->bind(1, now.ms);
  DS_TRY(expire->run());
  DS_ASSIGN(const HubQuery take, hub.query("DELETE FROM ds_code WHERE secret_hash = ?1"
                                           " RETURNING name, role, scopes, expires_ms"));
  take->bind(1, secret_hash.view());
  DS_ASSIGN(const bool found, take->step());
  if (!found) return std::optional<CodeRecord>();
  CodeRecord code;
  code.secret_hash = secret_hash;
  code.name = take->text(0);
  code.role = take->text(1);
  DS_ASSIGN(code.scopes, scopes_of_text(take->text(2)));
  code.expires = Instant{take->integer(3)};
  return std::optional(std::move(code));
}

namespace {

constexpr int transaction_columns = 7;
/// Half of what it takes to put a transaction is to open the table for it.
constexpr std::size_t transactions_at_once = 16;

std::string put_transactions_sql(std::size_t count) {
  std::string sql =
      "INSERT OR REPLACE INTO ds_transaction (device, sequence, hash, position, outcome,"
      " claimed_ms, corrected_ms) VALUES (?, ?, ?, ?, ?, ?, ?)";
  for (std::size_t i = 1; i < count; ++i) sql += ", (?, ?, ?, ?, ?, ?, ?)";
  return sql;
}

/// `outcome` must live until the statement has run.
void bind_transaction(sqlite::Statement& to, int first, std::int64_t device,
                      const TransactionRecord& record, const Bytes& outcome) {
  to.bind(first, device);
  to.bind_unsigned(first + 1, record.id.sequence.value);
  to.bind(first + 2, record.id.hash.view());
  to.bind(first + 3, record.position);
  if (outcome.empty()) {
    to.bind_null(first + 4);
  } else {
    to.bind(first + 4, ByteView(outcome));
  }
  if (record.claimed && record.corrected) {
    to.bind(first + 5, record.claimed->ms);
    to.bind(first + 6, record.corrected->ms);
  } else {
    to.bind_null(first + 5);
    to.bind_null(first + 6);
  }
}

Status put_together(HubConnection& hub, std::string_view sql,
                    std::span<const TransactionRecord> records) {
  DS_ASSIGN(const HubQuery insert, hub.query(sql));
  std::vector<Bytes> outcomes;
  outcomes.reserve(records.size());
  int parameter = 1;
  for (const TransactionRecord& record : records) {
    DS_ASSIGN(const std::int64_t device, hub.number_of(record.id.device));
    // Nearly every transaction is plainly accepted; that is worth no bytes.
    outcomes.push_back(record.outcome == Outcome{} ? Bytes() : encode_outcome(record.outcome));
    bind_transaction(*insert, parameter, device, record, outcomes.back());
    parameter += transaction_columns;
  }
  return insert->run();
}

}  // namespace

Status put_transactions(HubConnection& hub, std::span<const TransactionRecord> records) {
  static const std::string one = put_transactions_sql(1);
  static const std::string several = put_transactions_sql(transactions_at_once);
  while (!records.empty()) {
    const std::size_t count = records.size() < transactions_at_once ? 1 : transactions_at_once;
    DS_TRY(put_together(hub, count == 1 ? one : several, records.first(count)));
    records = records.subspan(count);
  }
  return {};
}

Result<std::vector<TransactionRecord>> read_transactions(HubConnection& hub, const DeviceId& device,
                                                         Sequence after, Sequence through) {
  std::vector<TransactionRecord> records;
  DS_ASSIGN(const std::optional<std::int64_t> number, hub.find_device(device));
  if (!number || after >= through) return records;
  constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  DS_ASSIGN(const HubQuery find,
            hub.query("SELECT sequence, hash, position, outcome, claimed_ms, corrected_ms"
                      " FROM ds_transaction"
                      " WHERE device = ?1 AND sequence > ?2 AND sequence <= ?3 ORDER BY sequence"));
  find->bind(1, *number);
  find->bind_unsigned(2, std::min(after.value, last));
  find->bind_unsigned(3, std::min(through.value, last));
  for (;;) {
    DS_ASSIGN(const bool found, find->step());
    if (!found) return records;
    TransactionRecord record;
    record.id = {device, Sequence{find->unsigned_integer(0)}, find->id<Hash>(1)};
    record.position = find->position(2);
    if (!find->is_null(3)) {
      DS_ASSIGN(record.outcome, decode_outcome(find->blob(3)));
    }
    if (!find->is_null(4)) {
      record.claimed = Instant{find->integer(4)};
      record.corrected = Instant{find->integer(5)};
    }
    records.push_back(std::move(record));
  }
}

}  // namespace doorstep
