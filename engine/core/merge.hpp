// Merging, the hub's decision: a pure function from (schema, stored rows, incoming transactions,
// commit) to (rows to write, departures, conflicts, outcomes, digest changes). The rules are
// SEMANTICS B and docs/merge-rules.md. The same function runs at every tier.
//
// Caller's duties, in this order:
//   1. inside the hub's commit (lock BEFORE fetch), load into a RowSet what missing() asks for,
//   until it
//      asks for nothing;
//   2. merge();
//   3. put everything in the result into the same commit; nothing leaves the hub BEFORE that has
//   committed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/conflict.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/outcome.hpp"
#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/core/schema_view.hpp"
#include "engine/core/sight.hpp"

namespace doorstep {

/// A transaction that passed dedup, sequence and hash checks, with the hub's judgement of its time.
struct IncomingTransaction {
  TransactionId id;
  Stamp stamp;
  Transaction content;
  /// The scopes granted to its author now. What it writes must be in one of these or below it, or
  /// have been so when it was observed (SEMANTICS D3); and a row that comes to live in a scope must
  /// find that scope in the schema's scope tree or among these, or nobody could ever see it again
  /// (both rejected scope_denied). Empty: not asked, as for the hub's own writes.
  std::vector<ScopeId> granted = {};
  Position granted_since = {};  ///< the commit since which it is these
  Position enrolled = {};  ///< of the author's device: what was observed earlier counts as this
  /// Known before merging to be unfit: it is quarantined with this reason and changes nothing.
  std::optional<Error> unfit = {};
  /// The hub's own write: it may write columns of policy `hub`.
  bool by_hub = false;
  /// What its author could see; null: everything. A column outside it counts as not observed
  /// (SEMANTICS B3). Outlives merge().
  const SchemaView* view = nullptr;
  /// What its author's role may write; null: not asked, as for the hub's own writes. Outlives
  /// merge().
  const RoleRights* rights = nullptr;
  /// Rows that it addressed by the id of one that was merged into them: its rights were those to
  /// that one, which its author had seen.
  std::set<RowKey> readdressed = {};
  /// Rows that it deletes by such an id. They stay, and so does what hangs on them and is deleted
  /// along with them.
  std::set<RowKey> kept = {};
  /// It was written on a history that the hub has lost (SEMANTICS G3); its content says what it had
  /// observed there.
  std::optional<Reoffer> reoffer = {};
};

/// The scopes that a device held for a while: for what was observed in [from, to).
struct PastGrant {
  std::vector<ScopeId> scopes;
  Position from;
  Position to;
  friend bool operator==(const PastGrant&, const PastGrant&) = default;
};

/// A row that would live only through a transaction of `author` which changed nothing. What later
/// transactions of that author build on it shares the fate (SEMANTICS D2).
struct FallenRow {
  DeviceId author;
  RowKey key;
  /// The first transaction that fell; nullopt: the row lives by now, so it is no longer fallen.
  std::optional<Sequence> root;
  friend bool operator==(const FallenRow&, const FallenRow&) = default;
};
using FallenRows = std::map<std::pair<DeviceId, RowKey>, Sequence>;

/// "All rows of `child` whose `via` column holds `parent`": asked when a parent changes scope.
struct ChildQuery {
  TableId child;
  ColumnId via;
  RowId parent;
  friend auto operator<=>(const ChildQuery&, const ChildQuery&) = default;
};

/// Rows as they stood before the batch. A key is either not loaded, known absent, or loaded.
class RowSet {
 public:
  void load(const RowKey& key, std::optional<StoredRow> row) {
    rows_.insert_or_assign(key, std::move(row));
  }
  void load_children(const ChildQuery& query, std::vector<RowId> rows) {
    children_[query] = std::move(rows);
  }
  void load_conflicts(const RowKey& key, std::vector<Conflict> records) {
    conflicts_[key] = std::move(records);
  }
  /// Of an earlier commit. Precondition: the row has a root.
  void load_fallen(const FallenRow& row) {
    fallen_.insert_or_assign({row.author, row.key}, *row.root);
  }
  [[nodiscard]] const FallenRows& fallen() const { return fallen_; }
  /// All departures of a row, ascending by position.
  void load_departures(const RowKey& key, std::vector<Departure> departures) {
    departures_[key] = std::move(departures);
  }
  void load_grants(const DeviceId& device, std::vector<PastGrant> grants) {
    grants_[device] = std::move(grants);
  }
  /// For those that a reoffer may meet, also of the commit that is being made.
  void load_reoffered(const DeviceId& author, Position position, const Reoffered& what) {
    reoffered_.insert_or_assign({author, position}, what);
  }
  [[nodiscard]] const ReofferedAt& reoffered() const { return reoffered_; }
  /// Who wrote in which commit what stands in the rows loaded.
  [[nodiscard]] std::set<std::pair<DeviceId, Position>> versions() const;
  [[nodiscard]] bool knows(const RowKey& key) const { return rows_.contains(key); }
  [[nodiscard]] bool knows_departures(const RowKey& key) const { return departures_.contains(key); }
  [[nodiscard]] bool knows_grants(const DeviceId& device) const { return grants_.contains(device); }
  [[nodiscard]] bool knows_conflicts(const RowKey& key) const { return conflicts_.contains(key); }
  [[nodiscard]] bool knows(const ChildQuery& query) const { return children_.contains(query); }
  /// Null when known absent. Precondition: knows(key).
  [[nodiscard]] const StoredRow* find(const RowKey& key) const;
  /// Precondition: knows(query).
  [[nodiscard]] const std::vector<RowId>& children(const ChildQuery& query) const;
  /// Precondition: knows_conflicts(key).
  [[nodiscard]] const std::vector<Conflict>& conflicts(const RowKey& key) const;
  /// Preconditions: knows_departures(key), knows_grants(device).
  [[nodiscard]] const std::vector<Departure>& departures(const RowKey& key) const;
  [[nodiscard]] const std::vector<PastGrant>& grants(const DeviceId& device) const;

