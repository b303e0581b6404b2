#include "client-sdk/src/held_salvage.hpp"

#include <utility>

#include "engine/ports/meant_rows.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {

Status HeldSalvage::gather(Sequence sequence, Sequence told) {
  DS_ASSIGN(auto read, db_->prepare("SELECT body FROM ds_outbox WHERE sequence = ?1"));
  read.bind_unsigned(1, sequence.value);
  DS_ASSIGN(const bool found, read.step());
  if (!found) return {};
  DS_ASSIGN(const Transaction content, transaction_in(*schema_, read.blob(0)));
  const auto held = [this](const RowKey& key) -> Result<std::optional<RowImage>> {
    DS_ASSIGN(auto pending, pending_.find(key));
    if (pending) return pending->base ? std::move(pending->base) : std::move(pending->copy);
    DS_ASSIGN(RowTable* const table, tables_->of(key.table));
    return table->read(key.row);
  };
  DS_ASSIGN(const HeldRows rows, meant_rows(*schema_, content, held));
  gathered_[sequence] = salvage_of(*schema_, told, rows);
  return {};
}

Status HeldSalvage::keep() {
  for (const auto& [sequence, parts] : gathered_) {
    if (parts.empty()) continue;
    DS_ASSIGN(auto put, db_->prepare("UPDATE ds_rejected SET base = ?2, base_parts = ?3"
                                     " WHERE sequence = ?1"));
    const Bytes base = encode_parts(parts);
    put.bind_unsigned(1, sequence.value);
    put.bind(2, ByteView(base));
    put.bind(3, static_cast<std::int64_t>(parts.size()));
    DS_TRY(put.run());
  }
  gathered_.clear();
  return {};
}

Result<std::optional<Salvage>> next_salvage(sqlite::Database& db, Sequence after,
                                            Sequence through) {
  DS_ASSIGN(const auto read,
            db.kept("SELECT base, base_sent FROM ds_rejected"
                    " WHERE base_sent < base_parts AND sequence > ?1 AND sequence <= ?2"
                    " ORDER BY sequence LIMIT 1"));
  read->bind_unsigned(1, after.value);
  read->bind_unsigned(2, through.value);
  DS_ASSIGN(const bool found, read->step());
  if (!found) return std::optional<Salvage>();
  DS_ASSIGN(auto parts, decode_parts(read->blob(0)));
  const auto next = static_cast<std::size_t>(read->unsigned_integer(1));
  if (next >= parts.size()) return error(ErrorCode::corrupt, "ds_rejected: base");
  return std::optional<Salvage>(std::move(parts[next]));
}

Status note_salvaged(sqlite::Database& db, Sequence after, Sequence sequence, std::uint32_t part) {
  DS_ASSIGN(auto note, db.prepare("UPDATE ds_rejected SET base_sent = base_sent + 1"
                                  " WHERE sequence = ?1 AND base_sent + 1 = ?2"
                                  " AND base_sent < base_parts"
                                  " AND NOT EXISTS (SELECT 1 FROM ds_rejected AS older"
                                  " WHERE older.sequence > ?3 AND older.sequence < ?1"
                                  " AND older.base_sent < older.base_parts)"));
  note.bind_unsigned(1, sequence.value);
  note.bind(2, std::int64_t{part});
  note.bind_unsigned(3, after.value);
  return note.run();
}

}  // namespace doorstep
