// What is on record as lost, said plainly (see naive_model.hpp).
#include <algorithm>

#include "tests/support/naive_cell.hpp"
#include "tests/support/naive_model.hpp"

namespace doorstep::test {
namespace {

NaiveLoser delete_loser(const Table& table, const RowKey& key, const NaiveDelete& loser) {
  return {table.name,
          std::string(key.row.text()),
          "",
          Value::null().display(),
          loser.author.hex(),
          loser.position.value,
          text_of(ConflictState::open, std::nullopt)};
}

bool gathers(const Column& column) {
  return column.policy == MergePolicy::counter || column.policy == MergePolicy::set;
}

// What a delete took along that showed and that its author could not have seen.
bool taken_blindly(const NaiveDelete& death, const Column& column, ColumnId cell,
                   const std::vector<NaiveWrite>& writes, std::size_t index) {
  const std::size_t count = death.after.at(cell);
  if (!death.hidden.contains(cell) || index >= count || writes[index].author == death.author)
    return false;
  const std::vector<NaiveWrite> then(writes.begin(),
                                     writes.begin() + static_cast<std::ptrdiff_t>(count));
  return !shown_of(column, then).front().is_null();
}

ConflictState first_state(const Column& column) {
  return column.policy == MergePolicy::review ? ConflictState::open : ConflictState::automatic;
}

}  // namespace

std::string text_of(ConflictState state,
                    const std::optional<std::pair<DeviceId, Position>>& decided_by) {
  std::string text(name_of(state));
  if (!decided_by) return text;
  return text + " by " + decided_by->first.hex().substr(30) + " in " +
         std::to_string(decided_by->second.number());
}

bool NaiveHub::lost_anything(const IncomingTransaction& transaction, Position commit) const {
  const auto own = [&](const auto& written) {
    return written.author == transaction.id.device && written.sequence == transaction.id.sequence &&
           written.position == commit;
  };
  for (const auto& [key, row] : rows_) {
    if (redirects_.contains(key)) continue;
    if (std::any_of(row.overruled.begin(), row.overruled.end(), own)) return true;
    for (const auto& [cell, writes] : row.writes) {
      const Column& column = schema_->table(key.table).column(cell);
      const NaiveCell now = walk(column, writes);
      const auto losers = losers_of(column, writes);
      for (std::size_t i = 0; i < writes.size(); ++i) {
        const NaiveWrite& write = writes[i];
        if (!own(write)) continue;
        const Fate::Kind kind = now.fates[i].kind;
        if (!row.live && kind == Fate::Kind::stands &&
            (write.to_dead || unseen_by(*row.death, cell, write)))
          return true;
        if (row.live && among(losers, write)) return true;
        const bool refused = kind == Fate::Kind::yielded || kind == Fate::Kind::nothing;
        if (row.live && refused && write.values != shown_of(column, writes)) return true;
      }
    }
  }
  return false;
}

void NaiveHub::record_decisions(const IncomingTransaction& transaction, Position commit) {
  for (const RowChange& change : transaction.content.changes) {
    const RowKey key{change.table, change.row};
    if (!rows_.contains(key)) continue;
    for (const auto& [cell, writes] : rows_.at(key).writes) {
      for (std::size_t i = 0; i < writes.size(); ++i) {
        const bool own = writes[i].author == transaction.id.device &&
                         writes[i].sequence == transaction.id.sequence;
        if (own && writes[i].position == commit) record_decision(key, cell, writes, i, commit);
      }
    }
  }
}

// A decision settles every record of its cell whose loser does not contest it any more, and files
// what it had not seen and is older; a value that comes too late for it is filed too. An undo opens
// what the decision had settled.
void NaiveHub::record_decision(const RowKey& key, ColumnId cell,
                               const std::vector<NaiveWrite>& writes, std::size_t index,
                               Position commit) {
  const Column& column = schema_->table(key.table).column(cell);
  const NaiveCell now = walk(column, writes);
  const NaiveWrite& write = writes[index];
  const auto record_of = [&](const NaiveWrite& one) {
    return RecordKey{key, cell, one.author, one.position};
  };
  const auto file = [&](const NaiveWrite& loser, const NaiveWrite& decision) {
    const RecordKey record = record_of(loser);
    if (records_.contains(record) && loser.position != commit) return;
    records_[record] = {loser.values, ConflictState::decided,
                        std::pair(decision.author, decision.position)};
    decided_now_.insert(record);
  };
  const Fate& fate = now.fates[index];
  if (fate.kind == Fate::Kind::yielded && write.values != shown_of(column, writes))
    file(write, *fate.by);
  if (fate.took_back != nullptr) {
    const std::pair taken{fate.took_back->author, fate.took_back->position};
    for (auto& [record, known] : records_) {
      if (std::get<RowKey>(record) != key || std::get<ColumnId>(record) != cell) continue;
      if (known.decided_by != taken) continue;
      known = {known.values, ConflictState::open, std::nullopt};
      decided_now_.insert(record);
    }
  }
  if (write.what != Decision::decide || !now.decision || now.decision->write != &write) return;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const bool by_this = now.fates[i].kind == Fate::Kind::settled && now.fates[i].by == &write;
    if (by_this && writes[i].values != write.values) file(writes[i], write);
  }
  for (auto& [record, known] : records_) {
    if (std::get<RowKey>(record) != key || std::get<ColumnId>(record) != cell) continue;
    if (std::any_of(now.standing.begin(), now.standing.end(),
                    [&, &at = record](const auto& one) { return record_of(*one.write) == at; })) {
      continue;
    }
    known.state = ConflictState::decided;
    known.decided_by = std::pair(write.author, write.position);
    decided_now_.insert(record);
  }
}