 private:
  std::unordered_map<RowKey, std::optional<StoredRow>, RowKeyHash> rows_;
  std::map<ChildQuery, std::vector<RowId>> children_;
  std::map<RowKey, std::vector<Conflict>> conflicts_;
  FallenRows fallen_;
  std::map<RowKey, std::vector<Departure>> departures_;
  std::map<DeviceId, std::vector<PastGrant>> grants_;
  ReofferedAt reoffered_;
};

/// What must still be loaded before merge() can run.
struct MissingRows {
  std::set<RowKey> rows;
  std::set<ChildQuery> children;
  std::set<RowKey> conflicts;   ///< their records: asked where something is decided
  std::set<RowKey> departures;  ///< where these rows were: only merge() itself asks
  std::set<DeviceId> grants;    ///< what these devices were granted before: the same
  [[nodiscard]] bool empty() const {
    return rows.empty() && children.empty() && conflicts.empty() && departures.empty() &&
           grants.empty();
  }
};

/// Loads are asked for in rounds: rows written, their parents on the way to a scope (via), and,
/// where a written row changes scope, all that hangs on it. Ends after at most
/// limits::via_depth_max * 2 rounds. A delete asks for all that hangs on its row, a write to a dead
/// row for all that died with it.
[[nodiscard]] MissingRows missing(const Schema& schema,
                                  std::span<const IncomingTransaction> transactions,
                                  const RowSet& rows);

struct MergeResult {
  std::vector<StoredRow> rows;        ///< final state of every row that changed; ascending by key
  std::vector<Departure> departures;  ///< the net over this commit (SEMANTICS A3)
  std::vector<Conflict> conflicts;    ///< new and changed records; ascending by id
  std::vector<Outcome> outcomes;      ///< one for each transaction, in the order given
  std::vector<FallenRow> fallen;      ///< those that fell or came to life; ascending
  DigestChanges digests;
  /// Not empty: rights could not be judged without this. Load it and merge again; nothing else here
  /// counts. Empty where what is written lies in scopes that its author holds now.
  MissingRows missing;
};

/// The schema's rules as merge() asks for them (SEMANTICS D1). Only the hub's storage can answer:
/// rules are SQL.
class RuleJudge {
 public:
  virtual ~RuleJudge() = default;
  /// `settled`: rows that earlier transactions of this commit changed since the last call; they
  /// stand whatever the verdict. `written`: what one more transaction makes of rows, at least one
  /// of a table with rules. The rule that is broken then, if any: that transaction changes nothing.
  [[nodiscard]] virtual std::optional<BrokenRule> broken(std::span<const StoredRow> settled,
                                                         std::span<const StoredRow> written) = 0;
};

/// Merges the transactions in the order given, all into hub commit `commit`. Total: never fails;
/// what cannot be merged gets an outcome that says so and changes nothing. Deterministic, given the
/// judge; without one no rule is asked. Precondition: missing() is empty for the same arguments.
[[nodiscard]] MergeResult merge(const Schema& schema,
                                std::span<const IncomingTransaction> transactions,
                                const RowSet& rows, Position commit, RuleJudge* judge = nullptr);

}  // namespace doorstep
