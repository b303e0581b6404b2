#include "engine/session/push_rounds.hpp"

#include <algorithm>
#include <array>
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
      part.push = Push{Sequence{push.first.value + i}, {}, {}, {}, {}};
    }
    Push& part = parts.back().push;
    hash = chain_hash(hash, request.device, Sequence{push.first.value + i}, push.bodies[i]);
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
  return std::any_of(requests.begin(), requests.end(), is_cut);
}

Result<std::vector<PushRound>> rounds_of(HubStore& store, std::span<const PushRequest> requests) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  std::vector<PushRound> rounds(1);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    std::vector<PushRequest> parts;
    if (is_cut(requests[i])) {
      DS_ASSIGN(const auto before, hash_before(*snapshot, requests[i]));
      if (before) parts = parts_of(requests[i], *before);
    }
    if (parts.empty()) parts.push_back(requests[i]);
    rounds.resize(std::max(rounds.size(), parts.size()));
    for (std::size_t k = 0; k < parts.size(); ++k) {
      rounds[k].requests.push_back(std::move(parts[k]));
      rounds[k].of.push_back(i);
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
