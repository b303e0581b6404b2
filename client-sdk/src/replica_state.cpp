#include "client-sdk/src/replica_state.hpp"

#include <algorithm>
#include <vector>

#include "engine/core/defect.hpp"
#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

Digest digest_from(ByteView bytes) {
  std::array<std::uint8_t, 16> array{};
  if (bytes.size() == array.size()) std::copy(bytes.begin(), bytes.end(), array.begin());
  return Digest::from(array);
}

// All but `copies`, which says nothing to anybody else and is counted up by itself.
std::array<Value, state_columns.size()> values_of(const ReplicaState& state) {
  const auto number = [](const auto& of) { return Value::integer(static_cast<std::int64_t>(of)); };
  const auto id = [](const auto& of) { return Value::blob(of.view()); };
  const Value none = Value::null();
  const auto& met = state.met;
  const auto digest = state.digest.bytes();
  const std::string& waits = state.waits_for;
  return {number(state.cursor.value),
          id(state.token),
          number(state.last.value),
          id(state.head),
          number(state.acknowledged.value),
          number(state.included.value),
          Value::blob(ByteView(digest)),
          number(state.hub_seen.ms),
          met ? number(met->hub.ms) : none,
          met ? number(met->at.wall_ms) : none,
          met ? id(met->at.boot) : none,
          met ? number(met->at.boot_ms) : none,
          state.last_sync ? number(state.last_sync->ms) : none,
          waits.empty() ? none : Value::text(std::string_view(waits)),
          number(state.schema_number),
          state.view ? id(*state.view) : none,
          number(state.earlier.value),
          number(static_cast<std::uint8_t>(state.recovery)),
          number(state.unheld.value),
          id(state.unheld_hash),
          number(state.lost_after.value),
          number(state.lost.value),
          number(state.recovering.value),
          number(state.digest_matched ? 1 : 0)};
}

struct StoredState {
  ReplicaState state;
  bool is_as_written = false;
};

Result<StoredState> read_state(sqlite::Database& db) {
  static const std::string sql = [] {
    std::string columns;
    for (const std::string_view name : state_columns) columns += std::string(name) + ", ";
    return "SELECT " + columns +
           "copies, sum, (SELECT value FROM ds_meta WHERE key = 'device'),"
           " EXISTS (SELECT 1 FROM ds_meta WHERE key = 'successor') FROM ds_state";
  }();
  constexpr auto after = static_cast<int>(state_columns.size());
  DS_ASSIGN(const auto kept_read, db.kept(sql));
  sqlite::Statement& read = *kept_read;
  DS_ASSIGN(const bool found, read.step());
  if (!found) return error(ErrorCode::corrupt, "ds_state is empty");
  StoredState stored;
  ReplicaState& state = stored.state;
  state.cursor = read.position(0);
  state.token = read.id<CommitToken>(1);
  state.last = state.noted = Sequence{read.unsigned_integer(2)};
  state.head = read.id<Hash>(3);
  state.acknowledged = Sequence{read.unsigned_integer(4)};
  state.included = Sequence{read.unsigned_integer(5)};
  state.digest = digest_from(read.blob(6));
  state.hub_seen = Instant{read.integer(7)};
  if (!read.is_null(8)) {
    state.met = HubMeeting{Instant{read.integer(8)},
                           ClockProbe{read.integer(9), read.id<BootId>(10), read.integer(11)}};
  }
  if (!read.is_null(12)) state.last_sync = Instant{read.integer(12)};
  state.waits_for = std::string(read.text(13));
  state.schema_number = read.integer(14);
  if (!read.is_null(15)) state.view = read.id<Fingerprint>(15);
  state.earlier = Sequence{read.unsigned_integer(16)};
  state.recovery = static_cast<Recovery>(read.integer(17));
  state.unheld = Sequence{read.unsigned_integer(18)};
  state.unheld_hash = read.id<Hash>(19);
  state.lost_after = Sequence{read.unsigned_integer(20)};
  state.lost = Sequence{read.unsigned_integer(21)};
  state.recovering = Sequence{read.unsigned_integer(22)};
  state.digest_matched = read.integer(23) != 0;
  state.copies = read.unsigned_integer(after);
  state.device = read.id<DeviceId>(after + 2);
  state.forked = read.integer(after + 3) != 0;
  std::vector<Value> values;
  for (int i = 0; i < after; ++i) values.push_back(read.value(i));
  const StateSum sum = state_sum(state.device, values);
  const ByteView kept = read.blob(after + 1);
  stored.is_as_written = std::equal(kept.begin(), kept.end(), sum.begin(), sum.end());
  return stored;
}

/// Of transactions that ds_state does not know of yet.
Status follow_chain(sqlite::Database& db, ReplicaState& state) {
  DS_ASSIGN(const auto newest, db.kept("SELECT sequence, hash, mark FROM ds_outbox"
                                       " ORDER BY sequence DESC LIMIT 1"));
  DS_ASSIGN(const bool found, newest->step());
  if (!found || newest->unsigned_integer(0) <= state.last.value) return {};
  const Sequence sequence{newest->unsigned_integer(0)};
  const Hash hash = newest->id<Hash>(1);
  const ByteView kept = newest->blob(2);
  const StateSum mark = chain_mark(state.device, sequence, hash);
  if (!std::equal(kept.begin(), kept.end(), mark.begin(), mark.end()) &&
      !DS_DEFECT("damage_unnoticed")) {
    return error(ErrorCode::corrupt, "ds_outbox: the newest transaction is not as it was written");
  }
  state.last = sequence;
  state.head = hash;
  return {};
}

