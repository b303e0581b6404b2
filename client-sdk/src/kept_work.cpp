#include "client-sdk/src/kept_work.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/core/hash.hpp"
#include "engine/core/limits.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {
namespace {

constexpr int pack_level = 3;

Bytes packed(const Push& push) {
  FrameEncoder encoder;
  encoder.enable_compression(pack_level);
  return encoder.encode(encode(Message{push}));
}

Result<Push> unpacked(ByteView pack) {
  FrameDecoder decoder;
  DS_ASSIGN(const Bytes plain, decoder.decode(pack));
  DS_ASSIGN(Message message, decode(plain));
  auto* push = std::get_if<Push>(&message);
  if (push == nullptr) return error(ErrorCode::corrupt, "ds_kept");
  return std::move(*push);
}

Status put_pack(sqlite::Database& db, const Push& push, Position position, Instant now) {
  DS_ASSIGN(const auto put,
            db.kept("INSERT OR REPLACE INTO ds_kept"
                    " (last, position, at_ms, head, pack) VALUES (?1, ?2, ?3, ?4, ?5)"));
  const Bytes pack = packed(push);
  put->bind_unsigned(1, push.last().value);
  put->bind(2, position);
  put->bind(3, now.ms);
  put->bind(4, push.head.view());
  put->bind(5, ByteView(pack));
  return put->run();
}

}  // namespace

Result<std::optional<Hash>> hash_written(sqlite::Database& db, const ReplicaState& state,
                                         Sequence sequence) {
  // First: of what an earlier identity wrote the number says nothing here.
  if (sequence == state.unheld) {
    return state.unheld_hash == Hash{} ? std::nullopt : std::optional(state.unheld_hash);
  }
  DS_ASSIGN(const auto find, db.kept("SELECT hash FROM ds_outbox WHERE sequence = ?1 UNION ALL"
                                     " SELECT head FROM ds_kept WHERE last = ?1 UNION ALL"
                                     " SELECT hash FROM ds_rejected WHERE sequence = ?1"));
  find->bind_unsigned(1, sequence.value);
  DS_ASSIGN(const bool found, find->step());
  if (found) return std::optional(find->id<Hash>(0));
  DS_ASSIGN(const auto read,
            db.kept("SELECT pack FROM ds_kept WHERE last > ?1 ORDER BY last LIMIT 1"));
  read->bind_unsigned(1, sequence.value);
  DS_ASSIGN(const bool kept, read->step());
  if (!kept) return std::optional<Hash>();
  DS_ASSIGN(const Push push, unpacked(read->blob(0)));
  if (sequence < push.first) return std::optional<Hash>();
  Hash hash = push.missing.value_or(Hash{});
  for (std::size_t i = 0; push.number_of(i) <= sequence; ++i) {
    hash = chain_hash(hash, state.device, state.told(push.number_of(i)), push.bodies[i]);
  }
  return std::optional(hash);
}

Status keep_included(sqlite::Database& db, const ReplicaState& state, Sequence included,
                     Position checkpoint) {
  DS_ASSIGN(const auto read, db.kept("SELECT sequence, hash, body, (SELECT position FROM ds_receipt"
                                     " WHERE last >= sequence ORDER BY last LIMIT 1) FROM ds_outbox"
                                     " WHERE sequence <= ?1 ORDER BY sequence"));
  read->bind_unsigned(1, included.value);
  Push push;
  Position at;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Status {
    if (push.bodies.empty()) return {};
    DS_TRY(put_pack(db, push, at, state.hub_seen));
    push = {};
    bytes = 0;
    return {};
  };
  bool any = false;
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) break;
    any = true;
    const Sequence sequence{read->unsigned_integer(0)};
    const Position said = read->is_null(3) ? Position{} : read->position(3);
    const Position position = said.value == 0 ? checkpoint : said;
    const bool goes_on = sequence == push.next() && position == at &&
                         bytes < limits::push_bytes_target &&
                         push.bodies.size() < limits::push_transactions_max;
    if (!goes_on) {
      const bool follows = sequence == push.next();
      const Hash before = push.head;
      DS_TRY(flush());
      push.first = sequence;
      push.missing = before;
      if (!follows) {
        DS_ASSIGN(const auto written, hash_written(db, state, Sequence{sequence.value - 1}));
        push.missing = written.value_or(Hash{});
      }
      at = position;
    }
    push.head = read->id<Hash>(1);
    DS_ASSIGN(Bytes body, body_of(read->blob(2)));
    bytes += body.size();
    push.bodies.push_back(std::move(body));
  }
  if (!any) return {};
  DS_TRY(flush());
  DS_ASSIGN(const auto drop, db.kept("DELETE FROM ds_outbox WHERE sequence <= ?1"));
  drop->bind_unsigned(1, included.value);
  return drop->run();
}

