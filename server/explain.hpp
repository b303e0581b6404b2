// Why a cell of a hub shows what it shows: everything on record about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/ports/hub_store.hpp"

namespace doorstep {

/// One value on record for a cell.
struct HubCandidate {
  Value value;
  CellVersion version;
  std::string author;                ///< as author_name() has it
  std::optional<Instant> claimed;    ///< what the author's clock said, where still on record
  bool shown = false;                ///< this value is the one shown, or a part of it
  bool standing = false;             ///< it is in the cell: nobody who saw it has replaced it
  std::optional<Conflict> conflict;  ///< the record of its loss
};

struct CellExplanation {
  RowKey key;
  ColumnId column;
  bool live = false;
  ScopeId scope;
  Value shown;
  Position changed;  ///< the commit in which the shown value last changed
  std::optional<CellVersion> decision;
  std::string decided_by;                ///< the name of who decided; empty without a decision
  std::vector<HubCandidate> candidates;  ///< those in the cell first, then those only on record
};

/// Errors: not_found when the hub has no such row. Reads along keys and indexes only, so the time
/// does not depend on the size of the tables.
[[nodiscard]] Result<CellExplanation> explain_cell(HubSnapshot& snapshot, const Schema& schema,
                                                   const HubIdentity& identity, const RowKey& key,
                                                   ColumnId column);

/// A device's name as it was enrolled, else the id; for what the hub wrote the person who put his
/// name to it, else the hub's own.
[[nodiscard]] Result<std::string> author_name(HubSnapshot& snapshot, const HubIdentity& identity,
                                              const CellVersion& version);

/// The transaction that wrote this version, by its place in its author's sequence; nullopt when it
/// is not on record (the hub's own writes, and what was collected).
[[nodiscard]] Result<std::optional<TransactionRecord>> writer_of(HubSnapshot& snapshot,
                                                                 const CellVersion& version);

}  // namespace doorstep
