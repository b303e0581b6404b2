// How a damaged replica is recognised: at every open, and in full before a rescue.
#pragma once

#include <string>

#include "client-sdk/src/replica_files.hpp"
#include "client-sdk/src/replica_internal.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// The file that says that a rescue was begun and not ended; it holds the time in the names.
[[nodiscard]] std::string rescue_mark(const std::string& path);

/// What open says before it reads anything: error replica_damaged while a rescue waits to go on.
[[nodiscard]] Status check_no_rescue(const std::string& path, const ReplicaFiles& files);
/// Reads the trees of a small file whole, of a large one those of the bookkeeping; of tables that
/// grow with what waits (ds_outbox, ds_pending, ds_rejected) only both ends when that is much.
/// Errors corrupt, io_error.
[[nodiscard]] Status check_trees(sqlite::Database& db, const std::string& path,
                                 const ReplicaFiles& files);
/// What an opening has left out, before a sync builds on it. Errors replica_damaged, io_error.
[[nodiscard]] Status check_waiting(sqlite::Database& db, const std::string& path,
                                   const ReplicaFiles& files);
/// An error of open as the user is to hear it: replica_damaged for what a rescue can mend.
[[nodiscard]] Error as_damage(const Error& failure, const std::string& path,
                              const ReplicaFiles& files);

/// Reads everything: what is damaged, in words; empty when nothing is. An error when the file
/// cannot be read or is none of ours.
[[nodiscard]] Result<std::string> find_damage(const std::string& path, const ReplicaSeams& seams);

}  // namespace doorstep