// A record is withdrawn when its author replaces the value or when it is shown after all. When
// somebody else replaces it, having seen the cell, it stays: nobody may have looked at it; where a
// person was to look, that has settled it. What decisions made of a record is left alone.
void NaiveHub::keep_record(const Column& column, const RecordKey& record, const NaiveWrite& write,
                           const Fate& fate, bool lost, Position commit) {
  const auto known = records_.find(record);
  if (lost) {
    const bool later_one = lost_now_.contains(record) && !decided_now_.contains(record);
    if (known != records_.end() && !later_one) return;
    records_[record] = {write.values, first_state(column), {}};
    lost_now_.insert(record);
    return;
  }
  if (known == records_.end() || decided_now_.contains(record)) return;
  NaiveRecord& kept = known->second;
  // What a delete took nobody is to look at.
  const bool taken = kept.state == ConflictState::automatic;
  if (kept.decided_by || (kept.state != first_state(column) && !taken)) return;
  const bool replaced = fate.kind == Fate::Kind::replaced && fate.by != nullptr;
  const bool corrected = replaced && fate.by->author == write.author;
  if (fate.kind == Fate::Kind::stands || corrected) {
    records_.erase(known);
  } else if (replaced && kept.state == ConflictState::open && fate.by->position == commit) {
    kept.state = ConflictState::decided;
    kept.decided_by = std::pair(fate.by->author, fate.by->position);
  }
}

// What a delete took of a count or of a list is there again when the row is; what came to the row
// while it was gone is not.
void NaiveHub::count_again(const RowKey& key, ColumnId cell,
                           const std::vector<NaiveWrite>& writes) {
  for (const NaiveWrite& write : writes) {
    const auto known = records_.find({key, cell, write.author, write.position});
    if (known == records_.end() || write.to_dead || known->second.decided_by) continue;
    if (known->second.state == ConflictState::automatic) records_.erase(known);
  }
}

// What a delete takes unseen is told at once, what lost to another value at the end of the commit,
// for it may have been replaced within it. Below a delete nothing is shown, so nothing is
// withdrawn.
void NaiveHub::keep_records(bool at_end, Position commit) {
  for (const auto& [key, row] : rows_) {
    if ((row.live && !at_end) || redirects_.contains(key)) continue;
    const Table& table = schema_->table(key.table);
    for (const auto& [cell, writes] : row.writes) {
      const Column& column = table.column(cell);
      if (row.live && gathers(column)) {
        count_again(key, cell, writes);
        continue;
      }
      const NaiveCell now = walk(column, writes);
      const auto losers = row.live ? losers_of(column, writes) : std::vector<Standing>();
      for (std::size_t i = 0; i < writes.size(); ++i) {
        const NaiveWrite& write = writes[i];
        const Fate& fate = now.fates[i];
        const RecordKey record{key, cell, write.author, write.position};
        if (row.live) {
          // Two writes of one author in one commit are one record, the later one's.
          const bool again = fate.kind == Fate::Kind::replaced && fate.by != nullptr &&
                             fate.by->author == write.author && fate.by->position == write.position;
          if (!again) keep_record(column, record, write, fate, among(losers, write), commit);
        } else if (fate.kind == Fate::Kind::stands && !write.left_out &&
                   (write.to_dead || unseen_by(*row.death, cell, write) ||
                    taken_blindly(*row.death, column, cell, writes, i))) {
          const NaiveDelete& death = *row.death;
          NaiveRecord taken{write.values, ConflictState::automatic, {}};
          if (gathers(column)) {
            taken.values = {
                taken_of(column, writes, write, death.after.at(cell), death.observed.at(cell))};
          }
          records_[record] = std::move(taken);
        } else if (at_end && fate.kind == Fate::Kind::replaced && fate.by != nullptr &&
                   !fate.by->to_dead && fate.by->position == commit && write.position != commit) {
          keep_record(column, record, write, fate, false, commit);
        }
      }
    }
  }
}

std::multiset<NaiveLoser> NaiveHub::losers() const {
  std::multiset<NaiveLoser> all;
  for (const auto& [key, row] : rows_) {
    for (const NaiveDelete& loser : row.overruled)
      all.insert(delete_loser(schema_->table(key.table), key, loser));
  }
  for (const auto& [row, author, position] : overruled_late_) {
    all.insert(
        delete_loser(schema_->table(row.table), row, {author, {}, position, {}, row, {}, {}}));
  }
  for (const auto& [record, known] : records_) {
    const auto& [key, cell, author, position] = record;
    const Table& table = schema_->table(key.table);
    const std::vector<ColumnId> columns = cell_of(table, cell);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      all.insert({table.name, std::string(key.row.text()), table.column(columns[i]).name,
                  known.values[i].display(), author.hex(), position.value,
                  text_of(known.state, known.decided_by)});
    }
  }
  return all;
}

}  // namespace doorstep::test
