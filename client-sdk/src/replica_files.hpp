// The files of a replica beside what SQLite does with them: the system's, or those of a simulated
// disk. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/core/bytes.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

class ReplicaFiles {
 public:
  ReplicaFiles() = default;
  virtual ~ReplicaFiles() = default;
  ReplicaFiles(const ReplicaFiles&) = delete;
  ReplicaFiles& operator=(const ReplicaFiles&) = delete;

  [[nodiscard]] virtual bool exists(const std::string& path) const = 0;
  /// Error read_only.
  [[nodiscard]] virtual Status may_write(const std::string& path) const = 0;
  /// In bytes. Error io_error: there is none, or nobody may look.
  [[nodiscard]] virtual Result<std::uint64_t> size(const std::string& path) const = 0;
  /// At most `bytes` from `offset`; less where the file ends. Error io_error.
  [[nodiscard]] virtual Result<Bytes> read(const std::string& path, std::uint64_t offset,
                                           std::uint64_t bytes) const = 0;

  /// How much more may be written on the storage that `path` is on, or would be, in bytes; no value
  /// when nobody can say.
  [[nodiscard]] virtual std::optional<std::uint64_t> free_bytes(const std::string& path) const = 0;

  // Those below: errors disk_full, read_only, io_error.

  /// An empty file that only its owner reads, unless there is one.
  [[nodiscard]] virtual Status make_private(const std::string& path) const = 0;
  /// Durable on return, whole or not at all, in place of what was there; only its owner reads it.
  [[nodiscard]] virtual Status write_private(const std::string& path, ByteView bytes) const = 0;
  [[nodiscard]] virtual Status rename(const std::string& from, const std::string& to) const = 0;
  /// Nothing when there is none.
  virtual void remove(const std::string& path) const = 0;
  /// What was written to it is durable on return.
  [[nodiscard]] virtual Status sync(const std::string& path) const = 0;
  /// So is what became of the names beside it.
  [[nodiscard]] virtual Status sync_folder_of(const std::string& path) const = 0;

  /// All of it; empty when it is not there or cannot be read.
  [[nodiscard]] Bytes read_all(const std::string& path) const;
};

/// Those of the system.
[[nodiscard]] const ReplicaFiles& system_files();

}  // namespace doorstep
