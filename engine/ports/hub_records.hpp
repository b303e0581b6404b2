// What a HubStore keeps of devices, of enrolment codes and of transactions as such.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/bytes.hpp"
#include "engine/core/change.hpp"
#include "engine/core/ids.hpp"
#include "engine/core/outcome.hpp"
#include "engine/core/time.hpp"

namespace doorstep {

/// What a hub keeps about one device.
struct DeviceRecord {
  DeviceId id;
  PublicKey key;
  std::string name;
  std::string role;
  std::vector<ScopeId> scopes;  ///< as granted
  Position enrolled;            ///< rights hold from here (SEMANTICS D3)
  Position granted_since;       ///< the commit since which it holds these scopes
  std::optional<Instant> revoked;
  bool lost = false;
  Sequence merged;   ///< its newest durable transaction
  Hash head;         ///< and that one's hash
  Stamp last_stamp;  ///< of it, after make_rising
  // What it said when it last called:
  Instant last_contact;
  Position cursor;
  std::uint64_t pending = 0;
  Sequence last;                     ///< the newest transaction that it had
  Position settled;                  ///< what those not durable by then had observed at least
  std::int64_t clock_offset_ms = 0;  ///< hub minus device wall clock
  std::string software;
  std::optional<std::uint64_t> free_bytes;  ///< of its storage; no value: it has not said
  Fingerprint schema = {};                  ///< zero: it has not called yet
  DeviceId predecessor = {};  ///< of which it was a copy (SEMANTICS C5); none: of no other
  // Of one that came from a history which this hub has lost (SEMANTICS G3):
  std::uint64_t cut_epoch = 0;       ///< in which it was last told so; zero: never
  Position cut;                      ///< what it surely had of this history
  Sequence cut_through;              ///< what it wrote up to there had observed no more than that
  std::uint64_t healed = 0;          ///< rows that reconciles have put right there, as it says
  std::optional<Instant> healed_at;  ///< when it last said that there are more
  friend bool operator==(const DeviceRecord&, const DeviceRecord&) = default;
};

/// What somebody has asked about one device, and the last answer (encode_comparison()).
struct ComparisonRecord {
  DeviceId device;
  std::uint64_t asked = 0;  ///< number of the newest request; zero: none
  Instant asked_at;
  std::uint64_t answered = 0;  ///< number of the request that `answer` answers; zero: none yet
  Instant answered_at;
  Bytes answer;
  [[nodiscard]] bool waits() const { return asked > answered; }
  friend bool operator==(const ComparisonRecord&, const ComparisonRecord&) = default;
};

/// A one-time code, as the hub keeps it: never the secret itself.
struct CodeRecord {
  Hash secret_hash;  ///< hash_of() of the 10 secret bytes
  std::string name;
  std::string role;
  std::vector<ScopeId> scopes;
  Instant expires;
  friend bool operator==(const CodeRecord&, const CodeRecord&) = default;
};

struct TransactionRecord {
  TransactionId id;
  Position position;
  Outcome outcome;
  /// When its author's wall clock says that it was written, and when it was on the hub's clock;
  /// neither for one that could not be read.
  std::optional<Instant> claimed = {};
  std::optional<Instant> corrected = {};
  friend bool operator==(const TransactionRecord&, const TransactionRecord&) = default;
};

enum class QuarantineState : std::uint8_t { waiting, admitted, discarded, resent };

/// A transaction that changed nothing but is kept for a person, with its bytes.
struct QuarantineRecord {
  TransactionId id;
  Position position;
  Error reason;
  Bytes body;
  QuarantineState state = QuarantineState::waiting;
  // Of one that a person has settled:
  Position settled = {};
  Instant settled_at = {};
  std::string settled_by = {};
  friend bool operator==(const QuarantineRecord&, const QuarantineRecord&) = default;
};
[[nodiscard]] std::string_view name_of(QuarantineState state);

}  // namespace doorstep
