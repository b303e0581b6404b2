#include "client-sdk/src/own_chain.hpp"

#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

/// Of the one before `first`; nullopt: nobody knows it any more.
Result<std::optional<Hash>> hash_before(sqlite::Database& db, const ReplicaState& state,
                                        Sequence first) {
  const Sequence before{first.value - 1};
  if (before == state.earlier) return std::optional(Hash{});
  DS_ASSIGN(const auto find, db.kept("SELECT hash FROM ds_outbox WHERE sequence = ?1 UNION ALL"
                                     " SELECT hash FROM ds_rejected WHERE sequence = ?1"));
  find->bind_unsigned(1, before.value);
  DS_ASSIGN(const bool found, find->step());
  if (!found) return std::optional<Hash>();
  return std::optional(find->id<Hash>(0));
}

}  // namespace

Status check_written(sqlite::Database& db, const ReplicaState& state, const Push& push,
                     std::span<const Hash> hashes) {
  if (hashes.empty()) return {};
  DS_ASSIGN(std::optional<Hash> before, hash_before(db, state, state.here(push.first)));
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const Sequence sequence = push.number_of(i);
    if (before && chain_hash(*before, state.device, sequence, push.bodies[i]) != hashes[i]) {
      const std::string number = std::to_string(state.here(sequence).value);
      return error(ErrorCode::replica_damaged,
                   "transaction " + number + " is not as it was written");
    }
    before = hashes[i];
  }
  return {};
}

}  // namespace doorstep
