// Rows that are one and the same thing, said plainly (see naive_model.hpp): the survivor's list of
// writes goes on with what stood in the other row, and remembers what was addressed to whom.
#include <algorithm>

#include "tests/support/naive_cell.hpp"
#include "tests/support/naive_model.hpp"

namespace doorstep::test {
namespace {

bool all_null(const std::vector<Value>& values) {
  return std::all_of(values.begin(), values.end(), [](const Value& v) { return v.is_null(); });
}

// What stands in `from`, as rivals of whatever is there.
void join_standing(const Column& column, const std::vector<NaiveWrite>& from,
                   std::vector<NaiveWrite>& to) {
  for (const Standing& one : standing_of(column, from)) {
    NaiveWrite& joined = to.emplace_back(*one.write);
    joined.stamp = one.stamp;
    joined.joined = true;
    joined.amount.reset();
    joined.edit = {};
  }
}

void join_elements(const std::vector<NaiveWrite>& from, std::vector<NaiveWrite>& to) {
  for (const auto& [element, adds] : adds_of(from)) {
    for (const NaiveWrite* add : adds) {
      NaiveWrite& joined = to.emplace_back(*add);
      joined.joined = joined.no_mark = true;
      joined.edit = {{element}, {}};
    }
  }
}

}  // namespace

RowKey NaiveHub::living(RowKey key) const {
  while (redirects_.contains(key)) key = redirects_.at(key).survivor;
  return key;
}

void NaiveHub::join_cell(ColumnId cell, const RowKey& loser, const RowKey& survivor) {
  const Column& column = schema_->table(loser.table).column(cell);
  const std::vector<NaiveWrite>& theirs = rows_.at(loser).writes[cell];
  std::vector<NaiveWrite>& ours = rows_.at(survivor).writes[cell];
  const std::vector<Value> values = shown_of(column, theirs);
  const std::vector<Value> shown = shown_of(column, ours);
  if (all_null(values)) return;
  switch (column.policy) {
    case MergePolicy::counter: {
      join_standing(column, theirs, ours);
      NaiveWrite sum = theirs.back();
      sum.joined = sum.no_mark = true;
      sum.amount = values.front().as_integer();
      ours.push_back(std::move(sum));
      return;
    }
    case MergePolicy::set:
      join_standing(column, theirs, ours);
      join_elements(theirs, ours);
      return;
    case MergePolicy::max:
    case MergePolicy::min:
    case MergePolicy::ranked:
    case MergePolicy::concat:
      if (all_null(shown)) break;
      join_standing(column, theirs, ours);
      return;
    default:
      if (all_null(shown)) break;
      if (shown == values) return;
      record_joined(column, {survivor, cell, {}, {}}, theirs, values);
      return;
  }
  ours = theirs;
}

void NaiveHub::record_joined(const Column& column, RecordKey record,
                             const std::vector<NaiveWrite>& theirs,
                             const std::vector<Value>& values) {
  for (const Standing& one : standing_of(column, theirs)) {
    if (one.write->values != values || among(losers_of(column, theirs), *one.write)) continue;
    std::get<DeviceId>(record) = one.write->author;
    std::get<Position>(record) = one.write->position;
  }
  const bool review = column.policy == MergePolicy::review;
  records_[record] = {values, review ? ConflictState::open : ConflictState::automatic, {}};
}

// References to `from` are references to `to`, whoever wrote them.
void NaiveHub::repoint(const RowKey& from, const RowKey& to) {
  const Value old = value_of_key(schema_->table(from.table), from.row);
  const Value fresh = value_of_key(schema_->table(to.table), to.row);
  for (auto& [key, row] : rows_) {
    for (auto& [cell, writes] : row.writes) {
      if (schema_->table(key.table).column(cell).references != from.table) continue;
      for (NaiveWrite& write : writes) {
        if (write.values.front() != old) continue;
        write.values.front() = fresh;
        write.meant.push_back(from);
      }
    }
  }
}

bool NaiveHub::join(const RowKey& loser, const RowKey& survivor, Position commit) {
  const auto rows = rows_;
  const auto records = records_;
  begin_commit();
  NaiveRedirect redirect{survivor, rows_.at(survivor), commit, {}};
  std::vector<ColumnId> cells;
  for (const auto& [cell, writes] : rows_.at(loser).writes) cells.push_back(cell);
  for (const ColumnId cell : cells) join_cell(cell, loser, survivor);
  for (const auto& [cell, writes] : rows_.at(survivor).writes) redirect.after[cell] = writes.size();
  rows_.at(loser).live = false;
  redirects_.emplace(loser, std::move(redirect));
  repoint(loser, survivor);
  const bool placed = place_rows();
  const bool broken = std::any_of(rows_.begin(), rows_.end(), [&](const auto& one) {
    return one.second.live && is_broken(one.first);
  });
  if (!placed || broken) {
    rows_ = rows;
    records_ = records;
    redirects_.erase(loser);
    return false;
  }
  move_since(rows, commit);
  end_commit(commit);
  return true;
}

IncomingTransaction NaiveHub::readdressed(const IncomingTransaction& sent) {
  IncomingTransaction meant = sent;
  meant.content.changes.clear();
  addressed_.clear();
  meant_.clear();
  spared_ = false;
  std::set<RowKey> kept;
  for (RowChange change : sent.content.changes) {
    const RowKey key{change.table, change.row};
    const RowKey target = living(key);
    if (target != key && change.kind == RowChange::Kind::remove) {
      late_deletes_.insert({target, sent.id.device});
      kept.insert(target);
      continue;
    }
    if (target != key) {
      change.row = target.row;
      change.kind = RowChange::Kind::update;
    }
    for (CellChange& cell : change.cells) {
      const Column& column = schema_->table(change.table).column(cell.column);
      // Her values are the other row's; what she took out of a set came along with it.
      if (target != key && column.policy != MergePolicy::set) cell.observed = Position{};
      const auto* value = std::get_if<Value>(&cell.edit);
      if (!column.references || value == nullptr || value->is_null()) continue;
      const Table& above = schema_->table(*column.references);
      const RowKey named{*column.references, key_of(above, *value).value()};
      if (living(named) == named) continue;
      cell.edit = value_of_key(above, living(named).row);
      meant_[{target, cell.column}] = named;
    }
    meant.content.changes.push_back(std::move(change));
    addressed_.push_back(key);
  }
  if (kept.empty()) return meant;
  spared_ = true;
  for (std::size_t i = meant.content.changes.size(); i-- > 0;) {
    const RowChange& change = meant.content.changes[i];
    const RowKey key{change.table, change.row};
    if (change.kind != RowChange::Kind::remove || !rows_.contains(key)) continue;
    std::optional<RowKey> above = parent_of(key);
    while (above && !kept.contains(*above))
      above = rows_.contains(*above) ? parent_of(*above) : std::nullopt;
    if (!above) continue;
    const auto at = static_cast<std::ptrdiff_t>(i);
    meant.content.changes.erase(meant.content.changes.begin() + at);
    addressed_.erase(addressed_.begin() + at);
  }
  return meant;
}

}  // namespace doorstep::test
