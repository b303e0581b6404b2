#include "engine/core/merge_conflict.hpp"

#include <algorithm>

#include "engine/core/defect.hpp"
#include "engine/core/merge_cell.hpp"
#include "engine/core/merge_row.hpp"
#include "engine/core/policy.hpp"

namespace doorstep {
namespace {

/// One cell's losers and what stands against them.
struct Standing {
  Cell cell;
  Contribution winner;
  std::vector<Contribution> losers;
  bool live = true;  ///< the row
};

Standing standing(const Table& table, const StoredRow& row, ColumnId id) {
  const Column& column = table.column(id);
  Standing out{open_cell(table, row, id), {}, {}, row.live};
  out.winner = winner_of(column, out.cell);
  out.losers = losers_of(column, out.cell);
  return out;
}

bool holds(const std::vector<Contribution>& all, const CellVersion& version) {
  return std::any_of(all.begin(), all.end(), [&](const Contribution& one) {
    return one.version.author == version.author && one.version.position == version.position;
  });
}

/// Only cells in which values met can have losers.
void add_contended(const StoredRow* row, std::vector<ColumnId>& columns) {
  if (row == nullptr) return;
  for (const CellState& cell : row->cells) {
    if (cell.contributions.size() > 1) columns.push_back(cell.column);
  }
}

class CellRecords {
 public:
  CellRecords(const Table& table, const WorkingRow& row, Position commit, ConflictMap& records)
      : table_(table), row_(row), commit_(commit), records_(records) {}

  void compare(ColumnId column, const Standing* before, const Standing& after);
  void put(Conflict record);
  /// The row came back: what an earlier delete took of columns that its author could not see is
  /// shown again, or its author has replaced it.
  void came_back(const CellVersion& death);

 private:
  [[nodiscard]] Conflict cell_record(ColumnId column, const Contribution& winner,
                                     const Contribution& loser) const;
  void close(ColumnId column, const Standing& after, const Contribution& loser);
  [[nodiscard]] const Replaced* replaced(ColumnId column, const CellVersion& version) const;

  const Table& table_;
  const WorkingRow& row_;
  Position commit_;
  ConflictMap& records_;
};

/// In a row that is gone nothing is shown: what its delete took unseen is on record already, and
/// what had lost to another value before is told when the row comes back.
void CellRecords::compare(ColumnId column, const Standing* before, const Standing& after) {
  for (const Contribution& loser : after.losers) {
    const bool told = before != nullptr && before->live && before->winner == after.winner &&
                      holds(before->losers, loser.version);
    if (DS_DEFECT("loser_dropped")) continue;
    if (!told && row_.row->live) put(cell_record(column, after.winner, loser));
  }
  if (before == nullptr) return;
  for (const Contribution& loser : before->losers) {
    if (!holds(after.losers, loser.version)) close(column, after, loser);
  }
}

/// A value that is shown after all, or that its author replaced, has lost nothing. Where a person
/// was to look, a write of another author who had seen it has settled the matter (SEMANTICS B1).
void CellRecords::close(ColumnId column, const Standing& after, const Contribution& loser) {
  const bool shown = holds(after.cell.state.contributions, loser.version);
  const Replaced* const gone = replaced(column, loser.version);
  Conflict record = cell_record(column, after.winner, loser);
  if (shown || (gone != nullptr && gone->by.author == loser.version.author)) {
    record.withdrawn = true;
    put(std::move(record));
  } else if (gone != nullptr && record.state == ConflictState::open) {
    record.state = ConflictState::decided;
    record.decision = gone->by;
    put(std::move(record));
  }
}

const Replaced* CellRecords::replaced(ColumnId column, const CellVersion& version) const {
  const auto found =
      std::find_if(row_.replaced.begin(), row_.replaced.end(), [&](const Replaced& one) {
        return one.column == column && one.version.author == version.author &&
               one.version.position == version.position;
      });
  return found == row_.replaced.end() ? nullptr : &*found;
}

Conflict CellRecords::cell_record(ColumnId column, const Contribution& winner,
                                  const Contribution& loser) const {
  Conflict record = conflict_of(table_, *row_.row, column, winner, loser);
  if (rules_of(record.policy).asks_person) record.state = ConflictState::open;
  return record;
}

void CellRecords::put(Conflict record) {
  record.order_uncertain = record.column && rules_of(record.policy).by_stamp &&
                           record.loser.version.stamp.overlaps(record.winner.version.stamp);
  record.scope = row_.row->scope;
  record.position = commit_;
  records_[record.id] = std::move(record);
}

/// What a delete took is back in its cell when an edit of the same commit revives the row, or its
/// author went on to another value there: her stamps rise.
bool is_over(const Table& table, const StoredRow& row, const Conflict& record) {
  if (!row.live || !record.column || !record.winner.value.is_null()) return false;
  const CellVersion& lost = record.loser.version;
  const Cell cell = open_cell(table, row, *record.column);
  const auto& all = cell.state.contributions;
  return std::any_of(all.begin(), all.end(), [&](const Contribution& one) {
    return one.version == lost ||
           (one.version.author == lost.author && one.version.position == lost.position &&
            one.version.stamp.hi > lost.stamp.hi);
  });
}

void CellRecords::came_back(const CellVersion& death) {
  for (const auto& [id, known] : row_.known) {
    if (known.state != ConflictState::automatic || known.withdrawn || row_.settled.contains(id))
      continue;
    const CellVersion& by = known.winner.version;
    if (!known.column || by.author != death.author || by.position != death.position) continue;
    if (records_.contains(id)) continue;  // it lost to what stands there now
    const Cell cell = open_cell(table_, *row_.row, *known.column);
    const Replaced* const gone = replaced(*known.column, known.loser.version);
    const bool corrected = gone != nullptr && gone->by.author == known.loser.version.author;
    if (!corrected && !holds(cell.state.contributions, known.loser.version)) continue;
    Conflict record = known;
    record.withdrawn = true;
    put(std::move(record));
  }
}

}  // namespace

void add_conflicts(const Schema& schema, const StoredRow* before, const WorkingRow& after,
                   Position commit, ConflictMap& records) {
  const Table& table = schema.table(after.row->table);
  CellRecords cells(table, after, commit, records);
  std::vector<ColumnId> columns;
  add_contended(before, columns);
  add_contended(&*after.row, columns);
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  for (const ColumnId column : columns) {
    const Standing now = standing(table, *after.row, column);
    if (before == nullptr) {
      cells.compare(column, nullptr, now);
    } else {
      const Standing was = standing(table, *before, column);
      cells.compare(column, &was, now);
    }
  }
  if (before != nullptr && before->death && after.row->live) cells.came_back(*before->death);
  for (const Conflict& record : after.recorded) {
    if (!is_over(table, *after.row, record)) cells.put(record);
  }
  for (const ConflictId& id : after.settled) cells.put(after.known.at(id));
}

}  // namespace doorstep
