// Rules that the merge model takes for granted, because it begins with what phones claim: each
// looked at where it is made.
#include <algorithm>
#include <utility>

#include "engine/core/policy.hpp"
#include "engine/session/hub_session.hpp"
#include "engine/wire/codec.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/village.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {
namespace {

bool refuses(Outcome::Kind kind) {
  return kind == Outcome::Kind::rejected || kind == Outcome::Kind::depends_on ||
         kind == Outcome::Kind::quarantined;
}

/// What an earlier transaction had seen of the cell that it wrote.
std::optional<Position> seen_by(const Transaction& earlier, const RowKey& row, ColumnId column) {
  std::optional<Position> seen;
  for (const RowChange& change : earlier.changes) {
    if (RowKey{change.table, change.row} != row) continue;
    for (const CellChange& cell : change.cells) {
      if (cell.column == column) seen = observed_of(earlier, change, cell);
    }
  }
  return seen;
}

}  // namespace

std::vector<RowKey> Witness::builds_on(const Transaction& transaction) {
  std::vector<RowKey> rows;
  for (const RowChange& change : transaction.changes) {
    if (change.kind != RowChange::Kind::insert) rows.push_back({change.table, change.row});
    if (change.kind == RowChange::Kind::remove) continue;
    const Table& table = village().table(change.table);
    for (const CellChange& cell : change.cells) {
      const auto& target = table.column(cell.column).references;
      const auto* value = std::get_if<Value>(&cell.edit);
      if (!target || value == nullptr || value->is_null()) continue;
      if (const auto id = key_of(village().table(*target), *value)) rows.push_back({*target, *id});
    }
  }
  return rows;
}

// A write on an own one that no checkpoint includes has seen no more of that cell than that one:
// its author saw her own value, and not what was pulled under it (SEMANTICS B2).
void Witness::check_carry(SimPhone& phone, std::span<const PhoneWindow::Own> own,
                          Sequence included) {
  const Transaction newest = decode_transaction(village(), own.back().body).value();
  std::vector<Transaction> before;
  for (const PhoneWindow::Own& one : own.first(own.size() - 1)) {
    if (one.waits && one.sequence > included)
      before.push_back(decode_transaction(village(), one.body).value());
  }
  for (const RowChange& change : newest.changes) {
    for (const CellChange& cell : change.cells) {
      const Column& column = village().table(change.table).column(cell.column);
      if (rules_of(column.policy).shape != PolicyRules::Shape::assignments) continue;
      // Of several the last: a rescue may have brought back what was included long ago.
      std::optional<Position> seen;
      for (const Transaction& earlier : before) {
        if (const auto found = seen_by(earlier, {change.table, change.row}, cell.column))
          seen = found;
      }
      if (seen && observed_of(newest, change, cell) > *seen)
        context_.wrong(phone.name() + " claims to have seen what its own write hid");
    }
  }
}

// A phone is told of every refusal before a checkpoint includes it (SEMANTICS A5).
void Witness::check_told(SimPhone& phone, const ReplicaState& state) {
  Phone& own = phones_[phone.name()];
  const Device& device = devices_[state.device];
  const Sequence included = state.included;
  const auto is_own = [&](Sequence told, const Hash& hash) {
    const auto written = own.written.find(state.here(told));
    return written != own.written.end() && written->second.id.hash == hash;
  };
  // Only a checkpoint that includes it ends a transaction's place in the overlay (SEMANTICS C2).
  const auto newest = device.hub.taken.find(state.told(included));
  if (newest != device.hub.taken.end() && is_own(newest->first, newest->second) &&
      device.merged_in.at(newest->first) > state.cursor)
    context_.wrong(phone.name() + " lets go of work that its checkpoint does not include");
  // And it says so of all that its rows have, or that would count twice (SEMANTICS C1).
  const auto next = device.hub.taken.find(state.told(included).next());
  if (!state.forked && next != device.hub.taken.end() && is_own(next->first, next->second) &&
      device.merged_in.at(next->first) <= state.cursor)
    context_.wrong(phone.name() + " counts work twice that its checkpoint has");
  for (const auto& [told, hash] : device.refused) {
    const Sequence sequence = state.here(told);
    if (sequence <= own.included || sequence > included || !is_own(told, hash)) continue;
    // Settled long ago, and offered by nobody any more.
    if (generation_ > 0 && sequence <= state.unheld) continue;
    const auto kept = phone.window().number("SELECT count(*) FROM ds_rejected WHERE sequence = " +
                                            std::to_string(sequence.value));
    if (kept.value() != 1)
      context_.wrong(phone.name() + " was never told that transaction " +
                     std::to_string(sequence.value) + " was refused");
  }
  own.included = std::max(own.included, included);
}

