#include "engine/session/push_rounds.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

bool is_cut(const PushRequest& request) {
  const std::vector<Position>& was = request.push.was;
  if (request.fork || was.size() != request.push.bodies.size()) return false;
  return std::adjacent_find(was.begin(), was.end(), std::not_equal_to<>()) != was.end();
}

/// What of a device goes before its next push.
struct Queued {
  std::size_t rounds = 0;  ///< it takes all before this one
  bool again = false;      ///< the newest of it is offered again
  Sequence next;
  Hash head;
};

/// The chain hash before the first one; nullopt: not on record.
Result<std::optional<Hash>> hash_before(HubSnapshot& snapshot, const PushRequest& request) {
  const Push& push = request.push;
  if (push.first.value <= 1) return std::optional(Hash{});
  if (push.missing) return push.missing;
  const Sequence before{push.first.value - 1};
  DS_ASSIGN(const auto device, snapshot.device(request.device));
  if (device && device->merged == before) return std::optional(device->head);
  DS_ASSIGN(const auto records,
            snapshot.transactions(request.device, Sequence{before.value - 1}, before));
  return records.empty() ? std::nullopt : std::optional(records.front().id.hash);
}

/// Each with the hash after it. Empty when the chain does not end as the push says.
std::vector<PushRequest> parts_of(const PushRequest& request, Hash hash) {
  const Push& push = request.push;
  std::vector<PushRequest> parts;
  for (std::size_t i = 0; i < push.bodies.size(); ++i) {
    if (i == 0 || push.was[i] != push.was[i - 1]) {
      PushRequest& part = parts.emplace_back(request);
      part.push = Push{push.number_of(i), {}, {}, {}, {}};
      part.read = nullptr;
    }
    Push& part = parts.back().push;
    hash = chain_hash(hash, request.device, push.number_of(i), push.bodies[i]);
    part.bodies.push_back(push.bodies[i]);
    part.was.push_back(push.was[i]);
    part.head = hash;
  }
  if (hash != push.head) return {};
  parts.front().push.missing = push.missing;
  return parts;
}

}  // namespace

bool comes_in_rounds(std::span<const PushRequest> requests) {
  return std::any_of(requests.begin(), requests.end(),
                     [](const PushRequest& one) { return !one.push.was.empty(); });
}

Result<std::vector<PushRound>> rounds_of(HubStore& store, std::span<const PushRequest> requests) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  std::vector<PushRound> rounds;
  std::map<DeviceId, Queued> queues;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Push& push = requests[i].push;
    const auto [queue, first] = queues.try_emplace(requests[i].device);
    Queued& before = queue->second;
    std::vector<PushRequest> parts;
    if (is_cut(requests[i])) {
      std::optional<Hash> hash = before.head;
      if (first || before.next != push.first) {
        DS_ASSIGN(hash, hash_before(*snapshot, requests[i]));
      }
      if (hash) parts = parts_of(requests[i], *hash);
    }
    if (parts.empty()) parts.push_back(requests[i]);
    // What is not offered again may share a commit, as ever.
    const bool apart = before.again || !push.was.empty();
    const std::size_t start = before.rounds - (apart || first ? 0 : 1);
    before = {start + parts.size(), !push.was.empty(), push.next(), push.head};
    rounds.resize(std::max(rounds.size(), before.rounds));
    for (std::size_t k = 0; k < parts.size(); ++k) {
      rounds[start + k].requests.push_back(std::move(parts[k]));
      rounds[start + k].of.push_back(i);
    }
  }
  return rounds;
}

CommitToken token_of(const CommitToken& drawn, std::uint64_t commit) {
  if (commit == 0) return drawn;
  std::array<std::uint8_t, 8> number{};
  for (std::size_t i = 0; i < number.size(); ++i) {
    number[i] = static_cast<std::uint8_t>(commit >> (8 * i));
  }
  const std::array<ByteView, 2> parts = {drawn.view(), ByteView(number)};
  const Hash hash = hash_of(parts);
  CommitToken token;
  std::copy_n(hash.bytes.begin(), CommitToken::size, token.bytes.begin());
  return token;
}

}  // namespace doorstep
