// What is on record as lost, said plainly (see naive_model.hpp).
#include <algorithm>

#include "tests/support/naive_cell.hpp"
#include "tests/support/naive_model.hpp"

namespace doorstep::test {
namespace {

NaiveLoser delete_loser(const Table& table, const RowKey& key, const NaiveDelete& loser) {
  return {table.name,         std::string(key.row.text()), "", Value::null().display(),
          loser.author.hex(), loser.position.value};
}

}  // namespace

bool NaiveHub::lost_anything(const IncomingTransaction& transaction, Position commit) const {
  const auto own = [&](const auto& written) {
    return written.author == transaction.id.device && written.sequence == transaction.id.sequence &&
           written.position == commit;
  };
  for (const auto& [key, row] : rows_) {
    if (std::any_of(row.overruled.begin(), row.overruled.end(), own)) return true;
    for (const auto& [cell, writes] : row.writes) {
      const Column& column = schema_->table(key.table).column(cell);
      const auto standing = row.live ? losers_of(column, writes) : standing_of(column, writes);
      for (const Standing& loser : standing) {
        if (own(*loser.write) && (row.live || unseen_by(*row.death, cell, *loser.write)))
          return true;
      }
    }
  }
  return false;
}

// A record is withdrawn when its author replaces the value or when it is shown after all. When
// somebody else replaces it, having seen the cell, it stays: nobody may have looked at it. What a
// delete takes unseen is told at once, what lost to another value at the end of the commit, for it
// may have been replaced within it.
void NaiveHub::keep_records(bool at_end) {
  for (const auto& [key, row] : rows_) {
    if (row.live && !at_end) continue;
    const Table& table = schema_->table(key.table);
    for (const auto& [cell, writes] : row.writes) {
      const Column& column = table.column(cell);
      const bool gathers =
          column.policy == MergePolicy::counter || column.policy == MergePolicy::set;
      const auto standing = standing_of(column, writes);
      const auto losers = losers_of(column, writes);
      const auto among = [](const std::vector<Standing>& all, const NaiveWrite& write) {
        return std::any_of(all.begin(), all.end(),
                           [&](const Standing& one) { return one.write == &write; });
      };
      for (auto write = writes.begin(); write != writes.end(); ++write) {
        const auto replaced = std::find_if(write + 1, writes.end(), [&](const NaiveWrite& later) {
          return replaces(column, later, *write);
        });
        const bool lost_to_delete = among(standing, *write) && !row.live && !write->left_out &&
                                    unseen_by(*row.death, cell, *write);
        const bool corrected = replaced != writes.end() && replaced->author == write->author;
        // Two writes of one author in one commit are one record, the later one's.
        if (corrected && replaced->position == write->position && row.live) continue;
        const RecordKey record{key, cell, write->author, write->position};
        // What a delete had seen went with it; below a delete nothing is shown, so nothing is
        // withdrawn.
        if (lost_to_delete && gathers) {
          const NaiveDelete& death = *row.death;
          records_[record] = {
              taken_of(column, writes, *write, death.after.at(cell), death.observed.at(cell))};
        } else if (gathers) {
          continue;
        } else if (lost_to_delete || (at_end && row.live && among(losers, *write))) {
          records_[record] = write->values;
        } else if (at_end && row.live && (among(standing, *write) || corrected)) {
          records_.erase(record);
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
  for (const auto& [record, values] : records_) {
    const auto& [key, cell, author, position] = record;
    const Table& table = schema_->table(key.table);
    const std::vector<ColumnId> columns = cell_of(table, cell);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      all.insert({table.name, std::string(key.row.text()), table.column(columns[i]).name,
                  values[i].display(), author.hex(), position.value});
    }
  }
  return all;
}

}  // namespace doorstep::test