// What is dead is kept until every phone that sees its scope has passed it, or the horizon is over
// (SEMANTICS D4).
void Witness::check_floor(HubSnapshot& snapshot) {
  const std::int64_t old_ms = context_.events.now() - snapshot.horizon_ms().value();
  Position old;
  for (const auto& [position, ms] : committed_ms_) {
    if (ms <= old_ms) old = position;
  }
  const auto tree = snapshot.scope_tree().value();
  for (const char* code : {"T", "X", "Y"}) {
    const std::vector<ScopeId> scope{{code}};
    const Position floor = snapshot.floor(scope).value();
    if (floor == std::exchange(floors_[scope[0]], floor) || !hub_time_is_true_) continue;
    for (const auto& [id, device] : devices_) {
      const auto record = snapshot.device(id).value();
      if (!record || record->revoked) continue;
      const auto visible = visible_scopes(record->scopes, tree);
      const bool sees = std::find(visible.begin(), visible.end(), scope[0]) != visible.end();
      // It may have come further than was seen here, died, and told the hub when it called.
      const Position passed = std::max(device.passed, record->cursor);
      if (sees && floor > std::max({passed, record->enrolled, old}))
        context_.wrong("what is dead in " + scope[0].code + " went before every phone passed it");
    }
  }
}

// Of a lost device nothing is believed; and who held both villages when she saw what she wrote on
// was allowed to, whatever she is granted by now (SEMANTICS D3).
void Witness::check_rights(const Incoming& one, const Outcome& outcome, HubSnapshot& snapshot) {
  const TransactionId& id = one.transaction.id;
  const Device& device = devices_[id.device];
  if (device.lost_at_hub && !refuses(outcome.kind))
    context_.wrong("work of a lost phone is " + std::string(name_of(outcome.kind)));
  const bool denied = outcome.reason && outcome.reason->code == ErrorCode::scope_denied &&
                      outcome.reason->detail.ends_with("it was in no scope of this device");
  if (!denied || device.grants.empty()) return;
  // What a hub lost counts as having seen what the two have in common.
  const auto record = snapshot.device(id.device).value();
  if (record->cut_epoch != 0 && id.sequence <= record->cut_through) return;
  const Transaction& content = one.transaction.content;
  Position oldest = content.observed;
  Position newest = content.observed;
  for (const RowChange& change : content.changes) {
    for (const CellChange& cell : change.cells) {
      const Position seen = observed_of(content, change, cell);
      oldest = std::min(oldest, seen);
      newest = std::max(newest, seen);
    }
  }
  const auto next = device.grants.upper_bound(std::max(oldest, device.grants.begin()->first));
  const bool both = std::prev(next)->second.size() == 2;
  const bool throughout = next == device.grants.end() || next->first > newest;
  if (both && throughout && snapshot.head() > newest)
    context_.wrong("a phone that held both villages is denied one");
}

// What builds on a row that would live only through a refused transaction shares its fate, and
// says so (SEMANTICS D2).
void Witness::check_fate(const Incoming& one, const Outcome& outcome, HubSnapshot& snapshot) {
  Device& device = devices_[one.transaction.id.device];
  const Transaction& content = one.transaction.content;
  check_rights(one, outcome, snapshot);
  if (refuses(outcome.kind)) device.refused[one.transaction.id.sequence] = one.transaction.id.hash;
  const auto built = builds_on(content);
  const bool falls = std::any_of(built.begin(), built.end(), [&](const RowKey& key) {
    return device.fallen_rows.contains(key) && !snapshot.row(key).value();
  });
  // What is offered again may wait for a row.
  const bool waits = generation_ > 0 && outcome.kind == Outcome::Kind::quarantined;
  if (falls && !waits && outcome.kind != Outcome::Kind::depends_on &&
      outcome.kind != Outcome::Kind::rejected)
    context_.wrong("what builds on a refused transaction is " + std::string(name_of(outcome.kind)));
  for (const RowChange& change : content.changes) {
    if (change.kind != RowChange::Kind::insert) continue;
    const RowKey key{change.table, change.row};
    if (refuses(outcome.kind) && outcome.kind != Outcome::Kind::quarantined) {
      device.fallen_rows.insert(key);
    } else {
      device.fallen_rows.erase(key);
    }
  }
}

}  // namespace doorstep::sim
