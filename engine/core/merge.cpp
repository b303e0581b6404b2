#include "engine/core/merge.hpp"

#include <algorithm>

#include "engine/core/merge_batch.hpp"
#include "engine/core/merge_conflict.hpp"
#include "engine/core/merge_decision.hpp"
#include "engine/core/merge_row.hpp"
#include "engine/core/merge_scope.hpp"
#include "engine/core/policy.hpp"

namespace doorstep {
namespace {

bool fits(const Column& column, const CellChange& cell) {
  switch (rules_of(column.policy).shape) {
    case PolicyRules::Shape::assignments:
      return std::holds_alternative<Value>(cell.edit);
    case PolicyRules::Shape::sum:
      return std::holds_alternative<CounterDelta>(cell.edit);
    case PolicyRules::Shape::elements: {
      const auto* edit = std::get_if<SetEdit>(&cell.edit);
      return edit != nullptr && std::is_sorted(edit->adds.begin(), edit->adds.end()) &&
             std::is_sorted(edit->removes.begin(), edit->removes.end());
    }
  }
  return false;
}

/// Decisions are about values that can lose, and about rows that were there.
bool may_decide(const Column& column, const RowChange& change, const CellChange& cell) {
  if (cell.decision == Decision::none) return true;
  return change.kind != RowChange::Kind::remove &&
         rules_of(column.policy).shape == PolicyRules::Shape::assignments;
}

/// Does the change have the shape that the schema gives it? Values themselves were checked when
/// read.
bool is_well_formed(const Schema& schema, const RowChange& change) {
  if (change.table.index >= schema.tables().size() || change.row.empty()) return false;
  const Table& table = schema.table(change.table);
  if (change.decision != Decision::none && change.kind == RowChange::Kind::insert) return false;
  const CellChange* before = nullptr;
  for (const CellChange& cell : change.cells) {
    if (cell.column.index >= table.columns.size()) return false;
    if (before != nullptr && !(before->column < cell.column)) return false;
    if (!may_decide(table.column(cell.column), change, cell)) return false;
    if (change.kind != RowChange::Kind::remove && !fits(table.column(cell.column), cell)) {
      return false;
    }
    before = &cell;
  }
  return true;
}

bool decides(const RowChange& change) { return change.decision != Decision::none; }

class Merger {
 public:
  Merger(const Schema& schema, const RowSet& stored, Position commit)
      : schema_(schema), stored_(stored), commit_(commit), batch_(schema, stored) {}

  Outcome take(const IncomingTransaction& transaction);
  MergeResult finish(std::vector<Outcome> outcomes) const;

 private:
  std::optional<Refusal> take_row(const RowWrite& write, const RowChange& change,
                                  ScopeResolver& scopes, Outcome& outcome);
  std::optional<Refusal> refuse(const RowWrite& write, const RowChange& change) const;
  std::optional<Refusal> refuse_references(const RowWrite& write, const RowChange& change) const;
  RowEffect dispatch(const RowWrite& write, const RowChange& change, WorkingRow& working) const;
  RowEffect dispatch_decision(const RowWrite& write, const RowChange& change,
                              WorkingRow& working) const;
  Outcome fall(const IncomingTransaction& transaction, Refusal refusal);