Status drop_kept(sqlite::Database& db, ReplicaState& state, Position backed_up,
                 Sequence forgotten) {
  if (forgotten > state.unheld) {
    DS_ASSIGN(const auto written, hash_written(db, state, forgotten));
    state.unheld_hash = written.value_or(Hash{});
    state.unheld = forgotten;
  }
  DS_ASSIGN(const auto total, db.one_kept("SELECT sum(length(pack)) FROM ds_kept"));
  auto bytes = total && total->kind() == Value::Kind::integer ? total->as_integer() : 0;
  DS_ASSIGN(const auto read, db.kept("SELECT last, position, at_ms, length(pack), head FROM ds_kept"
                                     " ORDER BY last"));
  Sequence through = forgotten;
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) break;
    const Sequence last{read->unsigned_integer(0)};
    const bool old = state.hub_seen.ms - read->integer(2) > limits::acked_kept_ms;
    const bool dropped = last <= forgotten || read->position(1) <= backed_up || old ||
                         bytes > static_cast<std::int64_t>(limits::acked_kept_bytes_max) ||
                         DS_DEFECT("kept_too_short");
    if (!dropped) break;
    bytes -= read->integer(3);
    through = std::max(through, last);
    if (last > state.unheld) {
      state.unheld = last;
      state.unheld_hash = read->id<Hash>(4);
    }
  }
  if (through.value == 0) return {};
  DS_ASSIGN(const auto drop, db.kept("DELETE FROM ds_kept WHERE last <= ?1"));
  drop->bind_unsigned(1, through.value);
  return drop->run();
}

namespace {

Status put_back(sqlite::Database& db, const ReplicaState& state, const Push& push, Sequence after,
                Position position, Instant kept_at) {
  DS_ASSIGN(auto put, db.prepare("INSERT INTO ds_outbox (sequence, hash, body, was, again)"
                                 " VALUES (?1, ?2, ?3, ?4, 1)"));
  Push left;  // the hub has these
  left.first = push.first;
  left.missing = push.missing;
  Hash hash = push.missing.value_or(Hash{});
  for (std::size_t i = 0; i < push.bodies.size(); ++i) {
    const Sequence sequence = push.number_of(i);
    hash = chain_hash(hash, state.device, state.told(sequence), push.bodies[i]);
    if (sequence <= after) {
      left.bodies.push_back(push.bodies[i]);
      left.head = hash;
      continue;
    }
    put.bind_unsigned(1, sequence.value);
    put.bind(2, hash.view());
    put.bind(3, ByteView(push.bodies[i]));
    put.bind(4, position);
    DS_TRY(put.run());
  }
  if (hash != push.head) return error(ErrorCode::corrupt, "ds_kept: the chain");
  return left.bodies.empty() ? Status() : put_pack(db, left, position, kept_at);
}

}  // namespace

Status offer_again(sqlite::Database& db, const ReplicaState& state, Sequence after) {
  DS_ASSIGN(auto note, db.prepare("UPDATE ds_outbox SET was = (SELECT position FROM ds_receipt"
                                  " WHERE last >= sequence ORDER BY last LIMIT 1)"
                                  " WHERE sequence > ?1 AND sequence <= ?2"));
  note.bind_unsigned(1, after.value);
  note.bind_unsigned(2, state.acknowledged.value);
  DS_TRY(note.run());
  struct Pack {
    Push push;
    Position position;
    Instant at;
  };
  std::vector<Pack> packs;
  {
    DS_ASSIGN(auto read, db.prepare("SELECT pack, position, at_ms FROM ds_kept WHERE last > ?1"
                                    " ORDER BY last"));
    read.bind_unsigned(1, after.value);
    for (;;) {
      DS_ASSIGN(const bool more, read.step());
      if (!more) break;
      DS_ASSIGN(Push push, unpacked(read.blob(0)));
      packs.push_back({std::move(push), read.position(1), Instant{read.integer(2)}});
    }
  }
  DS_ASSIGN(auto drop, db.prepare("DELETE FROM ds_kept WHERE last > ?1"));
  drop.bind_unsigned(1, after.value);
  DS_TRY(drop.run());
  for (const Pack& pack : packs) {
    DS_TRY(put_back(db, state, pack.push, after, pack.position, pack.at));
  }
  return {};
}

