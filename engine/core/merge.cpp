#include "engine/core/merge.hpp"

#include <algorithm>

#include "engine/core/defect.hpp"
#include "engine/core/group.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/merge_batch.hpp"
#include "engine/core/merge_decision.hpp"
#include "engine/core/merge_delete.hpp"
#include "engine/core/merge_finish.hpp"
#include "engine/core/merge_rights.hpp"
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
/// A tuple is kept as one value.
bool too_large(const Table& table, const RowChange& change) {
  return std::any_of(change.cells.begin(), change.cells.end(), [&](const CellChange& cell) {
    const auto* value = std::get_if<Value>(&cell.edit);
    return value != nullptr && !table.column(cell.column).group.empty() &&
           value->payload_size() > limits::value_bytes_max;
  });
}

bool has_rules(const Schema& schema) {
  return std::ranges::any_of(schema.tables(), [](const Table& one) { return !one.rules.empty(); });
}

Refusal refusal_of(Outcome::Kind kind, ErrorCode code, std::string detail) {
  return {kind, error(code, std::move(detail)), {}};
}

class Merger {
 public:
  Merger(const Schema& schema, const RowSet& stored, Position commit, RuleJudge* judge)
      : schema_(schema),
        stored_(stored),
        commit_(commit),
        judge_(has_rules(schema) ? judge : nullptr),
        batch_(schema, stored),
        fallen_(stored.fallen()) {}

  Outcome take(const IncomingTransaction& transaction);
  MergeResult finish(std::vector<Outcome> outcomes);

 private:
  std::optional<Refusal> take_row(const RowWrite& write, const RowChange& change,
                                  ScopeResolver& scopes, Outcome& outcome);
  std::optional<Refusal> refuse(const RowWrite& write, const RowChange& change) const;
  std::optional<Refusal> refuse_references(const RowWrite& write, const RowChange& change) const;
  std::optional<Refusal> ask_rules();
  [[nodiscard]] std::vector<FallenRow> fallen_changes() const;
  std::optional<Refusal> take_removes(const RowWrite& write, Outcome& outcome);
  RowEffect dispatch(const RowWrite& write, const RowChange& change, ScopeResolver& scopes);
  RowEffect dispatch_decision(const RowWrite& write, const RowChange& change,
                              ScopeResolver& scopes);
  [[nodiscard]] bool goes_with_parent(const RowChange& change, const StoredRow& row) const;
  Outcome fall(const IncomingTransaction& transaction, Refusal refusal);

  const Schema& schema_;
  const RowSet& stored_;
  Position commit_;
  RuleJudge* judge_;  // null where no rule is asked
  MergeBatch batch_;
  FallenRows fallen_;
  std::set<RowKey> unjudged_;  // changed since the judge was last told
  std::set<RowKey> removed_;   // what the running transaction deletes
  MissingRows missing_;        // what rights could not be judged without
};

/// Deletes come last: what hangs on a row is known once everything else is written.
Outcome Merger::take(const IncomingTransaction& transaction) {
  if (transaction.unfit) {
    return fall(transaction, {Outcome::Kind::quarantined, *transaction.unfit, {}});
  }
  const RowWrite write{schema_, transaction, commit_, stored_.reoffered()};
  ScopeResolver scopes(write, fallen_, batch_);
  const WriteRights rights(write, batch_, stored_, missing_);
  std::vector<const RowChange*> born;
  Outcome outcome;
  removed_.clear();
  for (const RowChange& change : transaction.content.changes) {
    if (!is_well_formed(schema_, change)) {
      return fall(transaction, refusal_of(Outcome::Kind::rejected, ErrorCode::malformed,
                                          "a change does not fit the schema"));
    }
    if (auto refusal = rights.row(change)) return fall(transaction, std::move(*refusal));
    // What takes a decided delete back is no delete.
    const bool undoes = change.decision == Decision::reopen;
    if (change.kind == RowChange::Kind::remove && !undoes) continue;
    if (batch_.find({change.table, change.row}) == nullptr) born.push_back(&change);
    if (auto refusal = take_row(write, change, scopes, outcome)) {
      return fall(transaction, std::move(*refusal));
    }
  }
  if (auto refusal = scopes.run()) return fall(transaction, std::move(*refusal));
  outcome.lost.insert(outcome.lost.end(), scopes.lost().begin(), scopes.lost().end());
  for (const RowChange* change : born) {
    if (batch_.find({change->table, change->row}) == nullptr) continue;
    if (auto refusal = rights.new_row(*change)) return fall(transaction, std::move(*refusal));
  }
  if (auto refusal = take_removes(write, outcome)) return fall(transaction, std::move(*refusal));
  if (auto refusal = ask_rules()) return fall(transaction, std::move(*refusal));
  batch_.keep();
  if (!outcome.lost.empty()) outcome.kind = Outcome::Kind::merged;
  return outcome;
}

