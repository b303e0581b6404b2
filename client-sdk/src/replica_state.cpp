#include "client-sdk/src/replica_state.hpp"

namespace doorstep {
namespace {

Digest digest_from(ByteView bytes) {
  std::array<std::uint8_t, 16> array{};
  if (bytes.size() == array.size()) std::copy(bytes.begin(), bytes.end(), array.begin());
  return Digest::from(array);
}

}  // namespace

Result<ReplicaState> load_state(sqlite::Database& db) {
  DS_ASSIGN(
      auto read,
      db.prepare("SELECT cursor, token, last_sequence, head, acknowledged, included, digest,"
                 " digest_matched, hub_seen_ms, met_hub_ms, met_wall_ms, met_boot,"
                 " met_boot_ms, last_sync_ms, copies, waits_for, schema_number, view, earlier,"
                 " recovery, unheld, unheld_hash, lost_after, lost, recovering,"
                 " (SELECT value FROM ds_meta WHERE key = 'device'),"
                 " EXISTS (SELECT 1 FROM ds_meta WHERE key = 'successor') FROM ds_state"));
  DS_ASSIGN(const bool found, read.step());
  if (!found) return error(ErrorCode::corrupt, "ds_state is empty");
  ReplicaState state;
  state.cursor = read.position(0);
  state.token = read.id<CommitToken>(1);
  state.last = Sequence{read.unsigned_integer(2)};
  state.head = read.id<Hash>(3);
  state.acknowledged = Sequence{read.unsigned_integer(4)};
  state.included = Sequence{read.unsigned_integer(5)};
  state.digest = digest_from(read.blob(6));
  state.digest_matched = read.integer(7) != 0;
  state.hub_seen = Instant{read.integer(8)};
  if (!read.is_null(9)) {
    state.met = HubMeeting{Instant{read.integer(9)},
                           ClockProbe{read.integer(10), read.id<BootId>(11), read.integer(12)}};
  }
  if (!read.is_null(13)) state.last_sync = Instant{read.integer(13)};
  state.copies = read.unsigned_integer(14);
  state.waits_for = std::string(read.text(15));
  state.schema_number = read.integer(16);
  if (!read.is_null(17)) state.view = read.id<Fingerprint>(17);
  state.earlier = Sequence{read.unsigned_integer(18)};
  state.recovery = static_cast<Recovery>(read.integer(19));
  state.unheld = Sequence{read.unsigned_integer(20)};
  state.unheld_hash = read.id<Hash>(21);
  state.lost_after = Sequence{read.unsigned_integer(22)};
  state.lost = Sequence{read.unsigned_integer(23)};
  state.recovering = Sequence{read.unsigned_integer(24)};
  state.device = read.id<DeviceId>(25);
  state.forked = read.integer(26) != 0;
  return state;
}

Status save_state(sqlite::Database& db, const ReplicaState& state) {
  DS_ASSIGN(
      auto write,
      db.prepare(
          "UPDATE ds_state SET cursor = ?1, token = ?2, last_sequence = ?3, head = ?4,"
          " acknowledged = ?5, included = ?6, digest = ?7, digest_matched = ?8, hub_seen_ms = ?9,"
          " met_hub_ms = ?10, met_wall_ms = ?11, met_boot = ?12, met_boot_ms = ?13,"
          " last_sync_ms = ?14, copies = ?15, waits_for = ?16, view = ?17,"
          " recovery = ?18, unheld = ?19, unheld_hash = ?20, lost_after = ?21, lost = ?22,"
          " recovering = ?23"));
  const auto digest = state.digest.bytes();
  write.bind(1, state.cursor);
  write.bind(2, state.token.view());
  write.bind_unsigned(3, state.last.value);
  write.bind(4, state.head.view());
  write.bind_unsigned(5, state.acknowledged.value);
  write.bind_unsigned(6, state.included.value);
  write.bind(7, ByteView(digest));
  write.bind(8, std::int64_t{state.digest_matched ? 1 : 0});
  write.bind(9, state.hub_seen.ms);
  if (state.met) {
    write.bind(10, state.met->hub.ms);
    write.bind(11, state.met->at.wall_ms);
    write.bind(12, state.met->at.boot.view());
    write.bind(13, state.met->at.boot_ms);
  }
  if (state.last_sync) write.bind(14, state.last_sync->ms);
  write.bind_unsigned(15, state.copies);
  if (!state.waits_for.empty()) write.bind(16, std::string_view(state.waits_for));
  if (state.view) write.bind(17, state.view->view());
  write.bind(18, static_cast<std::int64_t>(state.recovery));
  write.bind_unsigned(19, state.unheld.value);
  write.bind(20, state.unheld_hash.view());
  write.bind_unsigned(21, state.lost_after.value);
  write.bind_unsigned(22, state.lost.value);
  write.bind_unsigned(23, state.recovering.value);
  return write.run();
}

Result<Value> load_meta(sqlite::Database& db, std::string_view key) {
  DS_ASSIGN(auto read, db.prepare("SELECT value FROM ds_meta WHERE key = ?1"));
  read.bind(1, key);
  DS_ASSIGN(const bool found, read.step());
  if (!found) return error(ErrorCode::not_a_replica, "ds_meta has no " + std::string(key));
  return read.value(0);
}

Result<std::string> load_meta_text(sqlite::Database& db, std::string_view key) {
  DS_ASSIGN(const Value value, load_meta(db, key));
  if (value.kind() != Value::Kind::text) {
    return error(ErrorCode::corrupt, "ds_meta: " + std::string(key) + " is no text");
  }
  return std::string(value.as_text());
}

Result<Bytes> load_meta_blob(sqlite::Database& db, std::string_view key) {
  DS_ASSIGN(const Value value, load_meta(db, key));
  if (value.kind() != Value::Kind::blob) {
    return error(ErrorCode::corrupt, "ds_meta: " + std::string(key) + " is no blob");
  }
  return Bytes(value.as_blob().begin(), value.as_blob().end());
}

Status save_meta(sqlite::Database& db, std::string_view key, const Value& value) {
  DS_ASSIGN(auto write, db.prepare("INSERT INTO ds_meta (key, value) VALUES (?1, ?2)"
                                   " ON CONFLICT (key) DO UPDATE SET value = excluded.value"));
  write.bind(1, key);
  write.bind(2, value);
  return write.run();
}

Status keep_link(sqlite::Database& db, Sequence included) {
  DS_ASSIGN(auto find, db.prepare("SELECT hash FROM ds_outbox WHERE sequence = ?1 UNION ALL"
                                  " SELECT hash FROM ds_rejected WHERE sequence = ?1"));
  find.bind_unsigned(1, included.value);
  DS_ASSIGN(const bool found, find.step());
  if (!found) return {};
  Bytes link;
  for (int shift = 56; shift >= 0; shift -= 8) {
    link.push_back(static_cast<std::uint8_t>(included.value >> static_cast<unsigned>(shift)));
  }
  const ByteView hash = find.blob(0);
  link.insert(link.end(), hash.begin(), hash.end());
  find.reset();
  return save_meta(db, meta::included_link, Value::blob(link));
}

std::optional<ChainLink> link_in(ByteView value) {
  constexpr std::size_t number_bytes = 8;
  if (value.size() != number_bytes + Hash::size) return std::nullopt;
  ChainLink link;
  for (const std::uint8_t byte : value.first(number_bytes)) {
    link.sequence.value = (link.sequence.value << 8U) | byte;
  }
  link.hash = Hash::from(value.subspan(number_bytes)).value_or(Hash{});
  return link;
}

}  // namespace doorstep
