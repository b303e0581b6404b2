// A hub's database as one whole file, copied while others write to it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

struct HubBackup {
  Position head;  ///< the copy holds everything up to there
  std::uint64_t bytes = 0;
};

/// `done` of `total` pages.
using BackupProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Copies the hub's database as it is at one moment, in one file for its owner only, because it
/// holds the hub's private key. It is written under another name beside `file`, made durable and
/// then takes the place of a file of that name, so `file` is always whole. Errors: corrupt, busy,
/// disk_full, io_error, read_only.
[[nodiscard]] Result<HubBackup> back_up(const std::filesystem::path& database,
                                        const std::filesystem::path& file,
                                        const BackupProgress& progress);

/// The directory entry of a renamed file survives power loss.
[[nodiscard]] Status sync_folder(const std::filesystem::path& folder);

}  // namespace doorstep
