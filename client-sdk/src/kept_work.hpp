// Own work that the hub has, kept in case the hub is restored (SEMANTICS G1): ds_kept, packs of
// consecutive transactions of one hub commit, compressed. And what a reconcile after a restore took
// away here, under names of its own in ds_meta (G3). Used inside the caller's storage transaction.
#pragma once

#include <optional>

#include "client-sdk/src/replica_state.hpp"
#include "engine/wire/message.hpp"
#include "engine/wire/salvage_rows.hpp"

namespace doorstep {

/// A checkpoint includes everything through `included`: it leaves ds_outbox for ds_kept. The
/// receipts say where the hub has it, or the checkpoint does.
[[nodiscard]] Status keep_included(sqlite::Database& db, const ReplicaState& state,
                                   Sequence included, Position checkpoint);
/// Lets go, oldest first, of what is backed up, too old (limits::acked_kept_ms) or too much
/// (limits::acked_kept_bytes_max), and of all that is not newer than `forgotten`. `state` gets how
/// far nothing is held any more.
[[nodiscard]] Status drop_kept(sqlite::Database& db, ReplicaState& state, Position backed_up,
                               Sequence forgotten);
/// Puts what is kept after `after` back into ds_outbox, with its old position, and notes the old
/// positions of what is there already.
[[nodiscard]] Status offer_again(sqlite::Database& db, const ReplicaState& state, Sequence after);
/// The hash of an own transaction, wherever it is held; nullopt: it is not.
[[nodiscard]] Result<std::optional<Hash>> hash_written(sqlite::Database& db,
                                                       const ReplicaState& state,
                                                       Sequence sequence);
/// The hub has taken transactions in (state.acknowledged, through] that wait in ds_rejected, all
/// but those in `refused`, ascending: they are ordinary ones again.
[[nodiscard]] Status take_back(sqlite::Database& db, const ReplicaState& state, Sequence through,
                               const std::vector<Sequence>& refused);

/// Rows that the hub is to have as Salvage of sequence zero.
[[nodiscard]] Status set_aside(sqlite::Database& db, const Schema& schema, const HeldRows& rows);
/// The oldest part that the hub has not confirmed.
[[nodiscard]] Result<std::optional<Salvage>> next_set_aside(sqlite::Database& db);
[[nodiscard]] Status drop_all_set_aside(sqlite::Database& db);
/// Passed over unless it is that one.
[[nodiscard]] Status drop_set_aside(sqlite::Database& db, std::uint32_t part);

}  // namespace doorstep