/// Rows of tables without rules are told to the judge when the next one with rules comes: a rule
/// may read any table.
std::optional<Refusal> Merger::ask_rules() {
  if (judge_ == nullptr) return std::nullopt;
  const std::vector<RowKey> touched = batch_.touched();
  const bool guarded = std::any_of(touched.begin(), touched.end(), [&](const RowKey& key) {
    return !schema_.table(key.table).rules.empty();
  });
  if (!guarded) {
    unjudged_.insert(touched.begin(), touched.end());
    return std::nullopt;
  }
  std::vector<StoredRow> settled;
  std::vector<StoredRow> written;
  for (const RowKey& key : touched) {
    if (const StoredRow* row = batch_.find(key)) written.push_back(*row);
  }
  for (const RowKey& key : unjudged_) {
    if (const StoredRow* row = batch_.before(key)) settled.push_back(*row);
  }
  unjudged_.clear();
  auto broken = judge_->broken(settled, written);
  if (!broken) return std::nullopt;
  Error reason = error_of(*broken);
  return Refusal{Outcome::Kind::rejected, std::move(reason), {}, std::move(broken)};
}

std::optional<Refusal> Merger::take_removes(const RowWrite& write, Outcome& outcome) {
  Deletions deletions(write, batch_);
  removed_.insert(write.transaction.kept.begin(), write.transaction.kept.end());
  std::vector<RowChange> removes;
  for (const RowChange& change : write.transaction.content.changes) {
    if (change.kind != RowChange::Kind::remove || change.decision == Decision::reopen) continue;
    removes.push_back(change);
    removed_.insert({change.table, change.row});
  }
  for (const RowChange& change : removes) {
    if (auto refusal = refuse(write, change)) return refusal;
    // What is gone, or was never here, need not be taken away.
    const StoredRow* row = batch_.find({change.table, change.row});
    if (row == nullptr || (!row->live && !decides(change))) continue;
    if (hangs_on_kept(write, batch_, *row)) {
      outcome.lost.push_back(lost_cell(schema_.table(change.table), change, ""));
      continue;
    }
    if (decides(change)) {
      WorkingRow& working = batch_.touch(row->key());
      RowEffect effect;
      const bool goes_on = decide_row(write, change, false, working, effect).goes_on;
      outcome.lost.insert(outcome.lost.end(), effect.lost.begin(), effect.lost.end());
      if (goes_on && !working.row->live) mark_row_decided(write, working);
      if (!goes_on || !working.row->live) continue;
    }
    deletions.add(gather_groups(schema_.table(change.table), change, nullptr));
  }
  const std::vector<LostCell> lost = deletions.run();
  outcome.lost.insert(outcome.lost.end(), lost.begin(), lost.end());
  return std::nullopt;
}

std::optional<Refusal> Merger::take_row(const RowWrite& write, const RowChange& sent,
                                        ScopeResolver& scopes, Outcome& outcome) {
  if (auto refusal = refuse(write, sent)) return refusal;
  const RowKey key{sent.table, sent.row};
  const StoredRow* row = batch_.find(key);
  if (sent.kind == RowChange::Kind::remove && row == nullptr) return std::nullopt;
  const Table& table = schema_.table(sent.table);
  std::optional<RowChange> gathered;
  if (has_groups(table)) {
    const bool is_update = sent.kind == RowChange::Kind::update;
    gathered = gather_groups(table, sent, is_update && row != nullptr ? &row->image : nullptr);
  }
  const RowChange& change = gathered ? *gathered : sent;
  if (too_large(table, change)) {
    return refusal_of(Outcome::Kind::rejected, ErrorCode::bad_value,
                      "a group of columns holds more than a value may");
  }
  const RowEffect effect =
      decides(change) ? dispatch_decision(write, change, scopes) : dispatch(write, change, scopes);
  const WorkingRow& working = batch_.touch(key);
  if (effect.lives_anew || effect.scope_changed) {
    scopes.add(key, row_sight(write, change), change.kind == RowChange::Kind::insert);
    if (const auto parent = parent_of(schema_, *working.row)) {
      batch_.hang({key.table, schema_.table(key.table).scope.column, parent->row}, key.row);
    }
  }
  outcome.lost.insert(outcome.lost.end(), effect.lost.begin(), effect.lost.end());
  return std::nullopt;
}

RowEffect Merger::dispatch_decision(const RowWrite& write, const RowChange& change,
                                    ScopeResolver& scopes) {
  const RowKey key{change.table, change.row};
  WorkingRow& working = batch_.touch(key);
  RowEffect effect;
  const bool back = !working.row->live && may_return(batch_, *working.row);
  const RowDecision decision = decide_row(write, change, back, working, effect);
  if (decision.revival) {
    scopes.revive(key, row_sight(write, change), *decision.revival);
    effect.lives_anew = true;
  }
  if (!decision.goes_on) return effect;
  RowEffect written = dispatch(write, change, scopes);
  written.lives_anew |= effect.lives_anew;
  written.lost.insert(written.lost.begin(), effect.lost.begin(), effect.lost.end());
  return written;
}

