#include "engine/session/merge_pushes.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/session/group_commit.hpp"
#include "engine/session/push_rounds.hpp"
#include "engine/session/settle_quarantine.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

using Results = std::vector<Result<PushResult>>;

class PushRun {
 public:
  PushRun(HubStore& store, LogSink& log, Instant now, const CommitToken& token)
      : store_(store), log_(log), now_(now), token_(token) {}

  Results merge(std::span<const PushRequest> requests);

 private:
  Result<Results> commit(std::span<const PushRequest> requests);
  Status merge_rounds(std::span<const PushRequest> requests, Results& results);
  Results failed(const Error& reason, std::size_t count);
  void admit_what_waited(Results& results);

  HubStore& store_;
  LogSink& log_;
  const Instant now_;
  const CommitToken token_;
  std::uint64_t commits_ = 0;
  bool reoffered_ = false;
};

Result<Results> PushRun::commit(std::span<const PushRequest> requests) {
  DS_ASSIGN(auto commit, store_.begin());
  GroupCommit group(store_.schema(), log_, *commit, now_);
  std::vector<Progress> progress(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) DS_TRY(group.take(requests[i], progress[i]));
  const Position position = commit->position();
  if (group.has_news()) {
    DS_TRY(group.merge_and_put());
    DS_TRY(group.put_devices());
    DS_TRY(commit->commit(now_, token_of(token_, commits_++)));
    reoffered_ = reoffered_ || group.has_reoffered();
  }
  Results results;
  for (const Progress& one : progress) {
    if (one.refused) {
      results.emplace_back(*one.refused);
      continue;
    }
    PushResult result;
    result.ack = {one.through, now_, group.items(one), one.known_at};
    if (!one.judged.empty()) {
      result.position = result.ack.position = position;
      const Merged& merged = group.merged();
      result.touched = {merged.touched.begin(), merged.touched.end()};
      result.tree_changed = merged.tree_changed;
    }
    results.emplace_back(std::move(result));
  }
  return results;
}

/// What one more commit made of a part of the push.
void add(Result<PushResult>& whole, Result<PushResult> part) {
  if (!part) {
    whole = std::move(part);
    return;
  }
  PushResult& all = whole.value();
  PushResult& one = part.value();
  all.ack.through = one.ack.through;
  all.ack.now = one.ack.now;
  all.ack.position = std::max(all.ack.position, one.ack.position);
  std::move(one.ack.items.begin(), one.ack.items.end(), std::back_inserter(all.ack.items));
  all.position = std::max(all.position, one.position);
  all.touched.insert(all.touched.end(), one.touched.begin(), one.touched.end());
  all.tree_changed = all.tree_changed || one.tree_changed;
}

/// A part that did not come through whole ends its push.
bool goes_on(const Result<PushResult>& result, const PushRequest& part) {
  return result && part.push.first <= result->ack.through.next();
}

Status PushRun::merge_rounds(std::span<const PushRequest> requests, Results& results) {
  DS_ASSIGN(std::vector<PushRound> rounds, rounds_of(store_, requests));
  std::vector<std::optional<Result<PushResult>>> whole(requests.size());
  for (PushRound& parts : rounds) {
    for (std::size_t i = parts.of.size(); i-- > 0;) {
      const auto& before = whole[parts.of[i]];
      if (!before || goes_on(*before, parts.requests[i])) continue;
      parts.of.erase(parts.of.begin() + static_cast<std::ptrdiff_t>(i));
      parts.requests.erase(parts.requests.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (parts.of.empty()) continue;
    DS_ASSIGN(Results done, commit(parts.requests));
    for (std::size_t i = 0; i < done.size(); ++i) {
      auto& result = whole[parts.of[i]];
      if (result) {
        add(*result, std::move(done[i]));
      } else {
        result.emplace(std::move(done[i]));
      }
    }
  }
  for (auto& result : whole) results.push_back(*std::move(result));
  return {};
}

Results PushRun::failed(const Error& reason, std::size_t count) {
  log_.write(LogLevel::error, "merge_failed", {{"error", reason.text()}});
  return Results(count, Result<PushResult>(reason));
}

// Rows that others wait for may have come.
void PushRun::admit_what_waited(Results& results) {
  const auto found = std::find_if(results.begin(), results.end(), [](const auto& one) {
    return one.ok() && one->position != Position{};
  });
  if (!reoffered_ || found == results.end()) return;
  const auto arrived = admit_arrived(store_, now_, token_of(token_, commits_));
  if (!arrived) {
    log_.write(LogLevel::warning, "admit_failed", {{"error", arrived.error().text()}});
    return;
  }
  if (arrived->count == 0) return;
  log_.write(LogLevel::info, "reoffered_admitted",
             {{"transactions", std::to_string(arrived->count)}});
  PushResult& first = found->value();
  first.position = arrived->position;
  first.touched.insert(first.touched.end(), arrived->touched.begin(), arrived->touched.end());
  first.tree_changed = first.tree_changed || arrived->tree_changed;
}

Results PushRun::merge(std::span<const PushRequest> requests) {
  Results results;
  if (comes_in_rounds(requests)) {
    const Status merged = merge_rounds(requests, results);
    if (!merged) return failed(merged.error(), requests.size());
  } else {
    auto merged = commit(requests);
    if (!merged) return failed(merged.error(), requests.size());
    results = std::move(merged).value();
  }
  admit_what_waited(results);
  return results;
}

}  // namespace

std::shared_ptr<ReadPush> read_push(const Schema& schema, const Push& push) {
  auto read = std::make_shared<ReadPush>();
  read->schema = schema.fingerprint();
  read->contents.reserve(push.bodies.size());
  for (const Bytes& body : push.bodies) {
    read->contents.push_back(decode_transaction(schema, body));
  }
  return read;
}

std::vector<Result<PushResult>> merge_pushes(HubStore& store, LogSink& log,
                                             std::span<const PushRequest> requests, Instant now,
                                             const CommitToken& token) {
  return PushRun(store, log, now, token).merge(requests);
}

}  // namespace doorstep
