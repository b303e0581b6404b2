#include "engine/session/commit_merge.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/core/merge_missing.hpp"
#include "engine/session/aliased_batch.hpp"
#include "engine/session/propose_duplicates.hpp"
#include "engine/session/reoffered.hpp"

namespace doorstep {
namespace {

/// Is the row a unit of the scope tree that came, went, or hangs elsewhere now?
bool moves_tree(const Schema& schema, const StoredRow* before, const StoredRow& after) {
  const auto& tree = schema.tree();
  if (!tree || after.table != tree->table) return false;
  const bool was_live = before != nullptr && before->live;
  if (was_live != after.live) return true;
  if (!was_live) return false;
  const std::size_t parent = tree->parent.index;
  return before->image.values[parent] != after.image.values[parent];
}

Status load(HubCommit& commit, const MissingRows& wanted, RowSet& rows, AliasedBatch& aliased) {
  for (auto it = wanted.rows.begin(); it != wanted.rows.end();) {
    const TableId table = it->table;
    std::vector<RowId> ids;
    for (; it != wanted.rows.end() && it->table == table; ++it) ids.push_back(it->row);
    DS_ASSIGN(auto found, commit.fetch(table, ids));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (found[i]) DS_TRY(aliased.resolve(*found[i]));
      rows.load({table, ids[i]}, std::move(found[i]));
    }
  }
  for (const RowKey& key : wanted.conflicts) {
    DS_ASSIGN(auto records, commit.conflicts_of(key));
    rows.load_conflicts(key, std::move(records));
  }
  for (const ChildQuery& query : wanted.children) {
    DS_ASSIGN(auto children, commit.children(query));
    rows.load_children(query, std::move(children));
  }
  for (const RowKey& key : wanted.departures) {
    DS_ASSIGN(auto departures, commit.departures(key));
    rows.load_departures(key, std::move(departures));
  }
  for (const DeviceId& device : wanted.grants) {
    DS_ASSIGN(auto grants, commit.past_grants(device));
    rows.load_grants(device, std::move(grants));
  }
  return {};
}

/// Rows are fetched only now, when the commit holds the lock (SEMANTICS D1).
Status load_all(HubCommit& commit, const Schema& schema,
                std::span<const IncomingTransaction> transactions, AliasedBatch& aliased,
                RowSet& rows) {
  MissingSearch search(schema, transactions, rows);
  for (;;) {
    const MissingRows wanted = search.next();
    if (wanted.empty()) return {};
    DS_TRY(load(commit, wanted, rows, aliased));
  }
}

Result<RowSet> load_batch(HubCommit& commit, const Schema& schema,
                          std::span<const IncomingTransaction> transactions,
                          AliasedBatch& aliased) {
  RowSet rows;
  std::set<DeviceId> authors;
  for (const IncomingTransaction& one : transactions) authors.insert(one.id.device);
  for (const DeviceId& author : authors) {
    DS_ASSIGN(const auto fallen, commit.fallen(author));
    for (const FallenRow& row : fallen) rows.load_fallen(row);
  }
  DS_TRY(load_all(commit, schema, transactions, aliased, rows));
  return rows;
}

/// What of the rows that a reoffer may meet was offered again before it, here and in earlier
/// commits.
Status load_reoffered(HubCommit& commit, std::span<const IncomingTransaction> transactions,
                      RowSet& rows) {
  const bool any =
      std::any_of(transactions.begin(), transactions.end(),
                  [](const IncomingTransaction& one) { return one.reoffer.has_value(); });
  if (!any) return {};
  for (const auto& [author, position] : rows.versions()) {
    if (rows.reoffered().contains({author, position})) continue;
    DS_ASSIGN(const auto what, commit.epochs().reoffered(author, position));
    if (what) rows.load_reoffered(author, position, *what);
  }
  for (const auto& [author, what] : reoffered_of(transactions)) {
    rows.load_reoffered(author, commit.position(), what);
  }
  return {};
}

/// What met in a row is seen where the row is seen (SEMANTICS D7).
Status move_conflicts(HubCommit& commit, const std::vector<Departure>& departures) {
  std::vector<Conflict> moved;
  for (const Departure& departure : departures) {
    DS_ASSIGN(auto records, commit.conflicts_of(departure.key));
    for (Conflict& record : records) {
      if (record.scope == departure.to) continue;
      record.scope = departure.to;
      record.position = departure.position;
      moved.push_back(std::move(record));
    }
  }
  return moved.empty() ? Status() : commit.put_conflicts(moved);
}

/// Asks the commit's storage, with the rows in place, and takes back what a broken rule refuses.
class CommitJudge final : public RuleJudge {
 public:
  explicit CommitJudge(HubCommit& commit) : commit_(commit) {}

