#include "engine/session/decide_duplicates.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/core/redirect.hpp"
#include "engine/session/commit_merge.hpp"

namespace doorstep {
namespace {

Error wrong_state(std::string detail) {
  return error(ErrorCode::duplicate_state, std::move(detail));
}

std::string pair_words(const Duplicate& pair) {
  return "pair " + pair.id.hex() + " is " + std::string(name_of(pair.state));
}

/// One decision inside its commit.
class Deciding {
 public:
  Deciding(HubStore& store, HubCommit& commit, const DuplicateDecision& decision)
      : schema_(store.schema()),
        identity_(store.identity()),
        commit_(commit),
        decision_(decision) {}

  Result<DuplicateOutcome> accept(const std::optional<RowId>& wanted);
  Result<DuplicateOutcome> reject();
  Result<DuplicateOutcome> unmerge();

 private:
  [[nodiscard]] Result<Duplicate> pair();
  [[nodiscard]] Result<RowId> living(RowKey key);
  [[nodiscard]] Result<StoredRow> row(const RowKey& key);
  [[nodiscard]] Result<std::optional<Redirect>> redirect_of(const Duplicate& pair);
  [[nodiscard]] Result<std::vector<Referring>> referring(const RowKey& loser);
  [[nodiscard]] Status merge(const RowKey& loser, const RowId& survivor, DuplicateOutcome& outcome);
  [[nodiscard]] Status hand_on_pairs(const RowKey& loser, const RowId& survivor);
  [[nodiscard]] Status hand_on(const Duplicate& pair, const RowId& third, const RowKey& loser,
                               const RowId& survivor);
  [[nodiscard]] Status put(const RowSet& before, const MergeResult& merged);
  [[nodiscard]] Status decided(Duplicate& pair, DuplicateState state);
  [[nodiscard]] IncomingTransaction hub() const {
    return hub_transaction(identity_, commit_, decision_.now, {});
  }

