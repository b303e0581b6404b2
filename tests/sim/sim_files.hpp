// A phone's files on its simulated disk, as far as the SDK touches them beside SQLite.
#pragma once

#include <string>

#include "client-sdk/src/replica_files.hpp"
#include "tests/sim/sim_disk.hpp"

namespace doorstep::sim {

class SimFiles final : public ReplicaFiles {
 public:
  explicit SimFiles(SimDisk& disk) : disk_(disk) {}
  [[nodiscard]] bool exists(const std::string& path) const override;
  [[nodiscard]] Status may_write(const std::string& path) const override;
  [[nodiscard]] Result<std::uint64_t> size(const std::string& path) const override;
  [[nodiscard]] Result<Bytes> read(const std::string& path, std::uint64_t offset,
                                   std::uint64_t bytes) const override;
  [[nodiscard]] std::optional<std::uint64_t> free_bytes(const std::string& path) const override;
  [[nodiscard]] Status make_private(const std::string& path) const override;
  [[nodiscard]] Status write_private(const std::string& path, ByteView bytes) const override;
  [[nodiscard]] Status rename(const std::string& from, const std::string& to) const override;
  void remove(const std::string& path) const override;
  [[nodiscard]] Status sync(const std::string& path) const override;
  [[nodiscard]] Status sync_folder_of(const std::string& path) const override;

 private:
  [[nodiscard]] Status ask(DiskCall call, const std::string& path, std::uint64_t growth = 0) const;
  SimDisk& disk_;
};

}  // namespace doorstep::sim