  const Schema& schema_;
  const RowSet& stored_;
  Position commit_;
  MergeBatch batch_;
  FallenRows fallen_;
};

Outcome Merger::take(const IncomingTransaction& transaction) {
  const RowWrite write{schema_, transaction, commit_};
  ScopeResolver scopes(write, fallen_, batch_);
  Outcome outcome;
  for (const RowChange& change : transaction.content.changes) {
    if (!is_well_formed(schema_, change)) {
      return fall(transaction, {Outcome::Kind::rejected,
                                error(ErrorCode::malformed, "a change does not fit the schema"),
                                {}});
    }
    if (auto refusal = take_row(write, change, scopes, outcome)) {
      return fall(transaction, std::move(*refusal));
    }
  }
  if (auto refusal = scopes.run()) return fall(transaction, std::move(*refusal));
  batch_.keep();
  if (!outcome.lost.empty()) outcome.kind = Outcome::Kind::merged;
  return outcome;
}

std::optional<Refusal> Merger::take_row(const RowWrite& write, const RowChange& change,
                                        ScopeResolver& scopes, Outcome& outcome) {
  if (auto refusal = refuse(write, change)) return refusal;
  const RowKey key{change.table, change.row};
  const StoredRow* row = batch_.find(key);
  // What is gone, or was never here, need not be taken away.
  const bool gone = row == nullptr || !row->live;
  if (change.kind == RowChange::Kind::remove && (row == nullptr || (gone && !decides(change)))) {
    return std::nullopt;
  }
  WorkingRow& working = batch_.touch(key);
  RowEffect effect = decides(change) ? dispatch_decision(write, change, working)
                                     : dispatch(write, change, working);
  if (effect.lives_anew || effect.scope_changed) {
    scopes.add(key, row_observed(write, change), change.kind == RowChange::Kind::insert);
    if (const auto parent = parent_of(schema_, *working.row)) {
      batch_.hang({key.table, schema_.table(key.table).scope.column, parent->row}, key.row);
    }
  }
  std::move(effect.lost.begin(), effect.lost.end(), std::back_inserter(outcome.lost));
  return std::nullopt;
}

RowEffect Merger::dispatch_decision(const RowWrite& write, const RowChange& change,
                                    WorkingRow& working) const {
  RowEffect effect;
  const bool back = may_return(batch_, *working.row);
  if (!decide_row(write, change, back, working, effect)) return effect;
  if (change.kind == RowChange::Kind::remove && change.decision == Decision::reopen) return effect;
  if (change.kind == RowChange::Kind::remove && !working.row->live) {
    mark_row_decided(write, working);
    return effect;
  }
  RowEffect written = dispatch(write, change, working);
  written.lives_anew |= effect.lives_anew;
  written.lost.insert(written.lost.begin(), effect.lost.begin(), effect.lost.end());
  return written;
}

RowEffect Merger::dispatch(const RowWrite& write, const RowChange& change,
                           WorkingRow& working) const {
  if (!working.row) return insert_row(write, change, working);
  if (!working.row->live) {
    return write_dead_row(write, change, may_return(batch_, *working.row), working);
  }
  return change.kind == RowChange::Kind::remove ? remove_row(write, change, working)
                                                : update_row(write, change, working);
}

std::optional<Refusal> Merger::refuse(const RowWrite& write, const RowChange& change) const {
  const Table& table = schema_.table(change.table);
  const RowKey key{change.table, change.row};
  const StoredRow* row = batch_.find(key);
  if (change.kind != RowChange::Kind::insert && (row == nullptr || !row->live)) {
    if (auto refusal = fallen(fallen_, write.author(), key)) return refusal;
  }
  if (change.kind == RowChange::Kind::update && (row == nullptr || row->collected)) {
    return Refusal{
        Outcome::Kind::quarantined, error(ErrorCode::row_unknown, "table " + table.name), {}};
  }
  if (table.append_only && row != nullptr) {
    return Refusal{
        Outcome::Kind::rejected, error(ErrorCode::append_only, "table " + table.name), {}};
  }
  return refuse_references(write, change);
}

std::optional<Refusal> Merger::refuse_references(const RowWrite& write,
                                                 const RowChange& change) const {
  if (fallen_.empty() || change.kind == RowChange::Kind::remove) return std::nullopt;
  const Table& table = schema_.table(change.table);
  for (const CellChange& cell : change.cells) {
    const Column& column = table.column(cell.column);
    const auto* value = std::get_if<Value>(&cell.edit);
    if (!column.references || value == nullptr || value->is_null()) continue;
    const auto row = key_of(schema_.table(*column.references), *value);
    if (!row) continue;
    const RowKey target{*column.references, *row};
    auto refusal = fallen(fallen_, write.author(), target);
    if (!refusal) continue;
    const StoredRow* found = batch_.find(target);
    if (found == nullptr || !found->live) return refusal;
  }
  return std::nullopt;
}

/// The transaction changes nothing; what would have lived only through it takes its followers
/// along.
Outcome Merger::fall(const IncomingTransaction& transaction, Refusal refusal) {
  batch_.undo();
  const Sequence root =
      refusal.kind == Outcome::Kind::depends_on ? refusal.depends_on : transaction.id.sequence;
  for (const RowChange& change : transaction.content.changes) {
    if (change.table.index >= schema_.tables().size()) continue;
    if (change.kind == RowChange::Kind::remove) continue;
    const RowKey key{change.table, change.row};
    const StoredRow* row = batch_.find(key);
    const bool only_through_it =
        row == nullptr ? change.kind == RowChange::Kind::insert : !row->live;
    if (only_through_it) fallen_.insert_or_assign({transaction.id.device, key}, root);
  }
  Outcome outcome;
  outcome.kind = refusal.kind;
  outcome.reason = std::move(refusal.reason);
  outcome.depends_on = refusal.depends_on;
  return outcome;
}

MergeResult Merger::finish(std::vector<Outcome> outcomes) const {
  MergeResult result;
  result.outcomes = std::move(outcomes);
  ConflictMap records;
  for (const auto& [key, working] : batch_.rows()) {
    if (!working.row) continue;
    const StoredRow* before = stored_.find(key);
    add_conflicts(schema_, before, working, commit_, records);
    if (before != nullptr && *before == *working.row) continue;
    if (before != nullptr && before->scope != working.row->scope) {
      result.departures.push_back({key, before->scope, working.row->scope, commit_});
    }
    result.digests.replace(schema_, before, &*working.row);
    result.rows.push_back(*working.row);
  }
  for (auto& [id, record] : records) result.conflicts.push_back(std::move(record));
  return result;
}

}  // namespace

MergeResult merge(const Schema& schema, std::span<const IncomingTransaction> transactions,
                  const RowSet& rows, Position commit) {
  Merger merger(schema, rows, commit);
  std::vector<Outcome> outcomes;
  outcomes.reserve(transactions.size());
  for (const IncomingTransaction& transaction : transactions) {
    outcomes.push_back(merger.take(transaction));
  }
  return merger.finish(std::move(outcomes));
}

}  // namespace doorstep
