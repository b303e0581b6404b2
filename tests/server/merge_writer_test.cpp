// The merge writer against the store on plain maps: what it promises about order, bounds and
// failures.
#include <doctest/doctest.h>

#include <future>

#include "engine/core/limits.hpp"
#include "server/merge_writer.hpp"
#include "server/push_turns.hpp"
#include "tests/server/test_hub.hpp"
#include "tests/server/unit_pushes.hpp"

namespace doorstep::test {
namespace {

// Fails every commit while told to.
class FragileStore final : public HubStore {
 public:
  explicit FragileStore(HubStore& inner) : inner_(inner) {}
  const Schema& schema() const override { return inner_.schema(); }
  const HubIdentity& identity() const override { return inner_.identity(); }
  Result<std::unique_ptr<HubCommit>> begin() override {
    if (full) return error(ErrorCode::disk_full);
    return inner_.begin();
  }
  Result<std::unique_ptr<HubSnapshot>> snapshot() override { return inner_.snapshot(); }
  std::atomic<bool> full = false;

 private:
  HubStore& inner_;
};

// Holds the writer's thread until it is opened, so that what is submitted waits.
class Gate {
 public:
  MergeWriter::Hooks hooks() {
    MergeWriter::Hooks hooks;
    hooks.poll_elsewhere = [this] {
      if (first_.exchange(false)) {
        reached_.set_value();
        open_.get_future().wait();
      }
      return false;
    };
    return hooks;
  }
  void await_writer() { reached_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> reached_;
  std::promise<void> open_;
  std::atomic<bool> first_ = true;
};

struct Bench : UnitPushes {
  FragileStore store{memory};
  NullLogSink log;
  ManualTime time;
};

}  // namespace

TEST_CASE("pushes are answered in order; others hear of the commit before that, its author after") {
  Bench bench;
  Gate gate;
  std::string said;  // by the writer's thread, read after stop()
  MergeWriter::Hooks hooks = gate.hooks();
  const auto note = [&](const char* who) {
    return [&said, who, &bench](const std::shared_ptr<const MergeWriter::Committed>& commit) {
      CHECK(commit->authors == std::set<DeviceId>{bench.device});
      CHECK(commit->touched.size() == 3);
      said += who;
    };
  };
  hooks.committed = note("others, ");
  hooks.delivered = note("its author");
  MergeWriter writer(bench.store, bench.log, bench.time, bench.random, hooks);
  gate.await_writer();
  for (int i = 0; i < 3; ++i) {
    writer.push(bench.next_push(), [&](const Result<PushResult>& result) {
      REQUIRE(result.ok());
      for (const auto& item : result->ack.items) FAIL_CHECK(item.outcome.reason->text());
      said += "ack " + std::to_string(result->ack.through.value) + ", ";
    });
  }
  gate.open();
  writer.stop();
  CHECK(said == "others, ack 1, ack 2, ack 3, its author");
}

TEST_CASE("a full disk fails the push that met it, and the hub goes on when there is space") {
  Bench bench;
  MergeWriter writer(bench.store, bench.log, bench.time, bench.random, {});
  const PushRequest push = bench.next_push();
  const auto send = [&] {
    auto promise = std::make_shared<std::promise<Result<PushResult>>>();
    auto answer = promise->get_future();
    writer.push(push,
                [promise](Result<PushResult> result) { promise->set_value(std::move(result)); });
    return answer.get();
  };
  bench.store.full = true;
  CHECK(send().error().code == ErrorCode::disk_full);
  bench.store.full = false;
  const auto again = send();
  REQUIRE(again.ok());
  CHECK(again->ack.through == Sequence{1});
}

TEST_CASE(
    "what waits is bounded: a push beyond the bound is told that the hub is busy, in its turn") {
  Bench bench;
  Gate gate;
  MergeWriter writer(bench.store, bench.log, bench.time, bench.random, gate.hooks());
  gate.await_writer();
  std::vector<ErrorCode> said;
  const auto note = [&](const Result<PushResult>& result) {
    said.push_back(result.ok() ? ErrorCode::internal : result.error().code);
  };
  PushRequest large;
  large.device = bench.device;
  large.push.first = Sequence{2};  // a gap: its turn is all that matters
  large.push.bodies = {Bytes(limits::merge_queue_bytes_max - 1000, 0)};
  writer.push(large, note);
  writer.push(large, note);
  gate.open();
  writer.stop();
  CHECK(said == std::vector<ErrorCode>{ErrorCode::sequence_gap, ErrorCode::hub_busy});
}

TEST_CASE("after its stop a writer answers at once that it is busy") {
  Bench bench;
  MergeWriter writer(bench.store, bench.log, bench.time, bench.random, {});
  writer.stop();
  std::optional<ErrorCode> said;
  writer.push(bench.next_push(),
              [&](const Result<PushResult>& result) { said = result.error().code; });
  CHECK(said == ErrorCode::hub_busy);
}

TEST_CASE("who waits for a device's pushes is called after them, whatever became of them") {
  Bench bench;
  Gate gate;
  MergeWriter writer(bench.store, bench.log, bench.time, bench.random, gate.hooks());
  gate.await_writer();
  std::vector<std::string> said;
  const auto note = [&](const Result<PushResult>& result) {
    said.emplace_back(result.ok() ? "merged" : name_of(result.error().code));
  };
  const auto waiter = [&](const char* who) { return [&said, who] { said.emplace_back(who); }; };
  writer.push(bench.next_push(), note);
  writer.after_pushes(bench.device, waiter("after one"));
  bench.store.full = true;
  writer.after_pushes(DeviceId{{9}}, waiter("another device"));
  writer.push(bench.next_push(), note);
  writer.after_pushes(bench.device, waiter("after two"));
  CHECK(said == std::vector<std::string>{"another device"});
  gate.open();
  writer.stop();
  CHECK(said == std::vector<std::string>{"another device", "disk_full", "disk_full", "after one",
                                         "after two"});
  writer.after_pushes(bench.device, waiter("after the stop"));
  CHECK(said.back() == "after the stop");
}

TEST_CASE("nobody waits for ever for the pushes of a device at a hub that has too much to do") {
  PushTurns turns;
  const DeviceId wang{{1}};
  turns.submitted(wang);
  turns.submitted(DeviceId{{2}});
  turns.submitted(wang);
  int called = 0;
  REQUIRE(turns.wait(wang, Instant{1'000}, [&] { ++called; }));
  CHECK(turns.answered(2, Instant{999}).empty());
  for (const auto& then : turns.answered(0, Instant{1'000})) then();
  CHECK(called == 1);
  CHECK(turns.answered(1, Instant{1'001}).empty());
  CHECK_FALSE(turns.wait(wang, Instant{9'000}, [] {}));
}

TEST_CASE("what a device said of itself is written when the writer has nothing else to do") {
  Bench bench;
  MergeWriter writer(bench.store, bench.log, bench.time, bench.random, {});
  writer.note(
      {bench.device, bench.time.now(), {}, Sequence{9}, 4, -250, "doorstep 0.1.0", {}, 20'000'000});
  writer.note({DeviceId{}, bench.time.now(), {}, {}, 1, 0, "a device that nobody knows"});
  writer.stop();
  auto snapshot = bench.memory.snapshot();
  const auto record = (*snapshot)->device(bench.device);
  REQUIRE(record.ok());
  REQUIRE(record.value().has_value());
  CHECK(record.value()->pending == 4);
  CHECK(record.value()->last == Sequence{9});
  CHECK(record.value()->clock_offset_ms == -250);
  CHECK(record.value()->software == "doorstep 0.1.0");
  CHECK(record.value()->free_bytes == 20'000'000);
}

}  // namespace doorstep::test
