#include "client-sdk/src/rescued_chain.hpp"

#include <algorithm>

#include "client-sdk/src/device_identity.hpp"
#include "client-sdk/src/schema_source.hpp"
#include "client-sdk/src/schema_text.hpp"
#include "engine/core/defect.hpp"
#include "engine/core/hash.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

std::string text_in(const NamedRow& row, std::string_view name) {
  const auto found = row.find(name);
  if (found == row.end() || found->second.kind() != Value::Kind::text) return {};
  return std::string(found->second.as_text());
}

ByteView blob_in(const NamedRow& row, std::string_view name) {
  const auto found = row.find(name);
  if (found == row.end() || found->second.kind() != Value::Kind::blob) return {};
  return found->second.as_blob();
}

bool is_as_written(const NamedRow& meta) {
  std::vector<Bytes> parts;
  for (const std::string_view key : identity_parts) {
    const ByteView part = blob_in(meta, key);
    parts.emplace_back(part.begin(), part.end());
  }
  return id_in<Hash>(meta, meta::identity_sum) == identity_sum(parts);
}

/// A row of ds_state that contradicts itself was damaged.
bool is_plausible(const NamedRow& state) {
  const std::uint64_t earlier = number_in(state, "earlier");
  const std::uint64_t included = number_in(state, "included");
  const std::uint64_t acknowledged = number_in(state, "acknowledged");
  const std::uint64_t last = number_in(state, "last_sequence");
  constexpr std::uint64_t most = std::uint64_t{1} << 40;
  return earlier <= included && included <= acknowledged && acknowledged <= last && last < most;
}

/// It was written under this number and hash, whatever ds_state says.
bool is_marked(const KeptTransaction& one, const DeviceId& device, const Hash& hash) {
  const StateSum mark = chain_mark(device, one.sequence, hash);
  return std::equal(one.mark.begin(), one.mark.end(), mark.begin(), mark.end());
}

class ChainReader {
 public:
  ChainReader(const DamagedReplica& damaged, const Schema& schema, const DeviceId& device)
      : damaged_(damaged), schema_(schema), device_(device) {}

  void read(RescuedChain& chain) const {
    std::optional<Hash> before = hash_before(chain);
    chain.included_hash = before;
    chain.last = chain.included;
    chain.head = before;
    for (;;) {
      const Sequence next = chain.last.next();
      auto found = link(chain, next, before);
      if (!found) return;
      if (DS_DEFECT("rescue_forgets_tail") && next == chain.known) {
        chain.known = chain.last;
        return;
      }
      found->rejected = damaged_.rejected().contains(next);
      chain.last = next;
      chain.head = before = found->hash;
      chain.unsent.push_back(*std::move(found));
    }
  }

 private:
  [[nodiscard]] const std::vector<KeptTransaction>* at(Sequence sequence) const {
    const auto found = damaged_.transactions().find(sequence);
    return found == damaged_.transactions().end() ? nullptr : &found->second;
  }

  /// Of what stands before the first that is not included.
  [[nodiscard]] std::optional<Hash> hash_before(const RescuedChain& chain) const {
    if (chain.included == chain.earlier) return Hash{};
    const auto link = link_in(blob_in(damaged_.meta(), meta::included_link));
    if (link && link->sequence == chain.included) return link->hash;
    const auto* const kept = at(chain.included);
    if (kept != nullptr) return kept->front().hash;
    const auto& state = damaged_.state();
    if (!state || number_in(*state, "last_sequence") != chain.included.value) return std::nullopt;
    return id_in<Hash>(*state, "head");
  }

  [[nodiscard]] Hash hash_of_link(const RescuedChain& chain, const Hash& before, Sequence sequence,
                                  ByteView body) const {
    return chain_hash(before, device_, Sequence{sequence.value - chain.earlier.value}, body);
  }

  /// The one that fits its predecessor, also where it is its hash that is damaged and what follows
  /// proves it; where the predecessor is not known, one whose successor fits it, or the likeliest
  /// that can be read.
  [[nodiscard]] std::optional<KeptTransaction> link(const RescuedChain& chain, Sequence sequence,
                                                    const std::optional<Hash>& before) const {
    const auto* const found = at(sequence);
    if (found == nullptr) return std::nullopt;
    std::optional<KeptTransaction> likely;
    for (const KeptTransaction& one : *found) {
      if (!decode_transaction(schema_, one.body)) continue;
      if (!before) {
        if (is_followed(chain, sequence, one.hash)) return one;
        if (!likely) likely = one;
        continue;
      }
      const Hash hash = hash_of_link(chain, *before, sequence, one.body);
      if (hash != one.hash && !is_followed(chain, sequence, hash)) continue;
      KeptTransaction proven = one;
      proven.hash = hash;
      return proven;
    }
    return likely;
  }

