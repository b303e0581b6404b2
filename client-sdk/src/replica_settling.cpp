// What a person settles: conflicts, and work that the hub did not take.
#include "client-sdk/src/decisions.hpp"
#include "client-sdk/src/sqlite_replica.hpp"

namespace doorstep {

Result<ConflictInfo> SqliteReplica::known_conflict(const ConflictId& id) {
  DS_ASSIGN(auto found, find_conflict(writer_.file.db, id));
  if (!found) return error(ErrorCode::not_found, "conflict " + id.hex());
  return *std::move(found);
}

Status SqliteReplica::decide(const ConflictId& conflict, const Choice& choice) {
  DS_ASSIGN(const auto transaction, begin_own());
  DS_ASSIGN(const ConflictInfo known, known_conflict(conflict));
  Decisions decisions(writer_.file.db, writer_.file.schema, *writer_.capture);
  DS_TRY(decisions.decide(known, choice));
  return transaction->commit(decisions.notes());
}

Status SqliteReplica::undo(const ConflictId& conflict) {
  DS_ASSIGN(const auto transaction, begin_own());
  DS_ASSIGN(const ConflictInfo known, known_conflict(conflict));
  Decisions decisions(writer_.file.db, writer_.file.schema, *writer_.capture);
  DS_TRY(decisions.undo(known));
  return transaction->commit(decisions.notes());
}

Result<std::uint64_t> SqliteReplica::decide_all(const ConflictFilter& filter, Keep keep) {
  DS_ASSIGN(const auto transaction, begin_own());
  ConflictFilter wanted = filter;
  if (wanted.state.empty()) wanted.state = name_of(ConflictState::open);
  DS_ASSIGN(const auto found, read_conflicts(writer_.file.db, wanted));
  Decisions decisions(writer_.file.db, writer_.file.schema, *writer_.capture);
  std::uint64_t count = 0;
  for (const ConflictInfo& conflict : found) {
    if (decisions.has(conflict)) {
      ++count;
      continue;
    }
    const Status decided = decisions.decide(conflict, keep);
    // Its row is gone, or its values add up: there is nothing that a person could settle here.
    if (!decided && decided.error().code == ErrorCode::not_found) continue;
    if (!decided) return decided.error();
    ++count;
  }
  DS_TRY(transaction->commit(decisions.notes()));
  return count;
}

/// The new transaction and the end of the old record are one commit: a crash leaves both or none.
Result<Sequence> SqliteReplica::retry_one(Sequence sequence, std::string_view corrections,
                                          const Bindings& bindings) {
  DS_ASSIGN(const auto transaction, begin_own());
  sqlite::Database& db = writer_.file.db;
  DS_TRY(waiting_group(db, sequence));  // it may have been closed meanwhile
  DS_TRY(write_again(db, writer_.file.schema, writer_.tables, sequence));
  if (!corrections.empty()) DS_TRY(transaction->run(corrections, bindings));
  DS_ASSIGN(const Hash original, original_of(db, writer_.file.schema, sequence));
  DS_ASSIGN(const bool written, writer_.changes->write({}, {}, original));
  DS_ASSIGN(const ReplicaState state, load_state(db));
  const Sequence made = written ? state.last : Sequence{};
  DS_TRY(close_rejected(db, sequence, RejectedInfo::State::resent, made, state.hub_seen));
  DS_TRY(transaction->finish(written));
  return made;
}

Result<RetryReport> SqliteReplica::retry(Sequence sequence, std::string_view corrections,
                                         const Bindings& bindings) {
  DS_ASSIGN(const auto group,
            reading<std::vector<Sequence>>([&](auto& db) { return waiting_group(db, sequence); }));
  RetryReport report;
  for (const Sequence one : group) {
    const bool asked = one == sequence;
    auto made =
        retry_one(one, asked ? corrections : std::string_view(), asked ? bindings : Bindings());
    if (!made && report.resent.empty()) return made.error();
    if (!made) {
      report.stopped_at = one;
      report.stopped = made.error();
      return report;
    }
    report.resent.push_back({one, *made});
  }
  return report;
}

Status SqliteReplica::discard(Sequence sequence) {
  DS_ASSIGN(const auto transaction, begin_own());
  sqlite::Database& db = writer_.file.db;
  DS_ASSIGN(const auto info, find_rejected(db, sequence));
  DS_ASSIGN(const auto group, waiting_group(db, sequence));
  DS_ASSIGN(const ReplicaState state, load_state(db));
  const bool alone = info->depends_on.value != 0;  // what it builds on is another's to give up
  for (const Sequence one : group) {
    if (alone && one != sequence) continue;
    DS_TRY(close_rejected(db, one, RejectedInfo::State::discarded, {}, state.hub_seen));
  }
  return transaction->finish(false);
}

}  // namespace doorstep