  const Schema& schema_;
  const HubIdentity& identity_;
  HubCommit& commit_;
  const DuplicateDecision& decision_;
};

Result<Duplicate> Deciding::pair() {
  DS_ASSIGN(const auto found, commit_.duplicates().find(decision_.pair));
  if (!found) return error(ErrorCode::not_found, "pair " + decision_.pair.hex());
  return *found;
}

Result<RowId> Deciding::living(RowKey key) {
  for (std::size_t hops = 0; hops < limits::alias_hops_max; ++hops) {
    DS_ASSIGN(const auto next, commit_.duplicates().merged_into(key));
    if (!next) break;
    key.row = *next;
  }
  return key.row;
}

Result<StoredRow> Deciding::row(const RowKey& key) {
  DS_ASSIGN(auto rows, commit_.fetch(key.table, {&key.row, 1}));
  if (!rows.front() || !rows.front()->live) {
    return wrong_state("one of the two rows was deleted since");
  }
  return std::move(*rows.front());
}

Result<std::vector<Referring>> Deciding::referring(const RowKey& loser) {
  std::vector<Referring> places;
  for (const auto& [table, column] : referring_columns(schema_, loser.table)) {
    DS_ASSIGN(const auto rows, commit_.children({table, column, loser.row}));
    for (const RowId& id : rows) places.push_back({{table, id}, column});
  }
  return places;
}

Status Deciding::decided(Duplicate& pair, DuplicateState state) {
  pair.state = state;
  pair.decided = commit_.position();
  pair.decided_at = decision_.now;
  pair.decided_by = decision_.by;
  return commit_.duplicates().put(pair);
}

Status Deciding::merge(const RowKey& loser, const RowId& survivor, DuplicateOutcome& outcome) {
  const RowKey survivor_key{loser.table, survivor};
  DS_ASSIGN(const StoredRow before, row(survivor_key));
  DS_TRY(row(loser));
  DS_ASSIGN(const auto places, referring(loser));
  const IncomingTransaction author = hub();
  const IncomingTransaction wanted =
      footprint(schema_, author, loser, survivor_key, places, survivor);
  DS_ASSIGN(const RowSet rows, load_rows(commit_, schema_, {&wanted, 1}));
  const RedirectResult done =
      redirect_row(schema_, rows, author, loser, survivor, places, commit_.position());
  if (done.refused) return *done.refused;
  DS_TRY(hand_on_pairs(loser, survivor));
  DS_TRY(put(rows, done.merged));
  DS_TRY(commit_.duplicates().put_redirect(
      {loser, survivor, outcome.pair.id, commit_.position(), before}));
  outcome.references = done.references.size();
  outcome.conflicts = done.merged.conflicts.size();
  return commit_.duplicates().put_references(done.references);
}

/// A person's merge keeps the schema's rules as any transaction does: a broken one refuses it
/// whole.
Status Deciding::put(const RowSet& before, const MergeResult& merged) {
  DS_TRY(put_merged(commit_, schema_, before, merged));
  std::vector<RowKey> written;
  for (const StoredRow& row : merged.rows) written.push_back(row.key());
  DS_ASSIGN(const auto broken, commit_.check_rules(written));
  return broken ? Status(error_of(*broken)) : Status();
}

/// What is known of the row that goes and a third one holds for the survivor too: an open pair
/// stays to be judged, a rejected one is not asked again under the other id.
Status Deciding::hand_on_pairs(const RowKey& loser, const RowId& survivor) {
  DS_ASSIGN(const auto pairs, commit_.duplicates().of_row(loser));
  for (const Duplicate& pair : pairs) {
    if (pair.state != DuplicateState::open && pair.state != DuplicateState::rejected) continue;
    const RowId third = pair.first == loser.row ? pair.second : pair.first;
    if (third != survivor) DS_TRY(hand_on(pair, third, loser, survivor));
  }
  return {};
}

Status Deciding::hand_on(const Duplicate& pair, const RowId& third, const RowKey& loser,
                         const RowId& survivor) {
  const DuplicateId id = duplicate_id_of(schema_.table(loser.table).name, third, survivor);
  DS_ASSIGN(const auto known, commit_.duplicates().find(id));
  if (known && known->state != DuplicateState::open) return {};
  if (known && pair.state == DuplicateState::open) return {};
  Duplicate next = pair;
  next.id = id;
  next.first = std::min(third, survivor);
  next.second = std::max(third, survivor);
  next.proposed = known ? known->proposed : commit_.position();
  return commit_.duplicates().put(next);
}

Result<DuplicateOutcome> Deciding::accept(const std::optional<RowId>& wanted) {
  DuplicateOutcome outcome;
  DS_ASSIGN(outcome.pair, pair());
  Duplicate& pair = outcome.pair;
  if (pair.state == DuplicateState::accepted) {
    outcome.changed = false;
    return outcome;
  }
  const RowId chosen = wanted.value_or(pair.first);
  if (chosen != pair.first && chosen != pair.second) {
    return error(ErrorCode::usage, "the survivor is one of the two rows of the pair");
  }
  const RowId other = chosen == pair.first ? pair.second : pair.first;
  DS_ASSIGN(const RowId survivor, living({pair.table, chosen}));
  DS_ASSIGN(const RowId loser, living({pair.table, other}));
  // First, so that the pair of the two is not taken for an open one of a row that died.
  pair.survivor = survivor;
  DS_TRY(decided(pair, DuplicateState::accepted));
  if (loser != survivor) DS_TRY(merge({pair.table, loser}, survivor, outcome));
  return outcome;
}

Result<DuplicateOutcome> Deciding::reject() {
  DuplicateOutcome outcome;
  DS_ASSIGN(outcome.pair, pair());
  Duplicate& pair = outcome.pair;
  if (pair.state == DuplicateState::accepted) {
    return wrong_state(pair_words(pair) + "; take it apart with 'unmerge'");
  }
  outcome.changed = pair.state == DuplicateState::open;
  if (outcome.changed) DS_TRY(decided(pair, DuplicateState::rejected));
  return outcome;
}

/// The merge that accepting this pair made: of one of its rows, or of one that a row had been
/// merged into before.
Result<std::optional<Redirect>> Deciding::redirect_of(const Duplicate& pair) {
  for (const RowId& end : {pair.first, pair.second}) {
    RowKey at{pair.table, end};
    for (std::size_t hops = 0; hops < limits::alias_hops_max; ++hops) {
      DS_ASSIGN(auto found, commit_.duplicates().redirect(at));
      if (!found) break;
      if (found->pair == pair.id) return found;
      at.row = found->survivor;
    }
  }
  return std::optional<Redirect>();
}

Result<DuplicateOutcome> Deciding::unmerge() {
  DuplicateOutcome outcome;
  DS_ASSIGN(outcome.pair, pair());
  Duplicate& pair = outcome.pair;
  if (pair.state != DuplicateState::accepted) return wrong_state(pair_words(pair));
  DS_ASSIGN(const auto redirect, redirect_of(pair));
  if (!redirect) {
    return wrong_state("its rows became one through other pairs; take those apart");
  }
  const RowKey survivor{pair.table, redirect->survivor};
  DS_ASSIGN(const auto further, commit_.duplicates().merged_into(survivor));
  if (further) return wrong_state("its survivor was merged into another row; unmerge that first");
  DS_TRY(row(survivor));
  DS_ASSIGN(const auto references, commit_.duplicates().references(redirect->loser));
  DS_ASSIGN(const auto writes, commit_.duplicates().writes(redirect->loser));
  std::vector<Referring> places;
  for (const RedirectedReference& one : references) places.push_back({one.row, one.column});
  const IncomingTransaction author = hub();
  const IncomingTransaction wanted =
      footprint(schema_, author, redirect->loser, survivor, places, redirect->loser.row);
  DS_ASSIGN(const RowSet rows, load_rows(commit_, schema_, {&wanted, 1}));
  const RedirectResult done =
      split_row(schema_, rows, author, *redirect, references, writes, commit_.position());
  if (done.refused) return *done.refused;
  // Before the rows are put, so that they are not proposed again.
  DS_TRY(decided(pair, DuplicateState::unmerged));
  DS_TRY(put(rows, done.merged));
  DS_TRY(commit_.duplicates().end_redirect(redirect->loser));
  outcome.references = done.references.size();
  return outcome;
}

template <class Work>
Result<DuplicateOutcome> decide_pair(HubStore& store, const DuplicateDecision& decision,
                                     const Work& work) {
  DS_ASSIGN(auto commit, store.begin());
  Deciding deciding(store, *commit, decision);
  DS_ASSIGN(DuplicateOutcome outcome, work(deciding));
  if (outcome.changed) DS_TRY(commit->commit(decision.now, decision.token));
  return outcome;
}

}  // namespace

Result<DuplicateOutcome> accept_duplicate(HubStore& store, const DuplicateDecision& decision,
                                          const std::optional<RowId>& survivor) {
  return decide_pair(store, decision,
                     [&](Deciding& deciding) { return deciding.accept(survivor); });
}

Result<DuplicateOutcome> reject_duplicate(HubStore& store, const DuplicateDecision& decision) {
  return decide_pair(store, decision, [](Deciding& deciding) { return deciding.reject(); });
}

Result<DuplicateOutcome> unmerge_duplicate(HubStore& store, const DuplicateDecision& decision) {
  return decide_pair(store, decision, [](Deciding& deciding) { return deciding.unmerge(); });
}

}  // namespace doorstep
