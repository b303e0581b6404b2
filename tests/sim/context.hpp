// What all parts of one simulated world share.
#pragma once

#include <optional>
#include <string>

#include "engine/core/time.hpp"
#include "tests/sim/event_queue.hpp"
#include "tests/sim/trace.hpp"

namespace doorstep::sim {

/// The world's true time at the beginning of every run; milliseconds since 1970.
inline constexpr std::int64_t true_start_ms = 1'760'000'000'000;

enum class FailureKind : std::uint8_t { correctness, liveness };

struct Failure {
  FailureKind kind = FailureKind::correctness;
  std::string what;
};

/// What a run did, to see that it did something.
struct Counts {
  std::uint64_t writes = 0;       ///< local transactions
  std::uint64_t refused = 0;      ///< local writes that the SDK refused
  std::uint64_t syncs = 0;        ///< connections made
  std::uint64_t checkpoints = 0;  ///< applied
  std::uint64_t up_to_date = 0;
  std::uint64_t compared = 0;  ///< row by row with the hub
  std::uint64_t merged = 0;    ///< transactions that the hub took
  std::uint64_t rejected = 0;
  std::uint64_t conflicts = 0;  ///< at the hub in the end
  std::uint64_t hub_commits = 0;
  std::uint64_t cuts = 0;
  std::uint64_t deaths = 0;  ///< of processes
  std::uint64_t power_cuts = 0;
  std::uint64_t torn_writes = 0;
  std::uint64_t disk_faults = 0;  ///< calls that failed or found the disk full
  std::uint64_t collected = 0;
  std::uint64_t reconciles = 0;
  std::uint64_t own_pulled = 0;    ///< pulls of own rows that the hub had left out
  std::uint64_t rotten = 0;        ///< values that changed on a disk
  std::uint64_t healed = 0;        ///< replicas that found such and healed
  std::uint64_t damaged = 0;       ///< times that a phone's file was hurt
  std::uint64_t rescues = 0;       ///< of files that were found damaged
  std::uint64_t rows_kept = 0;     ///< rescues that took the rows over
  std::uint64_t rescued = 0;       ///< transactions that a new replica has again
  std::uint64_t sealed = 0;        ///< transactions that are in a sealed file alone
  std::uint64_t imported = 0;      ///< of those, taken in at the hub
  std::uint64_t unreadable = 0;    ///< transactions that a rescue reported as lost
  std::uint64_t keys_lost = 0;     ///< phones that had to be enrolled again
  std::uint64_t copies = 0;        ///< images of a phone's disk that came to life
  std::uint64_t forks = 0;         ///< copies that went on as another device
  std::uint64_t set_aside = 0;     ///< transactions of copies, kept for a person
  std::uint64_t ended = 0;         ///< devices revoked or reported lost
  std::uint64_t upgrades = 0;      ///< newer schemas taken, by phones and hub
  std::uint64_t waited = 0;        ///< times that work was told to wait for the hub's schema
  std::uint64_t filled = 0;        ///< checkpoints that brought what came with an upgrade
  std::uint64_t hub_restores = 0;  ///< an older copy took the place of the hub's files
  std::uint64_t hub_resets = 0;
  std::uint64_t told_of_loss = 0;   ///< phones that heard that the hub had lost something
  std::uint64_t offered_again = 0;  ///< transactions that the hub took once more
  std::uint64_t arrived_later = 0;  ///< of them waited for a row and were merged when it came
  std::uint64_t missing = 0;        ///< that no phone held any more
  std::uint64_t handed_over = 0;    ///< rows of which a phone had the last copy
  std::int64_t device_ms = 0;       ///< simulated, over all phones
};

struct Context {
  EventQueue events;
  Trace trace;
  Counts counts;
  std::optional<Failure> failure;  ///< the first
  bool healing = false;            ///< faults are over: all must become equal

  explicit Context(bool prints) : trace(events, prints) {}

  void fail(FailureKind kind, const std::string& what) {
    if (failure) return;
    failure = Failure{kind, what};
    trace.note("world", "FAILED " + what);
  }
  void wrong(const std::string& what) { fail(FailureKind::correctness, what); }
  [[nodiscard]] Instant true_time() const { return {true_start_ms + events.now()}; }
};

}  // namespace doorstep::sim