Status take_back(sqlite::Database& db, const ReplicaState& state, Sequence through,
                 const std::vector<Sequence>& refused) {
  std::vector<Sequence> taken;
  {
    DS_ASSIGN(const auto read, db.kept("SELECT sequence FROM ds_rejected WHERE sequence > ?1"
                                       " AND sequence <= ?2 AND state = 'waiting'"));
    read->bind_unsigned(1, state.acknowledged.value);
    read->bind_unsigned(2, through.value);
    for (;;) {
      DS_ASSIGN(const bool more, read->step());
      if (!more) break;
      const Sequence sequence{read->unsigned_integer(0)};
      if (!std::binary_search(refused.begin(), refused.end(), sequence)) taken.push_back(sequence);
    }
  }
  for (const Sequence sequence : taken) {
    DS_ASSIGN(auto move, db.prepare("INSERT INTO ds_outbox (sequence, hash, body, again)"
                                    " SELECT sequence, hash, body, 1 FROM ds_rejected"
                                    " WHERE sequence = ?1"));
    move.bind_unsigned(1, sequence.value);
    DS_TRY(move.run());
    DS_ASSIGN(auto drop, db.prepare("DELETE FROM ds_rejected WHERE sequence = ?1"));
    drop.bind_unsigned(1, sequence.value);
    DS_TRY(drop.run());
  }
  return {};
}

namespace {

// The parts wait in ds_meta: a table of their own would cost every replica a page.
constexpr std::string_view parts_waiting = " FROM ds_meta WHERE key >= 'aside:' AND key < 'aside;'";

std::string of_parts(std::string_view what, std::string_view order) {
  return std::string(what).append(parts_waiting).append(order);
}

}  // namespace

Status set_aside(sqlite::Database& db, const Schema& schema, const HeldRows& rows) {
  if (rows.empty() || DS_DEFECT("last_copies_dropped")) return {};
  std::vector<Salvage> parts;
  {
    DS_ASSIGN(auto read, db.prepare(of_parts("SELECT value", " ORDER BY key")));
    for (;;) {
      DS_ASSIGN(const bool more, read.step());
      if (!more) break;
      DS_ASSIGN(auto held, decode_parts(read.blob(0)));
      for (Salvage& part : held) parts.push_back(std::move(part));
    }
  }
  append_salvage(parts, salvage_of(schema, Sequence{}, rows));
  DS_ASSIGN(auto put, db.prepare("INSERT OR REPLACE INTO ds_meta (key, value)"
                                 " VALUES (printf('aside:%03d', ?1), ?2)"));
  for (const Salvage& part : parts) {
    const Bytes message = encode_parts({&part, 1});
    put.bind(1, std::int64_t{part.part});
    put.bind(2, ByteView(message));
    DS_TRY(put.run());
  }
  return {};
}

Result<std::optional<Salvage>> next_set_aside(sqlite::Database& db) {
  DS_ASSIGN(const auto read, db.kept(of_parts("SELECT value", " ORDER BY key LIMIT 1")));
  DS_ASSIGN(const bool found, read->step());
  if (!found) return std::optional<Salvage>();
  DS_ASSIGN(auto parts, decode_parts(read->blob(0)));
  if (parts.size() != 1) return error(ErrorCode::corrupt, "ds_meta: rows set aside");
  return std::optional<Salvage>(std::move(parts.front()));
}

Status drop_all_set_aside(sqlite::Database& db) { return db.run(of_parts("DELETE", "")); }

Status drop_set_aside(sqlite::Database& db, std::uint32_t part) {
  DS_ASSIGN(auto drop, db.prepare("DELETE FROM ds_meta WHERE key = printf('aside:%03d', ?1)"
                                  " AND key = (" +
                                  of_parts("SELECT min(key)", ")")));
  drop.bind(1, std::int64_t{part});
  return drop.run();
}

}  // namespace doorstep
