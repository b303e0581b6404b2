// Deletes meet edits (SEMANTICS B6). A row and the children deleted with it in one transaction are
// one unit: what keeps or brings back one of them keeps or brings back all. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "engine/core/merge_batch.hpp"
#include "engine/core/merge_row.hpp"

namespace doorstep {

/// The topmost row that died together with this dead one: its table says what may overrule the
/// delete.
[[nodiscard]] RowKey deletion_root(const MergeBatch& batch, const StoredRow& dead);

/// False when the delete of a dead row stands for good, or that of a row above it.
[[nodiscard]] bool may_return(const MergeBatch& batch, const StoredRow& dead);

/// Why rows come back, and so what becomes of their delete.
enum class Revival : std::uint8_t {
  overruled,  ///< by an edit: recorded as the loser, at its topmost row, open for a person
  decided,    ///< by a person: recorded as decided
  undone      ///< it was a decision, and that was taken back
};

/// Brings back all that died with this dead row. The rows that live again, each of which must find
/// its scope.
[[nodiscard]] std::vector<RowKey> revive_unit(const RowWrite& write, MergeBatch& batch,
                                              const RowKey& dead, Revival revival);

/// A row that came to hang on a dead one which cannot come back goes with it, and all that hangs on
/// it; every value that its deleter did not write is recorded.
void bury(const RowWrite& write, MergeBatch& batch, const RowKey& row, const RowKey& dead_parent);

/// The deletes of one transaction. What they take along is found once everything else that the
/// transaction writes is in.
class Deletions {
 public:
  Deletions(const RowWrite& write, MergeBatch& batch) : write_(write), batch_(batch) {}

  /// A delete of a live row.
  void add(RowChange change);
  /// Rows die, or an edit or a child that the author had not seen keeps them. What was not done.
  [[nodiscard]] std::vector<LostCell> run();

 private:
  struct Member {
    RowKey key;
    const RowChange* change;  ///< null: a row that the author did not name
    Sight sight;
  };
  using Unit = std::vector<Member>;
  [[nodiscard]] Unit unit_of(const RowKey& root);
  [[nodiscard]] std::vector<UnseenCells> unseen_of(const Unit& unit) const;
  [[nodiscard]] static bool is_older(const Unit& unit, const std::vector<UnseenCells>& unseen);
  LostCell overrule(const RowKey& root, const Contribution& by);
  void kill(const Unit& unit, const std::vector<UnseenCells>& unseen);

  const RowWrite& write_;
  MergeBatch& batch_;
  std::map<RowKey, RowChange> named_;
  std::set<RowKey> done_;
};

/// Does the row hang, over however many rows, on one that IncomingTransaction::kept names?
[[nodiscard]] bool hangs_on_kept(const RowWrite& write, const MergeBatch& batch,
                                 const StoredRow& row);

}  // namespace doorstep
