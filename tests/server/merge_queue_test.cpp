// What waits for the merge writer, and what of it is read before its turn.
#include "server/merge_queue.hpp"

#include <doctest/doctest.h>

#include "engine/core/limits.hpp"
#include "tests/server/test_hub.hpp"
#include "tests/server/unit_pushes.hpp"

namespace doorstep::test {
namespace {

void add(MergeQueue& queue, PushRequest request) {
  Job job(PushJob{std::move(request), [](const Result<PushResult>&) {}});
  REQUIRE(queue.add(job));
}

std::vector<PushRequest> requests_of(MergeQueue::Turn turn) {
  std::vector<PushRequest> requests;
  for (PushJob& job : turn.pushes) requests.push_back(std::move(job.request));
  return requests;
}

struct Merge {
  std::vector<Result<PushResult>> results;
  std::size_t units = 0;
};

Merge merge(UnitPushes& secretary, std::span<const PushRequest> requests) {
  NullLogSink log;
  Merge merge;
  merge.results = merge_pushes(secretary.memory, log, requests, ManualTime().now(),
                               secretary.random.id<CommitToken>());
  const auto snapshot = secretary.memory.snapshot().value();
  const TableId units = secretary.memory.schema().find_table("org_unit").value();
  for (std::uint64_t i = 1; i <= secretary.last.value; ++i) {
    const RowKey key{units, RowId::from(dushi + std::to_string(i)).value()};
    if (snapshot->row(key).value()) ++merge.units;
  }
  return merge;
}

}  // namespace

TEST_CASE("a push that was read before its turn merges to what one does that was not") {
  UnitPushes secretary;
  MergeQueue queue;
  add(queue, secretary.next_push(2));
  add(queue, secretary.next_push(1));
  CHECK(queue.read_next(secretary.memory.schema()));
  const auto requests = requests_of(queue.take());
  REQUIRE(requests.size() == 2);
  REQUIRE(requests[0].read != nullptr);
  CHECK(requests[0].read->contents.size() == 2);
  CHECK(requests[1].read == nullptr);
  const Merge merged = merge(secretary, requests);
  CHECK(merged.results.at(0)->ack.through == Sequence{2});
  CHECK(merged.results.at(1)->ack.through == Sequence{3});
  CHECK(merged.results.at(0)->ack.items.empty());
  CHECK(merged.units == 3);
}

TEST_CASE("what was read by a schema that is not the hub's any more is read again") {
  UnitPushes secretary;
  std::vector<PushRequest> requests = {secretary.next_push(2)};
  requests[0].read = read_push(secretary.memory.schema(), requests[0].push);
  requests[0].read->schema = Fingerprint{};
  for (auto& content : requests[0].read->contents) content = error(ErrorCode::unknown_table);
  const Merge merged = merge(secretary, requests);
  CHECK(merged.results.at(0)->ack.items.empty());
  CHECK(merged.units == 2);
}

TEST_CASE("what cannot be read before its turn is quarantined in its turn, alone") {
  UnitPushes secretary;
  PushRequest push = secretary.next_push(3);
  push.push.bodies[1] = Bytes{0xFF};
  Hash head;
  for (std::size_t i = 0; i < 3; ++i)
    head = chain_hash(head, secretary.device, Sequence{i + 1}, push.push.bodies[i]);
  push.push.head = head;
  MergeQueue queue;
  add(queue, std::move(push));
  CHECK(queue.read_next(secretary.memory.schema()));
  const Merge merged = merge(secretary, requests_of(queue.take()));
  const Ack& ack = merged.results.at(0)->ack;
  CHECK(ack.through == Sequence{3});
  REQUIRE(ack.items.size() == 1);
  CHECK(ack.items[0].sequence == Sequence{2});
  CHECK(ack.items[0].outcome.kind == Outcome::Kind::quarantined);
  CHECK(merged.units == 2);
}

TEST_CASE("no more is read before its turn than goes into one commit; that much goes into one") {
  UnitPushes secretary;
  MergeQueue queue;
  constexpr std::size_t half = limits::merge_rows_per_commit / 2;
  for (int i = 0; i < 4; ++i) add(queue, secretary.next_push(half));
  CHECK(queue.read_next(secretary.memory.schema()));
  CHECK(queue.read_next(secretary.memory.schema()));
  CHECK_FALSE(queue.read_next(secretary.memory.schema()));
  CHECK(queue.take().pushes.size() == 2);
  CHECK(queue.read_next(secretary.memory.schema()));
}

TEST_CASE("large rows go into commits of their own, so that a small push waits for one of them") {
  UnitPushes secretary;
  MergeQueue queue;
  const auto filled = [&](std::size_t bytes) {
    PushRequest request = secretary.next_push();
    request.push.bodies.front().resize(bytes);  // what it says does not matter here
    return request;
  };
  constexpr std::size_t around = 256;  // each request is counted with so much more
  add(queue, filled(MergeQueue::commit_bytes - around - 1));
  add(queue, filled(100));
  add(queue, filled(MergeQueue::commit_bytes - around));
  add(queue, filled(100));
  while (queue.read_next(secretary.memory.schema())) continue;
  CHECK(queue.take().pushes.size() == 2);
  while (queue.read_next(secretary.memory.schema())) continue;
  CHECK(queue.take().pushes.size() == 1);
  CHECK(queue.take().pushes.size() == 1);
}

TEST_CASE("what is offered again to a restored hub is not read before its turn: it is cut first") {
  UnitPushes secretary;
  MergeQueue queue;
  PushRequest again = secretary.next_push(2);
  again.push.was = {Position{7}, Position{9}};
  add(queue, std::move(again));
  add(queue, secretary.next_push());
  CHECK(queue.read_next(secretary.memory.schema()));
  CHECK_FALSE(queue.read_next(secretary.memory.schema()));
  const auto requests = requests_of(queue.take());
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].read == nullptr);
  CHECK(requests[1].read != nullptr);
}

}  // namespace doorstep::test
