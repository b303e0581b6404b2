// The one row of ds_state and the keys of ds_meta. Read and written inside the caller's
// transaction.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/digest.hpp"
#include "engine/core/time.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// When hub time and the device's clocks were last read together.
struct HubMeeting {
  Instant hub;
  ClockProbe at;
};

/// What the next reconcile follows.
enum class Recovery : std::uint8_t { none, restored, reset };

struct ReplicaState {
  DeviceId device;
  bool forked = false;  ///< a copy of another phone was noticed: there is a successor
  /// The newest that was written under an earlier identity. Here transactions go by the numbers
  /// that they had on this replica; the hub counts from there.
  Sequence earlier;
  Position cursor;
  CommitToken token;
  Sequence last;   ///< newest own transaction
  Sequence noted;  ///< the newest that the row of ds_state knows of
  Hash head;       ///< of that transaction
  Sequence acknowledged;
  Sequence included;
  Digest digest;  ///< running sum over the hub's values of all rows here
  bool digest_matched = false;
  Instant hub_seen;  ///< latest hub time heard
  std::optional<HubMeeting> met;
  std::optional<Instant> last_sync;
  std::uint64_t copies = 0;  ///< rows of ds_pending that are shown from their last copy
  std::string
      waits_for;  ///< why the hub has not taken the oldest pending transaction, if it said so
  std::int64_t schema_number = 1;  ///< rises with every schema that the replica takes
  /// The schema of which everything is here, while columns of a newer one are still to be filled.
  std::optional<Fingerprint> view;
  Recovery recovery = Recovery::none;
  Sequence recovering;  ///< the newest own transaction when it began
  Sequence unheld;      ///< own transactions through here are not held any more (SEMANTICS G1)
  Hash unheld_hash;
  /// The hub lost those in (lost_after, lost], and they were not held here any more; zero: none.
  Sequence lost_after;
  Sequence lost;

  /// The hub has not been told of that yet.
  [[nodiscard]] bool has_gap() const { return lost.value != 0 && acknowledged == lost; }
  /// A number of this replica as the hub has it, and the other way round.
  [[nodiscard]] Sequence told(Sequence here) const { return {here.value - earlier.value}; }
  [[nodiscard]] Sequence here(Sequence told) const { return {told.value + earlier.value}; }
};

/// The row, and the head of the own chain, which stands in ds_outbox when it is newer than what the
/// row says. Whoever takes a transaction out of ds_outbox saves the state with it. Error corrupt
/// when either is not as it was written.
[[nodiscard]] Result<ReplicaState> load_state(sqlite::Database& db);
/// All but the device, who goes on as another.
[[nodiscard]] Status save_state(sqlite::Database& db, const ReplicaState& state);
/// The newest own transaction's number and hash alone.
[[nodiscard]] Status save_head(sqlite::Database& db, const ReplicaState& state);
/// After the row was written in any other way: what it says now is what is to be.
[[nodiscard]] Status seal_state(sqlite::Database& db);

/// What ds_state keeps beside a cursor and numbers to know them again: without it a flipped bit in
/// the token would look like a hub that was restored. `values` are those of state_columns.
inline constexpr std::array<std::string_view, 24> state_columns{
    "cursor",     "token",       "last_sequence", "head",          "acknowledged",
    "included",   "digest",      "hub_seen_ms",   "met_hub_ms",    "met_wall_ms",
    "met_boot",   "met_boot_ms", "last_sync_ms",  "waits_for",     "schema_number",
    "view",       "earlier",     "recovery",      "unheld",        "unheld_hash",
    "lost_after", "lost",        "recovering",    "digest_matched"};
using StateSum = std::array<std::uint8_t, 8>;
[[nodiscard]] StateSum state_sum(const DeviceId& device, std::span<const Value> values);
/// What ds_outbox keeps beside a transaction's number and hash: the newest one is the head of the
/// chain, and nothing follows it that would prove the hash.
[[nodiscard]] StateSum chain_mark(const DeviceId& device, Sequence sequence, const Hash& hash);

/// The hash of the newest transaction in a checkpoint, which the chain goes on from: with it a
/// damaged one after it is known.
struct ChainLink {
  Sequence sequence;  ///< on this replica
  Hash hash;
};
/// Keeps that of `included`, which is still in ds_outbox or ds_rejected; nothing when it is not.
[[nodiscard]] Status keep_link(sqlite::Database& db, Sequence included);
/// From the value of meta::included_link; nullopt when it is something else.
[[nodiscard]] std::optional<ChainLink> link_in(ByteView value);

/// Keys of ds_meta.
namespace meta {
inline constexpr std::string_view schema = "schema";
inline constexpr std::string_view device = "device";
inline constexpr std::string_view device_name = "device_name";
inline constexpr std::string_view role = "role";
inline constexpr std::string_view key_seed = "key_seed";
inline constexpr std::string_view earlier_devices = "earlier_devices";  // 16 bytes each; may miss
// Both are there between the moment when a copy was noticed and that when it goes on as another.
inline constexpr std::string_view successor = "successor";
inline constexpr std::string_view successor_seed = "successor_seed";
inline constexpr std::string_view hub = "hub";
inline constexpr std::string_view hub_name = "hub_name";
inline constexpr std::string_view hub_url = "hub_url";
inline constexpr std::string_view hub_key = "hub_key";
inline constexpr std::string_view identity_sum = "identity_sum";
inline constexpr std::string_view format = "format";                // the header says it too
inline constexpr std::string_view included_link = "included_link";  // may be missing
inline constexpr std::string_view checked_ms = "checked_ms";        // hub time; may be missing
inline constexpr std::string_view reconciled_ms = "reconciled_ms";  // the same
// Rows that reconciles have put right, ever; how many of them the hub has noted; when the last was
// (hub time). May miss.
inline constexpr std::string_view heal_total = "heal_total";
inline constexpr std::string_view heal_noted = "heal_noted";
inline constexpr std::string_view heal_ms = "heal_ms";
// When the hub was last found to have lost something, how, and what was unsent then; may miss.
inline constexpr std::string_view hub_lost_ms = "hub_lost_ms";
inline constexpr std::string_view hub_lost_how = "hub_lost_how";  // 'restored' or 'reset'
inline constexpr std::string_view hub_lost_unsent = "hub_lost_unsent";
inline constexpr std::string_view push_mark = "push_mark";  // device, sequence; may be missing
inline constexpr std::string_view traffic = "traffic";      // traffic_book.hpp; may be missing
}  // namespace meta

/// Error not_a_replica when the key is missing.
[[nodiscard]] Result<Value> load_meta(sqlite::Database& db, std::string_view key);
[[nodiscard]] Result<std::string> load_meta_text(sqlite::Database& db, std::string_view key);
[[nodiscard]] Result<Bytes> load_meta_blob(sqlite::Database& db, std::string_view key);
[[nodiscard]] Status save_meta(sqlite::Database& db, std::string_view key, const Value& value);

}  // namespace doorstep
