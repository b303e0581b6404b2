#include "server/decide.hpp"

#include "engine/core/group.hpp"
#include "engine/core/policy.hpp"
#include "engine/core/value_text.hpp"
#include "engine/session/commit_merge.hpp"

namespace doorstep {
namespace {

using Keep = HubChoice::Keep;

Result<RowChange> change_of_row(const Conflict& conflict, const HubChoice& choice) {
  if (choice.keep == Keep::value) {
    return error(ErrorCode::bad_value, "a delete met an edit: keep the winner or the loser");
  }
  RowChange change;
  change.table = conflict.key.table;
  change.row = conflict.key.row;
  const bool goes = choice.keep == Keep::loser;
  change.kind = goes ? RowChange::Kind::remove : RowChange::Kind::update;
  change.decision = choice.keep == Keep::undo ? Decision::reopen : Decision::decide;
  return change;
}

Result<RowChange> change_of_cell(const Table& table, const Conflict& conflict,
                                 const HubChoice& choice) {
  const Column& column = table.column(*conflict.column);
  if (rules_of(column.policy).shape != PolicyRules::Shape::assignments) {
    return error(ErrorCode::not_found, "nothing to decide in " + table.name + "." + column.name +
                                           ": its values add up, none stands alone");
  }
  const Value& wanted = choice.keep == Keep::value   ? choice.value
                        : choice.keep == Keep::loser ? conflict.loser.value
                                                     : conflict.winner.value;
  // Columns of a group are decided together.
  const std::vector<ColumnId> columns = cell_columns(table, *conflict.column);
  const auto values = values_of_cell(table, columns, wanted);
  if (!values) return error(ErrorCode::bad_value, "not a value of " + column.name + "'s group");
  RowChange change;
  change.table = conflict.key.table;
  change.row = conflict.key.row;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    DS_ASSIGN(const Value value, normalise(table.column(columns[i]), (*values)[i]));
    change.cells.push_back({columns[i], value, std::nullopt,
                            choice.keep == Keep::undo ? Decision::reopen : Decision::decide});
  }
  return change;
}

Result<RowChange> change_of(HubCommit& commit, const Schema& schema, const Conflict& conflict,
                            const HubChoice& choice) {
  const Table& table = schema.table(conflict.key.table);
  if (choice.keep == Keep::undo && conflict.state != ConflictState::decided) {
    return error(ErrorCode::not_found,
                 "nothing to undo: conflict " + conflict.id.hex() + " is not decided");
  }
  DS_ASSIGN(const auto rows, commit.fetch(conflict.key.table, {&conflict.key.row, 1}));
  if (!rows.front()) return error(ErrorCode::not_found, "the row of " + table.name);
  if (!conflict.column) return change_of_row(conflict, choice);
  if (!rows.front()->live) {
    return error(ErrorCode::not_found, "the row of " + table.name + " was deleted");
  }
  return change_of_cell(table, conflict, choice);
}

}  // namespace

Result<Value> third_value(const Schema& schema, const Conflict& conflict, std::string_view text) {
  if (!conflict.column) return Value::text(text);
  const Table& table = schema.table(conflict.key.table);
  const Column& column = table.column(*conflict.column);
  if (!column.group.empty()) return Value::text(text);
  return value_of_text(column, text);
}

Result<Position> decide_conflict(HubStore& store, const ConflictId& conflict,
                                 const HubChoice& choice, const HubDecider& decider) {
  std::optional<Conflict> known;
  {
    DS_ASSIGN(const auto snapshot, store.snapshot());
    DS_ASSIGN(known, snapshot->conflict(conflict));
  }
  if (!known || known->withdrawn) {
    return error(ErrorCode::not_found, "conflict " + conflict.hex());
  }
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(RowChange change, change_of(*commit, store.schema(), *known, choice));
  const IncomingTransaction transaction =
      hub_transaction(store.identity(), *commit, decider.now, {std::move(change)});
  DS_ASSIGN(const Merged merged, merge_into(*commit, store.schema(), {&transaction, 1}));
  const Outcome& outcome = merged.outcomes.front();
  if (outcome.reason) return *outcome.reason;
  const Position position = commit->position();
  if (!decider.by.empty()) DS_TRY(commit->epochs().put_signed_by(decider.by));
  DS_TRY(commit->commit(decider.now, decider.token));
  return position;
}

}  // namespace doorstep
