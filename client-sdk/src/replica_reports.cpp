#include "client-sdk/src/replica_reports.hpp"

#include "client-sdk/src/device_identity.hpp"
#include "client-sdk/src/heal_notes.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "client-sdk/src/traffic_book.hpp"

namespace doorstep {
namespace {

Result<std::uint64_t> count_of(sqlite::Database& db, std::string_view sql) {
  DS_ASSIGN(const auto value, db.one(sql));
  return value && value->kind() == Value::Kind::integer
             ? static_cast<std::uint64_t>(value->as_integer())
             : 0;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::vector<std::string> reasons_of(const ReplicaState& state, std::uint64_t staged) {
  std::vector<std::string> reasons;
  if (state.cursor.value == 0 && state.recovery == Recovery::none)
    reasons.emplace_back("never synced with the hub");
  const std::uint64_t unsent = state.last.value - state.acknowledged.value;
  if (unsent > 0)
    reasons.push_back(counted(unsent, "transaction", "transactions") + " not at the hub yet");
  if (!state.waits_for.empty()) reasons.push_back(state.waits_for);
  if (state.acknowledged > state.included) {
    reasons.push_back(
        counted(state.acknowledged.value - state.included.value, "transaction", "transactions") +
        " at the hub, not confirmed by a checkpoint yet");
  }
  if (staged > 0) reasons.emplace_back("a download is not complete");
  if (state.recovery == Recovery::restored) {
    reasons.emplace_back("the township's hub was restored, and what it lost is offered again");
  } else if (state.recovery == Recovery::reset) {
    reasons.emplace_back("the township began anew, and its rows have not come yet");
  } else if (state.cursor.value != 0 && !state.digest_matched) {
    reasons.emplace_back("the rows differed from the hub's at the last checkpoint");
  }
  return reasons;
}

}  // namespace

Result<ReplicaStatus> read_status(sqlite::Database& db, std::int64_t wall_ms) {
  ReplicaStatus status;
  DS_ASSIGN(const ReplicaState state, load_state(db));
  DS_ASSIGN(const Bytes device, load_meta_blob(db, meta::device));
  DS_ASSIGN(const Bytes hub, load_meta_blob(db, meta::hub));
  status.device = DeviceId::from(device).value_or(DeviceId{});
  status.hub = HubId::from(hub).value_or(HubId{});
  DS_ASSIGN(status.earlier_devices, earlier_devices(db));
  DS_ASSIGN(status.device_name, load_meta_text(db, meta::device_name));
  DS_ASSIGN(status.hub_name, load_meta_text(db, meta::hub_name));
  DS_ASSIGN(status.hub_url, load_meta_text(db, meta::hub_url));
  status.epoch = state.cursor.epoch();
  status.cursor = state.cursor;
  status.pending = state.last.value - state.acknowledged.value;
  DS_ASSIGN(const std::uint64_t staged, count_of(db, "SELECT count(*) FROM ds_stage"));
  DS_ASSIGN(const std::uint64_t unsettled,
            count_of(db, "SELECT count(*) FROM ds_scope WHERE expected <> (digest IS NOT NULL)"));
  status.reasons = reasons_of(state, staged);
  if (unsettled > 0 && state.cursor.value != 0) {
    status.reasons.emplace_back("the scopes of this device have changed");
  }
  status.up_to_date = status.reasons.empty();
  status.last_sync_at = state.last_sync;
  if (state.met) status.clock_offset_ms = state.met->at.wall_ms - state.met->hub.ms;
  DS_ASSIGN(status.conflicts_open,
            count_of(db, "SELECT count(*) FROM ds_conflict WHERE state = 'open'"));
  DS_ASSIGN(status.rejected,
            count_of(db, "SELECT count(*) FROM ds_rejected WHERE state = 'waiting'"));
  DS_ASSIGN(status.departed, count_of(db, "SELECT count(*) FROM ds_departed"));
  DS_ASSIGN(status.hub_loss, read_hub_loss(db));
  DS_ASSIGN(const TrafficRecord traffic, load_traffic(db));
  status.traffic = traffic.ever;
  status.traffic_today = traffic.on(wall_ms);
  DS_ASSIGN(auto healed, read_healed(db));
  if (healed) {
    status.reconciled_at = healed->at;
    status.healed = std::move(healed->tables);
    status.healed_rows = healed->total;
    status.healed_at = healed->healed_at;
  }
  DS_ASSIGN(auto scopes, db.prepare("SELECT scope, digest FROM ds_scope"
                                    " WHERE granted = 1 OR digest IS NOT NULL ORDER BY scope"));
  for (;;) {
    DS_ASSIGN(const bool more, scopes.step());
    if (!more) return status;
    std::array<std::uint8_t, 16> digest{};
    if (const ByteView bytes = scopes.blob(1); bytes.size() == digest.size()) {
      std::copy(bytes.begin(), bytes.end(), digest.begin());
    }
    status.scopes.push_back({ScopeId{std::string(scopes.text(0))}, Digest::from(digest)});
  }
}

Result<std::vector<DepartedInfo>> read_departed(sqlite::Database& db) {
  DS_ASSIGN(auto read,
            db.prepare("SELECT \"table\", id, \"from\", \"to\", position, time, why, rows"
                       " FROM ds_departed ORDER BY position DESC, \"table\", id"));
  std::vector<DepartedInfo> departed;
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) return departed;
    DepartedInfo& one = departed.emplace_back();
    one.table = read.text(0);
    one.row = read.value(1);
    one.from.code = read.text(2);
    one.to.code = read.text(3);
    one.position = read.position(4);
    one.time = read.text(5);
    one.why = read.text(6);
    one.rows = read.unsigned_integer(7);
  }
}

}  // namespace doorstep