/// The change of one row meets the row as it is: absent, live, dead for its author, or dead without
/// her knowledge.
RowEffect Merger::dispatch(const RowWrite& write, const RowChange& change, ScopeResolver& scopes) {
  const RowKey key{change.table, change.row};
  WorkingRow& working = batch_.touch(key);
  if (!working.row) return insert_row(write, change, working);
  if (working.row->live) return update_row(write, change, working);
  const StoredRow& root = *batch_.find(deletion_root(batch_, *working.row));
  const bool decided = is_gone_by_decision(write, root);
  const auto decision = decided ? root.decision : std::nullopt;
  const Sight sight = row_sight(write, change);
  if (write.has_seen(*working.row->death, sight)) {
    return change.kind == RowChange::Kind::insert ? insert_row(write, change, working)
                                                  : lose_to_death(write, change, decision, working);
  }
  if (sight.is_seen_by(*working.row->death)) return {};  // its deleter knew, and took it along
  if (decided || !may_return(batch_, *working.row))
    return lose_to_death(write, change, decision, working);
  scopes.revive(key, sight);
  RowEffect effect = update_row(write, change, working);
  effect.lives_anew = true;
  return effect;
}

/// Rows of an append_only table go only with the row that they hang on.
bool Merger::goes_with_parent(const RowChange& change, const StoredRow& row) const {
  const auto parent = parent_of(schema_, row);
  return change.kind == RowChange::Kind::remove && parent && removed_.contains(*parent);
}

std::optional<Refusal> Merger::refuse(const RowWrite& write, const RowChange& change) const {
  const Table& table = schema_.table(change.table);
  const RowKey key{change.table, change.row};
  const StoredRow* row = batch_.find(key);
  if (change.kind != RowChange::Kind::insert && (row == nullptr || !row->live)) {
    if (auto refusal = fallen(fallen_, write.author(), key)) return refusal;
  }
  // Of a lost history, also what is to be deleted may only be on its way.
  const bool to_come = write.transaction.reoffer && change.kind == RowChange::Kind::remove;
  if ((change.kind == RowChange::Kind::update && (row == nullptr || row->collected)) ||
      (to_come && row == nullptr)) {
    return refusal_of(Outcome::Kind::quarantined, ErrorCode::row_unknown, "table " + table.name);
  }
  const bool goes_along = row != nullptr && goes_with_parent(change, *row);
  if (auto refusal = refused_role(write, change); refusal && !goes_along) return refusal;
  if (table.append_only && row != nullptr && !goes_along) {
    return refusal_of(Outcome::Kind::rejected, ErrorCode::append_only, "table " + table.name);
  }
  if (!write.transaction.by_hub && change.kind != RowChange::Kind::remove) {
    for (const CellChange& cell : change.cells) {
      const Column& column = table.column(cell.column);
      if (!rules_of(column.policy).hub_only) continue;
      return refusal_of(Outcome::Kind::rejected, ErrorCode::hub_column,
                        "table " + table.name + ", column " + column.name);
    }
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

/// It changes nothing; what would have lived only through it takes its followers along.
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
    if (DS_DEFECT("dependents_accepted")) continue;
    if (only_through_it) fallen_.insert_or_assign({transaction.id.device, key}, root);
  }
  Outcome outcome;
  outcome.kind = refusal.kind;
  outcome.reason = std::move(refusal.reason);
  outcome.depends_on = refusal.depends_on;
  outcome.broken = std::move(refusal.broken);
  return outcome;
}

std::vector<FallenRow> Merger::fallen_changes() const {
  std::vector<FallenRow> changes;
  for (const auto& [who, root] : fallen_) {
    const StoredRow* row = batch_.knows(who.second) ? batch_.find(who.second) : nullptr;
    const auto before = stored_.fallen().find(who);
    const bool known = before != stored_.fallen().end();
    if (row != nullptr && row->live) {
      if (known) changes.push_back({who.first, who.second, std::nullopt});
    } else if (!known || before->second != root) {
      changes.push_back({who.first, who.second, root});
    }
  }
  return changes;
}

MergeResult Merger::finish(std::vector<Outcome> outcomes) {
  std::vector<FallenRow> fallen = fallen_changes();
  MergeResult result = finish_batch(schema_, stored_, batch_, std::move(outcomes), commit_);
  result.fallen = std::move(fallen);
  result.missing = missing_;
  return result;
}

}  // namespace

MergeResult merge(const Schema& schema, std::span<const IncomingTransaction> transactions,
                  const RowSet& rows, Position commit, RuleJudge* judge) {
  Merger merger(schema, rows, commit, judge);
  std::vector<Outcome> outcomes;
  outcomes.reserve(transactions.size());
  for (const IncomingTransaction& transaction : transactions) {
    outcomes.push_back(merger.take(transaction));
  }
  return merger.finish(std::move(outcomes));
}

}  // namespace doorstep
