// When a replica's file is damaged (error replica_damaged): the way back that destroys nothing.
#pragma once

#include <string>

#include <doorstep/replica.hpp>

namespace doorstep {

/// What a rescue did.
struct RescueReport {
  /// What was found; empty: the file is sound, and nothing was done.
  std::string damage;
  /// The damaged file under its new name; it stays until somebody removes it.
  std::string damaged_file;
  /// The unsent and rejected work as it was written, with the keys: readable by its owner only.
  std::string sealed_file;
  std::uint64_t unsent = 0;      ///< transactions in the new replica that the next sync sends
  std::uint64_t rejected = 0;    ///< rejected ones that wait for a person there as before
  std::uint64_t left = 0;        ///< only in the sealed file, for the township to take in
  std::uint64_t unreadable = 0;  ///< known to have been written, and not found
  bool rows_kept = false;        ///< rows were taken over; else the next sync loads all of them
  std::uint64_t rows = 0;        ///< how many
  /// The keys cannot be read: there is no new replica. Enrol again at the same path, and let the
  /// township take the sealed file in (`doorstepd import-rescued`).
  bool enrol_again = false;
};

/// Checks the whole file, and when it is damaged: keeps it under another name, writes what this
/// phone had not sent into a sealed file, and makes a new replica of the same device at the same
/// path, which has that work again and gets the rest from the hub with the next sync. Nothing is
/// sent twice: every transaction keeps its number and hash. No other connection may be open on the
/// replica. Killed or out of space at any step it is called again and goes on; until then open says
/// replica_damaged. Errors: not_a_replica, already_syncing, replica_version, read_only, disk_full,
/// io_error, busy.
[[nodiscard]] Result<RescueReport> rescue_replica(const std::string& path);

}  // namespace doorstep
