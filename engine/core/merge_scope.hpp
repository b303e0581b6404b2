// Where rows live: from the row itself, a column, or through a parent; and what moves along
// (SEMANTICS A3).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/core/merge_batch.hpp"
#include "engine/core/merge_delete.hpp"
#include "engine/core/merge_row.hpp"

namespace doorstep {

/// Why a transaction changes nothing.
struct Refusal {
  Outcome::Kind kind = Outcome::Kind::rejected;
  Error reason;
  Sequence depends_on;
  std::optional<BrokenRule> broken = {};
};

/// The refusal of a write to, or a reference to, a row that fell with an earlier transaction of its
/// author.
[[nodiscard]] std::optional<Refusal> fallen(const FallenRows& rows, const DeviceId& author,
                                            const RowKey& key);

/// Finds the scope of every row that a transaction gave life or moved, once all its rows are
/// written: a child may stand before its parent in one transaction.
class ScopeResolver {
 public:
  ScopeResolver(const RowWrite& write, const FallenRows& fallen_rows, MergeBatch& batch)
      : write_(write), fallen_(fallen_rows), batch_(batch) {}

  /// `sight`: what the author had seen of the row; decides about a parent's death.
  void add(const RowKey& key, const Sight& sight, bool inserted) { open_[key] = {sight, inserted}; }
  /// Gives each added row its scope, brings parents back where edits win, and moves all that hangs
  /// on a row which changed scope.
  [[nodiscard]] std::optional<Refusal> run();
  /// Brings a dead row back with all that died with it; each finds its scope in run().
  void revive(const RowKey& dead, const Sight& sight, Revival revival = Revival::overruled);
  /// What was written to rows that went with a parent which cannot come back.
  [[nodiscard]] const std::vector<LostCell>& lost() const { return lost_; }

 private:
  struct Wanted {
    Sight sight;
    bool inserted = false;
  };
  std::optional<Refusal> resolve(const RowKey& key, const Wanted& wanted);
  std::optional<Refusal> resolve_if_open(const RowKey& key);
  /// No scope and no refusal: the row went with its parent.
  std::optional<Refusal> parent_scope(const StoredRow& row, const Wanted& wanted, ScopeId& scope);
  std::optional<Refusal> with_dead_parent(const RowKey& child, const RowKey& parent,
                                          const Wanted& wanted);
  void move(const RowKey& key, const ScopeId& scope);
  [[nodiscard]] bool is_known_scope(const Table& table, const StoredRow& row,
                                    const ScopeId& scope) const;

  const RowWrite& write_;
  const FallenRows& fallen_;
  MergeBatch& batch_;
  std::map<RowKey, Wanted> open_;
  std::vector<LostCell> lost_;
};

}  // namespace doorstep
