// Random histories of several devices, with rules that refuse and work that builds on what was
// refused: a push that is sent again, in any split, at any moment, changes nothing at the hub.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/core/hash.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/ports/memory_hub_store.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/history_count.hpp"
#include "tests/support/random_history.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

/// The schema of the histories, with a rule so that rules are asked.
const Schema& ruled_schema() {
  static const Schema schema = [] {
    Schema::Parts parts;
    parts.name = "history";
    parts.tables = history_schema().tables();
    for (Table& table : parts.tables) table.rules = {{"no_duck", "SELECT 1", "no duck"}};
    return Schema::make(std::move(parts)).value();
  }();
  return schema;
}

/// A row that shows the word "duck" anywhere breaks the rule of its table.
Result<std::optional<BrokenRule>> no_duck(HubCommit& commit, std::span<const RowKey> written) {
  for (const RowKey& key : written) {
    DS_ASSIGN(const auto rows, commit.fetch(key.table, std::vector{key.row}));
    if (!rows[0] || !rows[0]->live) continue;
    const auto& values = rows[0]->image.values;
    if (std::find(values.begin(), values.end(), Value::text("duck")) == values.end()) continue;
    const std::string& table = ruled_schema().table(key.table).name;
    return std::optional(BrokenRule{table, "no_duck", key.row, "no duck", {}});
  }
  return std::optional<BrokenRule>();
}

HubIdentity somewhere() {
  HubIdentity identity;
  identity.id.bytes[0] = 1;
  return identity;
}

/// What a device has written so far, as it sends it.
struct Outbox {
  std::vector<Bytes> bodies;
  std::vector<Hash> hashes;

  void add(const DeviceId& device, const Transaction& content) {
    bodies.push_back(encode_transaction(ruled_schema(), content));
    const Hash before = hashes.empty() ? Hash{} : hashes.back();
    hashes.push_back(chain_hash(before, device, Sequence{bodies.size()}, bodies.back()));
  }
  /// Transactions first .. last, from 1.
  [[nodiscard]] Push push(std::size_t first, std::size_t last) const {
    Push push;
    push.first = Sequence{first};
    push.bodies.assign(bodies.begin() + static_cast<std::ptrdiff_t>(first - 1),
                       bodies.begin() + static_cast<std::ptrdiff_t>(last));
    push.head = hashes[last - 1];
    return push;
  }
};

/// A hub that takes a history commit by commit.
class Hub {
 public:
  explicit Hub(const std::set<DeviceId>& devices) : store_(ruled_schema(), somewhere()) {
    store_.set_rules(no_duck);
    auto commit = store_.begin().value();
    for (const DeviceId& id : devices) {
      DeviceRecord device;
      device.id = id;
      device.enrolled = commit->position();
      DS_ASSERT(commit->put_device(device).ok());
    }
    DS_ASSERT(commit->commit(Instant{}, CommitToken{}).ok());
  }

  std::vector<Result<PushResult>> take(const std::vector<PushRequest>& requests) {
    return merge_pushes(store_, log_, requests, Instant{1'000'000}, CommitToken{});
  }
  [[nodiscard]] Position head() { return store_.snapshot().value()->head(); }
  /// Everything that a device or a person could ever see of it.
  [[nodiscard]] bool equals(Hub& other, const std::set<DeviceId>& devices) {
    auto mine = store_.snapshot().value();
    auto theirs = other.store_.snapshot().value();
    const std::vector<ScopeId> scopes{ScopeId{"x"}, ScopeId{"y"}};
    FeedRequest all;
    all.scopes = scopes;
    all.cursor = Position{1};
    all.rows_max = all.bytes_max = 1'000'000;
    const FeedBatch a = mine->feed(all).value();
    const FeedBatch b = theirs->feed(all).value();
    if (mine->head() != theirs->head() || a.rows != b.rows || a.departures != b.departures)
      return false;
    ConflictQuery every;
    every.count_max = 1'000'000;
    if (mine->conflicts(every).value() != theirs->conflicts(every).value()) return false;
    if (mine->digests(scopes).value() != theirs->digests(scopes).value()) return false;
    if (mine->digests(scopes).value() != mine->scan_digests(scopes).value()) return false;
    if (mine->quarantine({1'000'000}).value() != theirs->quarantine({1'000'000}).value())
      return false;
    return std::all_of(devices.begin(), devices.end(), [&](const DeviceId& device) {
      const Sequence last{1'000'000};
      return mine->transactions(device, {}, last).value() ==
                 theirs->transactions(device, {}, last).value() &&
             mine->device(device).value() == theirs->device(device).value();
    });
  }
  [[nodiscard]] Outcome recorded(const DeviceId& device, Sequence sequence) {
    const Sequence before{sequence.value - 1};
    const auto found = store_.snapshot().value()->transactions(device, before, sequence).value();
    return found.front().outcome;
  }

 private:
  MemoryHubStore store_;
  NullLogSink log_;
};

/// The histories number commits from 1; here the commit that enrols comes first.
Position one_later(Position position) { return Position::of(1, position.number() + 1); }

/// Every device has one boot, so that the hub judges its times exactly.
ClockProbe at_ms(std::int64_t ms) {
  BootId boot;
  boot.bytes[0] = 1;
  return {ms, boot, ms};
}

Transaction shifted(const IncomingTransaction& incoming) {
  Transaction content = incoming.content;
  content.observed = one_later(content.observed);
  content.time.clock = at_ms(1000 + (incoming.stamp.hi >> 16));
  for (RowChange& row : content.changes) {
    if (row.observed) row.observed = one_later(*row.observed);
    for (CellChange& cell : row.cells) {
      if (cell.observed) cell.observed = one_later(*cell.observed);
    }
  }
  return content;
}

