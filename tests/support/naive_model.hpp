// A hub that merges as plainly as the rules can be said: it keeps every write ever admitted and
// works everything out again from the whole list. Written from the rules alone, to be compared with
// the engine. Slow, value semantics.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "engine/core/merge.hpp"

namespace doorstep::test {

/// One transaction's write of one cell. A `group` of columns is one cell with several values.
struct NaiveWrite {
  DeviceId author;
  Sequence sequence;
  Position position;
  Position observed;
  Stamp stamp;
  std::vector<Value> values;           ///< plain policies: one for each column of the cell
  std::optional<std::int64_t> amount;  ///< counter; nullopt: an insert that left it NULL
  SetEdit edit;                        ///< set
  bool left_out = false;               ///< an insert that said nothing of this cell
  bool begins_life = false;            ///< of the row: what was decided before is over
  bool to_dead = false;                ///< it came when the row was gone and could not come back
  Decision what = Decision::none;
  bool joined = false;        ///< it came with a row that was merged into this one: a rival
  bool no_mark = false;       ///< only its amount or element counts, not who wrote it and when
  RowKey addressed_to;        ///< the id of a row that was merged into this one, or none
  Position knew_row;          ///< what its author had seen of the row as a whole
  std::vector<RowKey> meant;  ///< references: what it said before rows were merged, in turn
};

struct NaiveDelete {
  DeviceId author;
  Sequence sequence;
  Position position;
  std::map<ColumnId, Position> observed;  ///< by cell
  RowKey root;                            ///< what was deleted; this row went along with it
  std::map<ColumnId, std::size_t> after;  ///< how many writes of each cell there were by then
  std::set<ColumnId> hidden;              ///< cells that its author could not see at all
};

struct NaiveRow {
  bool live = true;
  ScopeId scope;
  Position since;
  std::map<ColumnId, std::vector<NaiveWrite>>
      writes;  ///< all of them, by the first column of the cell
  std::optional<NaiveDelete> death;
  /// Deletes that an edit overruled: they stay on record until a person closes them.
  std::vector<NaiveDelete> overruled;
};

/// A value (or a delete, column "") that stands but is not shown: table, row, column, value,
/// author, position, and whether a person must look or has decided.
using NaiveLoser = std::tuple<std::string, std::string, std::string, std::string, std::string,
                              std::uint64_t, std::string>;

/// What is on record of a value that is not shown.
struct NaiveRecord {
  std::vector<Value> values;
  ConflictState state = ConflictState::automatic;
  /// Author and commit of what settled it.
  std::optional<std::pair<DeviceId, Position>> decided_by;
};
/// A state as losers() says it.
[[nodiscard]] std::string text_of(ConflictState state,
                                  const std::optional<std::pair<DeviceId, Position>>& decided_by);

struct Fate;

struct NaiveOutcome {
  Outcome::Kind kind = Outcome::Kind::accepted;
  Sequence depends_on;  ///< the refused transaction that it builds on
  /// It wrote two rows that are one by now: whether one of its values lost to another of its own
  /// is not said here.
  bool twice = false;
};

/// A row that is another's alias.
struct NaiveRedirect {
  RowKey survivor;
  NaiveRow before;  ///< the survivor as the merge found it
  Position position;
  std::map<ColumnId, std::size_t> after;  ///< how many writes of each cell the merge left
};

class NaiveHub {
 public:
  explicit NaiveHub(const Schema& schema) : schema_(&schema) {}

  /// Merges the transactions in this order into hub commit `commit`; what became of each.
  std::vector<NaiveOutcome> commit(std::span<const IncomingTransaction> transactions,
                                   Position commit);

  /// The hub takes a newer form, in a commit of its own. Nobody has written what it adds.
  void grow(const Schema& schema, Position commit);

  /// A person says that two rows are one thing. False: a rule refuses it, nothing changed.
  bool join(const RowKey& loser, const RowKey& survivor, Position commit);
  [[nodiscard]] const std::map<RowKey, NaiveRedirect>& redirects() const { return redirects_; }

  [[nodiscard]] const std::map<RowKey, NaiveRow>& rows() const { return rows_; }
  [[nodiscard]] RowImage shown(const RowKey& key) const { return shown(key.table, rows_.at(key)); }
  [[nodiscard]] std::multiset<NaiveLoser> losers() const;
  /// Rows that changed scope in the last commit, with the scope that they left.
  [[nodiscard]] const std::map<RowKey, ScopeId>& left() const { return left_; }

