// SQLite's files on simulated disks: a VFS that is the default of this process. A path's first part
// names the machine, "phone2/replica.db". Randomness and time are the simulation's too.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/sim/sim_disk.hpp"

namespace doorstep::sim {

/// Makes the VFS the default, once in a process; before the first SQLite call.
void install_vfs();

/// Begins a run: no machines, SQLite's random numbers from `seed`.
void reset_vfs(std::uint64_t seed);
/// `disk` must outlive its use.
void mount(const std::string& machine, SimDisk& disk);
/// What SQLite takes for now; milliseconds since 1970.
void set_vfs_time(std::int64_t ms);

/// A phone's WAL is folded into its file after so many pages, so that short runs meet it. The hub
/// sets its own.
inline constexpr int pages_before_checkpoint = 40;

}  // namespace doorstep::sim