struct Seen {
  std::size_t rejected = 0;
  std::size_t dependent = 0;
  std::size_t quarantined = 0;
  std::size_t replays = 0;
};

/// Two hubs take the same history; one of them hears everything again and again.
class Replay {
 public:
  explicit Replay(std::uint64_t seed)
      : dice_(seed * 31 + 7), history_(random_history(seed, 30)), devices_(devices_of(history_)) {}

  /// Empty when both hubs are equal in the end and every repeat was answered as at first.
  std::string verdict(Seen& seen) {
    Hub calm(devices_);
    Hub stormy(devices_);
    for (const auto& commit : history_.commits) {
      const auto requests = requests_of(commit);
      const auto first = calm.take(requests);
      const auto other = stormy.take(with_repeats(requests));
      for (const auto& result : first) {
        if (!result) return result.error().text();
      }
      for (const auto& result : other) {
        if (!result) return result.error().text();
      }
      count(first, seen);
      const Position head = stormy.head();
      for (int again = 0; again < 10; ++again) {
        if (auto wrong = repeat(stormy); !wrong.empty()) return wrong;
        ++seen.replays;
      }
      if (stormy.head() != head) return "a repeat made a commit";
    }
    return calm.equals(stormy, devices_) ? "" : "the hubs differ";
  }

 private:
  static std::set<DeviceId> devices_of(const History& history) {
    std::set<DeviceId> devices;
    for (const auto& commit : history.commits) {
      for (const IncomingTransaction& one : commit) devices.insert(one.id.device);
    }
    return devices;
  }
  static PushRequest request(const DeviceId& device, Push push) {
    return {device, std::move(push), at_ms(1'000'000), Instant{1'000'000}};
  }
  /// The commit's transactions, one push for each run of one device.
  std::vector<PushRequest> requests_of(const std::vector<IncomingTransaction>& commit) {
    std::vector<PushRequest> requests;
    for (std::size_t at = 0; at < commit.size();) {
      const DeviceId& device = commit[at].id.device;
      Outbox& outbox = outboxes_[device];
      const std::size_t first = outbox.bodies.size() + 1;
      for (; at < commit.size() && commit[at].id.device == device; ++at) {
        outbox.add(device, shifted(commit[at]));
      }
      requests.push_back(request(device, outbox.push(first, outbox.bodies.size())));
    }
    return requests;
  }
  /// The same news in the same order, split, overlapping what was sent before, and some of it
  /// twice.
  std::vector<PushRequest> with_repeats(const std::vector<PushRequest>& requests) {
    std::vector<PushRequest> all;
    for (const PushRequest& one : requests) {
      const Outbox& outbox = outboxes_.at(one.device);
      const std::size_t first = one.push.first.value;
      const std::size_t last = first + one.push.bodies.size() - 1;
      const std::size_t middle = first + dice_.below(one.push.bodies.size());
      all.push_back(request(one.device, outbox.push(1 + dice_.below(first), middle)));
      if (middle < last || dice_.chance(30)) {
        all.push_back(request(one.device, outbox.push(1 + dice_.below(middle), last)));
      }
      if (dice_.chance(30)) all.push_back(all.back());
    }
    return all;
  }
  /// Some of what is known already, once more; its outcomes must be those on record.
  std::string repeat(Hub& hub) {
    auto device = outboxes_.begin();
    std::advance(device, static_cast<std::ptrdiff_t>(dice_.below(outboxes_.size())));
    const std::size_t known = device->second.bodies.size();
    const std::size_t first = 1 + dice_.below(known);
    const std::size_t last = first + dice_.below(known - first + 1);
    const auto results = hub.take({request(device->first, device->second.push(first, last))});
    if (!results.front()) return results.front().error().text();
    if (results.front()->position.value != 0) return "a repeat was given a position";
    auto told = results.front()->ack.items.begin();
    for (std::size_t i = first; i <= last; ++i) {
      const Outcome recorded = hub.recorded(device->first, Sequence{i});
      if (recorded.kind == Outcome::Kind::accepted) continue;
      if (told == results.front()->ack.items.end()) return "an outcome was not told again";
      if (told->sequence != Sequence{i} || told->outcome != recorded)
        return "another outcome was told";
      ++told;
    }
    return told == results.front()->ack.items.end() ? "" : "an outcome was told too much";
  }
  static void count(const std::vector<Result<PushResult>>& results, Seen& seen) {
    for (const auto& result : results) {
      for (const Ack::Item& item : result->ack.items) {
        seen.rejected += item.outcome.kind == Outcome::Kind::rejected ? 1U : 0U;
        seen.dependent += item.outcome.kind == Outcome::Kind::depends_on ? 1U : 0U;
        seen.quarantined += item.outcome.kind == Outcome::Kind::quarantined ? 1U : 0U;
      }
    }
  }

  Dice dice_;
  History history_;
  std::set<DeviceId> devices_;
  std::map<DeviceId, Outbox> outboxes_;
};

}  // namespace

TEST_CASE(
    "every push is sent again ten times, in any split and at any moment: rows, conflicts, digests "
    "and outcomes stay what they were") {
  Seen seen;
  for (std::uint64_t seed = 1; seed <= history_count(2000); ++seed) {
    CAPTURE(seed);
    REQUIRE(Replay(seed).verdict(seen) == "");
  }
  // The histories must hold what the test is about.
  CHECK(seen.rejected > history_count(1000));
  CHECK(seen.dependent > history_count(1000));
  CHECK(seen.replays > history_count(20'000));
}
