// The merge writer's work for one hub commit: pushes of many devices in, one group commit, results
// out. Pure given its store: the thread that calls it and the moment when are the shell's.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/wire/message.hpp"

namespace doorstep {

/// What the transactions of a push say by one schema, in their order. Whoever merges them takes
/// them out.
struct ReadPush {
  Fingerprint schema;
  std::vector<Result<Transaction>> contents;
};
/// Reading is a fifth of merging new rows, and needs neither the store nor what came before: a
/// shell may do it on another thread while the store is busy. Thread-safe.
[[nodiscard]] std::shared_ptr<ReadPush> read_push(const Schema& schema, const Push& push);

/// One Push of one device, as received.
struct PushRequest {
  DeviceId device;
  Push push;
  ClockProbe clock;   ///< the device's, from Hello
  Instant clock_met;  ///< the hub's time when that Hello arrived
  bool fork = false;  ///< of a copy of the device: what is not on record is kept, never merged
  /// Null, or by another schema than the commit's: it is read when it is merged.
  std::shared_ptr<ReadPush> read = nullptr;
};

/// A copy of `device` that wants to go on as another; the session has checked both keys.
struct SuccessorRequest {
  DeviceId device;
  Fork fork;
};

/// What to tell the device; an ack speaks of what is durable.
struct PushResult {
  Ack ack;
  Position position;             ///< the hub commit; zero when nothing was committed
  std::vector<ScopeId> touched;  ///< scopes whose feed changed; ascending
  bool tree_changed = false;     ///< a unit came, went, or hangs elsewhere: look scopes up again
};

/// Merges all requests into one commit and commits it; on return the acknowledged survive power
/// loss. Per device: a repeat (same sequence, same hash) gets its recorded outcome and does
/// nothing; another hash at a known sequence is device_forked; a gap is sequence_gap; a chain that
/// does not verify is hash_mismatch; a transaction that the schema does not know stops that
/// device's push there with outcome not_yet (SEMANTICS D5); one that cannot be decoded is
/// quarantined alone; all of a lost device is. A revoked device's are judged like any: its rights
/// are those of what it had observed (SEMANTICS D3). Of a fork, what is on record with that hash
/// gets its recorded outcome, all else is kept in quarantine under its identity and the device's
/// record stays as it is (SEMANTICS C5). One device's failure never touches another's result. If
/// the storage fails, every result is that error and nothing was committed.
[[nodiscard]] std::vector<Result<PushResult>> merge_pushes(HubStore& store, LogSink& log,
                                                           std::span<const PushRequest> requests,
                                                           Instant now, const CommitToken& token);

/// Gives a device other scopes, inside an open commit: what it was granted before stays on record,
/// for its rights are judged as of what it had observed (SEMANTICS D3). Error device_unknown.
[[nodiscard]] Result<DeviceRecord> grant_scopes(HubCommit& commit, const DeviceId& device,
                                                std::vector<ScopeId> scopes);

/// Redeems an enrolment code in a commit of its own: code_unknown, or the new device. The signature
/// was checked by the session. A device that asks again with the same key (the answer was lost)
/// gets its record again and needs no second code; a device id with another key is wrong_key.
[[nodiscard]] Result<DeviceRecord> redeem_code(HubStore& store, const Enrol& enrol, Instant now,
                                               const CommitToken& token);

/// Puts the successor of a forked device on record, in a commit of its own: name, role, scopes and
/// grants are those of the device that it was a copy of; its rights begin here. Asked again, it
/// gets the same record. Errors: device_unknown, device_revoked, device_lost, wrong_key when the id
/// is another's.
[[nodiscard]] Result<DeviceRecord> register_successor(HubStore& store,
                                                      const SuccessorRequest& request, Instant now,
                                                      const CommitToken& token);

}  // namespace doorstep