void append_number(Bytes& out, std::uint64_t number) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    out.push_back(static_cast<std::uint8_t>(number >> shift));
  }
}

}  // namespace

// A blob of zeros is how an id says that there is none, as NULL does.
StateSum state_sum(const DeviceId& device, std::span<const Value> values) {
  const ByteView whose = device.view();
  Bytes all(whose.begin(), whose.end());
  for (const Value& value : values) {
    ByteView bytes;
    if (value.kind() == Value::Kind::blob) bytes = value.as_blob();
    if (value.kind() == Value::Kind::text) bytes = bytes_of(value.as_text());
    const bool is_number = value.kind() == Value::Kind::integer;
    const bool is_nothing = !is_number && std::all_of(bytes.begin(), bytes.end(),
                                                      [](std::uint8_t byte) { return byte == 0; });
    all.push_back(is_nothing ? 0 : static_cast<std::uint8_t>(value.kind()) + 1);
    if (is_number) append_number(all, static_cast<std::uint64_t>(value.as_integer()));
    if (is_number || is_nothing) continue;
    append_number(all, bytes.size());
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  const std::array<ByteView, 1> parts{ByteView(all)};
  const Hash hash = hash_of(parts);
  StateSum sum{};
  std::copy_n(hash.bytes.begin(), sum.size(), sum.begin());
  return sum;
}

StateSum chain_mark(const DeviceId& device, Sequence sequence, const Hash& hash) {
  Bytes number;
  append_number(number, sequence.value);
  const std::array<ByteView, 3> parts{device.view(), ByteView(number), hash.view()};
  const Hash whole = hash_of(parts);
  StateSum mark{};
  std::copy_n(whole.bytes.begin(), mark.size(), mark.begin());
  return mark;
}

Result<ReplicaState> load_state(sqlite::Database& db) {
  DS_ASSIGN(StoredState stored, read_state(db));
  if (!stored.is_as_written && !DS_DEFECT("damage_unnoticed"))
    return error(ErrorCode::corrupt, "ds_state is not as it was written");
  DS_TRY(follow_chain(db, stored.state));
  return std::move(stored.state);
}

Status save_state(sqlite::Database& db, const ReplicaState& state) {
  static const std::string sql = [] {
    std::string set;
    int at = 0;
    for (const std::string_view name : state_columns) {
      set += std::string(name) + " = ?" + std::to_string(++at) + ", ";
    }
    return "UPDATE ds_state SET " + set + "copies = ?" + std::to_string(at + 1) + ", sum = ?" +
           std::to_string(at + 2);
  }();
  DS_ASSIGN(const auto write, db.kept(sql));
  const auto values = values_of(state);
  const StateSum sum = state_sum(state.device, values);
  int at = 0;
  for (const Value& value : values) write->bind(++at, value);
  write->bind_unsigned(++at, state.copies);
  write->bind(++at, ByteView(sum));
  return write->run();
}

Status save_head(sqlite::Database& db, const ReplicaState& state) {
  DS_ASSIGN(const auto write,
            db.kept("UPDATE ds_state SET last_sequence = ?1, head = ?2, sum = ?3"));
  const StateSum sum = state_sum(state.device, values_of(state));
  write->bind_unsigned(1, state.last.value);
  write->bind(2, state.head.view());
  write->bind(3, ByteView(sum));
  return write->run();
}

Status seal_state(sqlite::Database& db) {
  DS_ASSIGN(const StoredState stored, read_state(db));
  const StateSum sum = state_sum(stored.state.device, values_of(stored.state));
  DS_ASSIGN(const auto write, db.kept("UPDATE ds_state SET sum = ?1"));
  write->bind(1, ByteView(sum));
  return write->run();
}

Result<Value> load_meta(sqlite::Database& db, std::string_view key) {
  DS_ASSIGN(const auto read, db.kept("SELECT value FROM ds_meta WHERE key = ?1"));
  read->bind(1, key);
  DS_ASSIGN(const bool found, read->step());
  if (!found) return error(ErrorCode::not_a_replica, "ds_meta has no " + std::string(key));
  return read->value(0);
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
  DS_ASSIGN(const auto write, db.kept("INSERT INTO ds_meta (key, value) VALUES (?1, ?2)"
                                      " ON CONFLICT (key) DO UPDATE SET value = excluded.value"));
  write->bind(1, key);
  write->bind(2, value);
  return write->run();
}

Status keep_link(sqlite::Database& db, Sequence included) {
  DS_ASSIGN(const auto find, db.kept("SELECT hash FROM ds_outbox WHERE sequence = ?1 UNION ALL"
                                     " SELECT hash FROM ds_rejected WHERE sequence = ?1"));
  find->bind_unsigned(1, included.value);
  DS_ASSIGN(const bool found, find->step());
  if (!found) return {};
  Bytes link;
  for (int shift = 56; shift >= 0; shift -= 8) {
    link.push_back(static_cast<std::uint8_t>(included.value >> static_cast<unsigned>(shift)));
  }
  const ByteView hash = find->blob(0);
  link.insert(link.end(), hash.begin(), hash.end());
  find->reset();
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
