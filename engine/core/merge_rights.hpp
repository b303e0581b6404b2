// Who may write what (SEMANTICS D3): rights are judged at what was observed of the row, by the
// scope that it had and the grants that its author's device held at that position. The scope that
// it has and the grants that the device holds now are looked at first, so that history is read only
// where they do not fit.
#pragma once

#include <optional>

#include "engine/core/merge_batch.hpp"
#include "engine/core/merge_row.hpp"
#include "engine/core/merge_scope.hpp"

namespace doorstep {

/// Why the author's role may not make this change, whatever row it is of.
[[nodiscard]] std::optional<Refusal> refused_role(const RowWrite& write, const RowChange& change);

class WriteRights {
 public:
  /// `missing` gets what is not loaded; while it lacks something, a write is let through.
  WriteRights(const RowWrite& write, const MergeBatch& batch, const RowSet& stored,
              MissingRows& missing)
      : write_(write), batch_(batch), stored_(stored), missing_(missing) {}

  /// Why the author may not write this row, as it stands before the write. A row that is not there
  /// is judged by new_row().
  [[nodiscard]] std::optional<Refusal> row(const RowChange& change) const;
  /// The same for a row that this transaction made, once its scope is found.
  [[nodiscard]] std::optional<Refusal> new_row(const RowChange& change) const;

 private:
  [[nodiscard]] bool was_granted(const RowKey& key, Position observed) const;
  [[nodiscard]] bool covers(const std::vector<ScopeId>& granted, const ScopeId& scope) const;
  [[nodiscard]] std::optional<ScopeId> scope_at(const RowKey& key, Position observed,
                                                std::size_t depth) const;
  [[nodiscard]] const std::vector<ScopeId>* granted_at(Position observed) const;
  [[nodiscard]] Refusal refusal(const RowKey& key) const;

  const RowWrite& write_;
  const MergeBatch& batch_;
  const RowSet& stored_;
  MissingRows& missing_;
};

}  // namespace doorstep
