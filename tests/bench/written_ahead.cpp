#include "tests/bench/written_ahead.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/wire/codec.hpp"
#include "tests/bench/plain_file.hpp"

namespace doorstep::bench {
namespace {

template <class Id>
Id made_id(std::uint8_t kind, std::uint32_t number) {
  Id id;
  id.bytes[0] = kind;
  for (std::size_t i = 0; i < 4; ++i) {
    id.bytes[1 + i] = static_cast<std::uint8_t>(number >> (8U * (3 - i)));
  }
  id.bytes[6] = 0x70;
  return id;
}

}  // namespace

WrittenAhead::WrittenAhead(std::uint32_t number, std::vector<ScopeId> scopes)
    : id_(made_id<DeviceId>(0xD0, number)),
      keys_(key_pair_of(made_id<Nonce>(0x5E, number))),
      scopes_(std::move(scopes)),
      boot_(made_id<BootId>(0xB0, number)) {}

void WrittenAhead::write(const Schema& schema, Position observed, std::vector<RowChange> changes,
                         std::int64_t wall_ms) {
  Transaction transaction;
  transaction.observed = observed;
  transaction.time = {clock(wall_ms), {wall_ms}};
  transaction.view = schema.fingerprint();
  transaction.changes = std::move(changes);
  bodies_.push_back(encode_transaction(schema, transaction));
  last_ = last_.next();
  head_ = chain_hash(head_, id_, last_, bodies_.back());
  heads_.push_back(head_);
}

Push WrittenAhead::take() {
  Push push;
  push.first = {last_.value + 1 - bodies_.size()};
  push.head = head_;
  push.bodies = std::exchange(bodies_, {});
  heads_.clear();
  return push;
}

std::vector<Push> WrittenAhead::take_in_parts(std::size_t bytes_max) {
  const std::uint64_t first = last_.value + 1 - bodies_.size();
  std::vector<Push> parts;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < bodies_.size(); ++i) {
    if (parts.empty() || bytes >= bytes_max ||
        parts.back().bodies.size() == limits::push_transactions_max) {
      parts.emplace_back().first = {first + i};
      bytes = 0;
    }
    bytes += bodies_[i].size();
    parts.back().bodies.push_back(std::move(bodies_[i]));
    parts.back().head = heads_[i];
  }
  bodies_.clear();
  heads_.clear();
  return parts;
}

void merge_all(HubStore& hub, WrittenAhead& device) {
  NullLogSink log;
  for (Push& push : device.take_in_parts(limits::push_bytes_target)) {
    PushRequest request;
    request.device = device.id();
    request.push = std::move(push);
    request.clock = device.clock();
    request.clock_met = {noon_ms};
    const auto results = merge_pushes(hub, log, {&request, 1}, {noon_ms}, CommitToken{{3}});
    if (!results.at(0)) fail_assert(results.at(0).error().text().c_str(), __FILE__, __LINE__);
    if (!results.at(0)->ack.items.empty()) fail_assert("a refused push", __FILE__, __LINE__);
  }
}

void enrol_all(HubStore& hub, std::span<const WrittenAhead> devices) {
  const auto commit = must(hub.begin());
  for (const WrittenAhead& device : devices) {
    DeviceRecord record;
    record.id = device.id();
    record.key = device.keys().public_key;
    record.name = "bench";
    record.role = "village_secretary";
    record.scopes = device.scopes();
    record.enrolled = record.granted_since = commit->position();
    record.last_contact = {noon_ms};
    must(commit->put_device(record));
  }
  must(commit->commit({noon_ms}, CommitToken{{2}}));
}

}  // namespace doorstep::bench