 private:
  using Kind = Outcome::Kind;
  using RecordKey = std::tuple<RowKey, ColumnId, DeviceId, Position>;
  NaiveOutcome apply(const IncomingTransaction& transaction, Position commit);
  NaiveOutcome try_all(const IncomingTransaction& transaction,
                       const std::map<RowKey, NaiveRow>& before, Position commit);
  Kind apply(const IncomingTransaction& transaction, const RowChange& change, Position commit);
  bool find_parent(const IncomingTransaction& transaction, const RowChange& change);
  [[nodiscard]] bool can_return(const RowKey& dead) const;
  void revive(const RowKey& dead);
  [[nodiscard]] std::optional<RowKey> parent_of(const RowKey& key) const;
  [[nodiscard]] std::vector<RowKey> with_all_below(const RowKey& root) const;
  void insert(NaiveRow& row, const IncomingTransaction& transaction, const RowChange& change,
              Position commit);
  void remove(const IncomingTransaction& transaction, Position commit);
  void remove_unit(const IncomingTransaction& transaction,
                   const std::map<RowKey, const RowChange*>& named, const std::vector<RowKey>& unit,
                   Position commit);
  void write(NaiveRow& row, const IncomingTransaction& transaction, const RowChange& change,
             Position commit);
  void keep_records(bool at_end, Position commit);
  void count_again(const RowKey& key, ColumnId cell, const std::vector<NaiveWrite>& writes);
  void keep_record(const Column& column, const RecordKey& record, const NaiveWrite& write,
                   const Fate& fate, bool lost, Position commit);
  void record_decisions(const IncomingTransaction& transaction, Position commit);
  void record_decision(const RowKey& key, ColumnId cell, const std::vector<NaiveWrite>& writes,
                       std::size_t index, Position commit);
  [[nodiscard]] bool place_rows();
  [[nodiscard]] std::optional<ScopeId> scope_of(const RowKey& key) const;
  [[nodiscard]] RowImage shown(TableId table, const NaiveRow& row) const;
  [[nodiscard]] Value shown(const RowKey& key, ColumnId column) const;
  [[nodiscard]] bool lost_anything(const IncomingTransaction& transaction, Position commit) const;
  [[nodiscard]] bool goes_alone(const IncomingTransaction& transaction,
                                const RowChange& change) const;
  [[nodiscard]] bool writes_hub_column(const IncomingTransaction& transaction,
                                       const RowChange& change) const;
  [[nodiscard]] std::optional<Sequence> built_on(const DeviceId& author,
                                                 const RowChange& change) const;
  void fall(const IncomingTransaction& transaction, const NaiveOutcome& outcome);
  [[nodiscard]] bool breaks_rule(const IncomingTransaction& transaction,
                                 const std::map<RowKey, NaiveRow>& before) const;
  [[nodiscard]] bool is_broken(const RowKey& key) const;
  void begin_commit();
  void end_commit(Position commit);
  void move_since(const std::map<RowKey, NaiveRow>& before, Position commit);
  [[nodiscard]] IncomingTransaction readdressed(const IncomingTransaction& sent);
  [[nodiscard]] RowKey living(RowKey key) const;
  void join_cell(ColumnId cell, const RowKey& loser, const RowKey& survivor);
  void record_joined(const Column& column, RecordKey record, const std::vector<NaiveWrite>& theirs,
                     const std::vector<Value>& values);
  void repoint(const RowKey& from, const RowKey& to);

  const Schema* schema_;
  std::map<RowKey, NaiveRow> rows_;
  std::map<RowKey, ScopeId> left_;
  std::map<RecordKey, NaiveRecord> records_;
  std::map<RowKey, ScopeId> scopes_before_;    ///< the running commit
  std::map<RowKey, NaiveRedirect> redirects_;  ///< by the row that is an alias
  std::vector<RowKey> addressed_;  ///< what the changes of the running transaction were sent to
  std::map<std::pair<RowKey, ColumnId>, RowKey> meant_;  ///< its references to aliases
  bool spared_ = false;                                  ///< it deletes a row that is an alias
  std::set<std::pair<RowKey, DeviceId>> late_deletes_;   ///< of the running commit, by survivor
  std::set<std::tuple<RowKey, DeviceId, Position>> overruled_late_;  ///< those on record
  std::set<RecordKey> lost_now_;     ///< on record since the running commit
  std::set<RecordKey> decided_now_;  ///< or opened again, in the running commit
  /// Rows that would live only through a refused transaction of that author.
  std::map<std::pair<DeviceId, RowKey>, Sequence> fallen_;
};

/// The columns that merge as one cell with `column`, ascending; a group has several.
[[nodiscard]] std::vector<ColumnId> cell_of(const Table& table, ColumnId column);

/// A row on a device: the hub's values with own changes folded in, one after another.
[[nodiscard]] std::optional<RowImage> naive_fold(const Table& table, std::optional<RowImage> base,
                                                 std::span<const RowChange* const> changes);

}  // namespace doorstep::test