  [[nodiscard]] bool is_followed(const RescuedChain& chain, Sequence sequence,
                                 const Hash& hash) const {
    const auto* const found = at(sequence);
    if (found != nullptr && std::ranges::any_of(*found, [&](const KeptTransaction& one) {
          return is_marked(one, device_, hash);
        })) {
      return true;
    }
    const auto& state = damaged_.state();
    if (damaged_.state_is_newest() && number_in(*state, "last_sequence") == sequence.value)
      return id_in<Hash>(*state, "head") == hash;
    const auto* const next = at(sequence.next());
    return next != nullptr &&
           std::any_of(next->begin(), next->end(), [&](const KeptTransaction& other) {
             return hash_of_link(chain, hash, other.sequence, other.body) == other.hash;
           });
  }

  const DamagedReplica& damaged_;
  const Schema& schema_;
  const DeviceId& device_;
};

}  // namespace

std::optional<RescuedIdentity> identity_in(const DamagedReplica& damaged,
                                           const ReplicaSeams& seams) {
  const NamedRow& meta = damaged.meta();
  const auto device = id_in<DeviceId>(meta, meta::device);
  const auto seed = id_in<Nonce>(meta, meta::key_seed);
  const auto hub = id_in<HubId>(meta, meta::hub);
  const auto hub_key = id_in<PublicKey>(meta, meta::hub_key);
  auto text = unpack_schema_text(blob_in(meta, meta::schema));
  if (!device || !seed || !hub || !hub_key || !text || !is_as_written(meta)) return std::nullopt;
  auto schema = load_schema_source(*text, seams);
  if (!schema) return std::nullopt;
  RescuedIdentity found{{}, *std::move(schema), {}};
  NewReplica& made = found.enrolment;
  made.schema = *std::move(text);
  made.device = *device;
  made.keys = key_pair_of(*seed);
  made.hub = *hub;
  made.hub_key = *hub_key;
  made.device_name = text_in(meta, meta::device_name);
  made.role = text_in(meta, meta::role);
  made.hub_name = text_in(meta, meta::hub_name);
  made.hub_url = text_in(meta, meta::hub_url);
  const ByteView earlier = blob_in(meta, meta::earlier_devices);
  for (std::size_t at = 0; at + DeviceId::size <= earlier.size(); at += DeviceId::size) {
    found.earlier.push_back(*DeviceId::from(earlier.subspan(at, DeviceId::size)));
  }
  // Of a phone that has gone on as another the numbers say nothing without ds_state.
  const bool counted = damaged.state() && is_plausible(*damaged.state());
  if (!found.earlier.empty() && !counted) return std::nullopt;
  return found;
}

RescuedChain chain_in(const DamagedReplica& damaged, const Schema* schema, const DeviceId* device) {
  RescuedChain chain;
  const auto& found = damaged.transactions();
  if (damaged.state() && is_plausible(*damaged.state())) {
    const NamedRow& state = *damaged.state();
    chain.earlier = Sequence{number_in(state, "earlier")};
    chain.included = Sequence{number_in(state, "included")};
    chain.known = Sequence{number_in(state, "last_sequence")};
  } else if (!found.empty()) {
    chain.included = Sequence{found.begin()->first.value - 1};
  }
  if (!damaged.state_is_newest()) {
    // An older state, or none: what is known to have come after it.
    const auto link = link_in(blob_in(damaged.meta(), meta::included_link));
    if (link) chain.included = std::max(chain.included, link->sequence);
    if (!found.empty()) chain.known = std::max(chain.known, found.rbegin()->first);
  }
  if (device != nullptr) {
    for (const auto& [sequence, versions] : found) {
      const bool written = std::ranges::any_of(
          versions, [&](const KeptTransaction& one) { return is_marked(one, *device, one.hash); });
      if (written) chain.known = std::max(chain.known, sequence);
    }
  }
  chain.last = chain.included;
  if (schema != nullptr && device != nullptr) {
    ChainReader(damaged, *schema, *device).read(chain);
  }
  chain.known = std::max(chain.known, chain.last);
  for (auto one = found.upper_bound(chain.last); one != found.end(); ++one) {
    if (one->first > chain.known) break;  // of no number that was ever committed
    chain.left.push_back(one->second.front());
    chain.left.back().rejected = damaged.rejected().contains(one->first);
  }
  chain.unreadable = chain.known.value - chain.last.value - chain.left.size();
  return chain;
}

}  // namespace doorstep
