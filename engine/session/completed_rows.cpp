#include "engine/session/completed_rows.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/core/merge_batch.hpp"
#include "engine/core/overlay.hpp"
#include "engine/core/policy.hpp"

namespace doorstep {
namespace {

Status check_own_columns(const Schema& schema, const Transaction& transaction) {
  for (const RowChange& change : transaction.changes) {
    if (change.kind == RowChange::Kind::remove) continue;
    const Table& table = schema.table(change.table);
    for (const CellChange& cell : change.cells) {
      const Column& column = table.column(cell.column);
      if (!rules_of(column.policy).hub_only) continue;
      return error(ErrorCode::hub_column, "table " + table.name + ", column " + column.name);
    }
  }
  return {};
}

class Completion {
 public:
  Completion(HubCommit& commit, const Schema& schema, const HeldRows& held,
             std::set<RowKey>& coming, Transaction& transaction)
      : commit_(commit), schema_(schema), held_(held), coming_(coming), transaction_(transaction) {
    for (const RowChange& change : transaction.changes) {
      if (change.kind == RowChange::Kind::insert) own_.insert({change.table, change.row});
    }
  }

  /// True when a row came from `held`.
  Result<bool> run();

 private:
  struct Lack {
    bool lacks = false;
    std::optional<Position> death;  // of a row whose values were let go
  };
  Result<Lack> look(const RowKey& key);
  Result<std::optional<RowChange>> completed(const RowKey& key, const RowChange* update);
  Status add_parents(const RowChange& change);

  HubCommit& commit_;
  const Schema& schema_;
  const HeldRows& held_;
  std::set<RowKey>& coming_;
  Transaction& transaction_;
  std::set<RowKey> own_;  // that the transaction inserts itself
  std::vector<RowChange> parents_;
};

Result<Completion::Lack> Completion::look(const RowKey& key) {
  if (coming_.contains(key) || own_.contains(key)) return Lack{};
  DS_ASSIGN(const auto rows, commit_.fetch(key.table, {&key.row, 1}));
  if (!rows.front()) return Lack{true, std::nullopt};
  if (!rows.front()->collected) return Lack{};
  return Lack{true, rows.front()->death ? std::optional(rows.front()->death->position)
                                        : std::optional<Position>()};
}

/// The row as an insert; nullopt when the hub has it, or its device did not send it.
Result<std::optional<RowChange>> Completion::completed(const RowKey& key, const RowChange* update) {
  const auto held = held_.find(key);
  DS_ASSIGN(const Lack lack, look(key));
  if (!lack.lacks || held == held_.end()) return std::optional<RowChange>();
  const Table& table = schema_.table(key.table);
  std::optional<RowImage> image = held->second;
  if (update != nullptr) image = fold(table, std::move(image), {&update, 1});
  auto insert = net_change(table, key.table, key.row, std::nullopt, image);
  if (!insert) return insert;
  if (update != nullptr) insert->observed = update->observed;
  if (lack.death) {
    // The person who admits it knows that the row had died.
    insert->observed = std::max(insert->observed.value_or(transaction_.observed), *lack.death);
  }
  coming_.insert(key);
  return insert;
}

/// What a row hangs on, the farthest first.
Status Completion::add_parents(const RowChange& change) {
  std::vector<RowChange> found;
  RowChange at = change;
  for (std::size_t depth = 0; depth <= limits::via_depth_max; ++depth) {
    const Table& table = schema_.table(at.table);
    if (table.scope.kind != ScopeRule::Kind::via || at.kind == RowChange::Kind::remove) break;
    const auto cell = std::find_if(at.cells.begin(), at.cells.end(), [&](const CellChange& one) {
      return one.column == table.scope.column;
    });
    const Value* value = cell == at.cells.end() ? nullptr : std::get_if<Value>(&cell->edit);
    const auto parent = value == nullptr ? std::nullopt : parent_named(schema_, table, *value);
    if (!parent) break;
    DS_ASSIGN(auto insert, completed(*parent, nullptr));
    if (!insert) break;
    at = *insert;
    found.push_back(*std::move(insert));
  }
  parents_.insert(parents_.end(), found.rbegin(), found.rend());
  return {};
}

Result<bool> Completion::run() {
  bool any = false;
  for (RowChange& change : transaction_.changes) {
    if (change.kind != RowChange::Kind::update) continue;
    DS_ASSIGN(auto insert, completed({change.table, change.row}, &change));
    if (!insert) continue;
    change = *std::move(insert);
    any = true;
  }
  for (const RowChange& change : transaction_.changes) DS_TRY(add_parents(change));
  any = any || !parents_.empty();
  transaction_.changes.insert(transaction_.changes.begin(),
                              std::make_move_iterator(parents_.begin()),
                              std::make_move_iterator(parents_.end()));
  return any;
}

}  // namespace

Status complete_rows(HubCommit& commit, const Schema& schema, const HeldRows& held,
                     std::set<RowKey>& coming, IncomingTransaction& transaction) {
  DS_TRY(check_own_columns(schema, transaction.content));
  Completion completion(commit, schema, held, coming, transaction.content);
  // What the hub once wrote into a row that comes back stands in it again.
  DS_ASSIGN(transaction.by_hub, completion.run());
  return {};
}

}  // namespace doorstep