  std::optional<BrokenRule> broken(std::span<const StoredRow> settled,
                                   std::span<const StoredRow> written) override {
    if (!status_) return std::nullopt;
    std::optional<BrokenRule> found;
    status_ = ask(settled, written, found);
    return found;
  }
  /// An error of the storage: the whole commit is over.
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  Status ask(std::span<const StoredRow> settled, std::span<const StoredRow> written,
             std::optional<BrokenRule>& found) {
    DS_TRY(commit_.put_rows(settled));
    std::vector<RowKey> keys;
    keys.reserve(written.size());
    for (const StoredRow& row : written) keys.push_back(row.key());
    const Status kept = commit_.savepoint([&]() -> Status {
      DS_TRY(commit_.put_rows(written));
      DS_ASSIGN(found, commit_.check_rules(keys));
      return found ? Status(error(ErrorCode::rule_broken)) : Status();
    });
    return found ? Status() : kept;
  }

  HubCommit& commit_;
  Status status_;
};

/// What rules were asked about is taken back when it has to be merged again.
Result<MergeResult> merge_judged(HubCommit& commit, const Schema& schema,
                                 std::span<const IncomingTransaction> transactions,
                                 const RowSet& rows) {
  const bool has_rules = std::any_of(schema.tables().begin(), schema.tables().end(),
                                     [](const Table& table) { return !table.rules.empty(); });
  if (!has_rules) return merge(schema, transactions, rows, commit.position());
  MergeResult result;
  const Status kept = commit.savepoint([&]() -> Status {
    CommitJudge judge(commit);
    result = merge(schema, transactions, rows, commit.position(), &judge);
    if (!judge.status()) return judge.status();
    return result.missing.empty() ? Status() : Status(error(ErrorCode::busy, "merged again"));
  });
  if (!kept && result.missing.empty()) return kept.error();
  return result;
}

}  // namespace

Result<RowSet> load_rows(HubCommit& commit, const Schema& schema,
                         std::span<const IncomingTransaction> transactions) {
  AliasedBatch aliased(commit, schema);
  DS_TRY(aliased.take({}));
  return load_batch(commit, schema, transactions, aliased);
}

Status put_merged(HubCommit& commit, const Schema& schema, const RowSet& before,
                  const MergeResult& result) {
  DS_TRY(commit.put_rows(result.rows));
  DS_TRY(commit.put_departures(result.departures));
  DS_TRY(commit.put_conflicts(result.conflicts));
  DS_TRY(move_conflicts(commit, result.departures));
  DS_TRY(commit.put_fallen(result.fallen));
  if (!DS_DEFECT("moves_not_summed") || result.departures.empty())
    DS_TRY(commit.add_digests(result.digests));
  return propose_duplicates(commit, schema, before, result.rows);
}

Result<Merged> merge_into(HubCommit& commit, const Schema& schema,
                          std::span<const IncomingTransaction> transactions) {
  AliasedBatch aliased(commit, schema);
  DS_TRY(aliased.take(transactions));
  DS_ASSIGN(RowSet rows, load_batch(commit, schema, aliased.transactions(), aliased));
  aliased.settle(rows);
  DS_TRY(load_reoffered(commit, aliased.transactions(), rows));
  MergeResult result;
  for (;;) {
    DS_ASSIGN(result, merge_judged(commit, schema, aliased.transactions(), rows));
    if (result.missing.empty()) break;
    // History decides about rights: load it, and what it needs in turn.
    DS_TRY(load(commit, result.missing, rows, aliased));
    DS_TRY(load_all(commit, schema, aliased.transactions(), aliased, rows));
    DS_TRY(load_reoffered(commit, aliased.transactions(), rows));
  }
  DS_ASSERT(result.outcomes.size() == transactions.size());
  DS_TRY(aliased.finish(rows, result));
  DS_TRY(put_merged(commit, schema, rows, result));
  for (const auto& [author, what] : reoffered_of(transactions)) {
    DS_TRY(commit.epochs().put_reoffered(author, what));
  }
  Merged merged;
  for (const StoredRow& row : result.rows) {
    merged.touched.insert(row.scope);
    const StoredRow* before = rows.knows(row.key()) ? rows.find(row.key()) : nullptr;
    merged.tree_changed = merged.tree_changed || moves_tree(schema, before, row);
  }
  for (const Departure& departure : result.departures) {
    merged.touched.insert(departure.from);
    merged.touched.insert(departure.to);
  }
  for (const Conflict& conflict : result.conflicts) merged.touched.insert(conflict.scope);
  merged.touched.erase(ScopeId{});
  merged.outcomes = std::move(result.outcomes);
  return merged;
}

DeviceId hub_author(const HubIdentity& identity) { return DeviceId{identity.id.bytes}; }

IncomingTransaction hub_transaction(const HubIdentity& identity, const HubCommit& commit,
                                    Instant now, std::vector<RowChange> changes) {
  IncomingTransaction transaction;
  transaction.id.device = hub_author(identity);
  transaction.by_hub = true;
  transaction.stamp = Stamp::at(now);
  transaction.content.observed = Position{commit.position().value - 1};
  transaction.content.time.hub_seen = now;
  transaction.content.changes = std::move(changes);
  return transaction;
}

}  // namespace doorstep
