// Schemas that grow: what a phone on an older version is to have, and what the author of a write
// could not have seen.
#include <algorithm>
#include <variant>

#include "engine/session/hub_session.hpp"
#include "engine/wire/codec.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {
namespace {

/// A column that version does not have.
bool is_beyond(std::uint32_t version, TableId table, ColumnId column) {
  const Schema& schema = village(version);
  return table.index >= schema.tables().size() ||
         column.index >= schema.table(table).columns.size();
}

}  // namespace

void Witness::upgraded(SimPhone& phone) {
  ++context_.counts.upgrades;
  Phone& own = phones_[phone.name()];
  own.version = std::max(own.version, phone.window().version());
}

// An upgrade is whole or not at all, and one that returned is there after any crash.
void Witness::check_version(SimPhone& phone, const ReplicaState& state) {
  Phone& own = phones_[phone.name()];
  const std::uint32_t version = phone.window().version();
  if (version < own.version) context_.wrong(phone.name() + " lost its upgrade");
  // A new replica; or a checkpoint that came in the moment in which the process died.
  const bool filled_unheard = !state.view && version == own.version;
  if (own.version == 0 || filled_unheard) own.filled = version;
  own.version = version;
}

// Until a checkpoint has brought what came with an upgrade, nothing of it was seen, and a
// transaction says through which schema its author looked (SEMANTICS B3).
void Witness::check_unseen(SimPhone& phone, const Phone& own, ByteView body) {
  if (own.filled == 0) return;
  const Transaction content = decode_transaction(village(), body).value();
  if (content.view != village(own.filled).fingerprint())
    context_.wrong(phone.name() + " writes under a view that is not its own");
  for (const RowChange& change : content.changes) {
    if (change.kind == RowChange::Kind::remove) continue;
    for (const CellChange& cell : change.cells) {
      const bool counts = std::holds_alternative<CounterDelta>(cell.edit);
      if (counts || !is_beyond(own.filled, change.table, cell.column)) continue;
      if (observed_of(content, change, cell) != Position{})
        context_.wrong(phone.name() + " claims to have seen a column that was not filled");
    }
  }
}

void Witness::note_hub_version(HubSnapshot& snapshot) {
  const auto& newest = snapshot.schemas().entries().back();
  const std::uint32_t version = newest.schema.version();
  if (version < hub_version_) context_.wrong("the hub lost its newer schema");
  if (version == hub_version_) return;
  hub_version_ = version;
  oracle_.grow(village(version), newest.since);
}

// Phones on an older version have and sum up what that knows; the hub's running sums are to say the
// same (SEMANTICS E1).
Witness::ViewSums Witness::sums_by_view(HubSnapshot& snapshot,
                                        const std::map<ScopeId, Digest>& whole) {
  ViewSums sums;
  sums.fill(whole);
  if (hub_version_ == 1) return sums;
  const Schema& schema = village(hub_version_);
  std::vector<ScopeId> scopes;
  for (const auto& [scope, digest] : whole) scopes.push_back(scope);
  DigestChanges rows;
  for (std::uint16_t i = 0; i < schema.tables().size(); ++i) {
    const auto add = [&](const StoredRow& row) -> Status {
      rows.replace(schema, nullptr, &row);
      return {};
    };
    const auto every = [](const RowId&) { return true; };
    DS_ASSERT(snapshot.scan(TableId{i}, scopes, every, add).ok());
  }
  for (std::uint32_t version = 1; version < hub_version_; ++version) {
    const SchemaView& view = view_of(hub_version_, version);
    std::map<ScopeId, Digest>& seen = sums.at(version - 1);
    for (auto& [scope, digest] : seen) digest = Digest{};
    for (const auto& [place, columns] : rows.sums())
      seen[place.first] += sum_shown(columns, place.second, view);
    const auto running = snapshot.digests(scopes, view).value();
    for (std::size_t i = 0; i < scopes.size(); ++i) {
      if (running[i] != seen[scopes[i]])
        context_.wrong("the hub's running sums are not those of the rows of an older schema");
    }
  }
  return sums;
}

std::string Witness::rows_differ(SimPhone& phone, HubSnapshot& snapshot,
                                 std::span<const ScopeId> visible) {
  auto shown = phone.window().shown().value();
  std::string found;
  // What the phone's schema does not name is not expected on it, and what the hub's does not name
  // yet is empty on it.
  const Schema& known = village(phone.window().version());
  const std::size_t tables = std::min(known.tables().size(), village(hub_version_).tables().size());
  for (std::uint16_t i = 0; i < tables && found.empty(); ++i) {
    const TableId table{i};
    const auto visit = [&](const StoredRow& row) -> Status {
      const auto here = shown.find({table, row.id});
      RowImage expected = row.image;
      expected.values.resize(known.table(table).columns.size());
      const std::string name = village().table(table).name + " " + to_hex(row.id.view());
      if (here == shown.end()) {
        found = phone.name() + " lacks " + name;
      } else if (here->second != expected) {
        found = phone.name() + " shows other values of " + name;
      } else {
        shown.erase(here);
      }
      return {};
    };
    DS_ASSERT(snapshot
                  .scan(
                      table, visible, [](const RowId&) { return true; }, visit)
                  .ok());
  }
  if (found.empty() && !shown.empty()) {
    const RowKey& ghost = shown.begin()->first;
    found = phone.name() + " shows the ghost " + village().table(ghost.table).name + " " +
            to_hex(ghost.row.view());
  }
  return found;
}

}  // namespace doorstep::sim
