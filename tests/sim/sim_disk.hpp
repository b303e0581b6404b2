// The disk of one machine of the simulation: files in memory, each with what survives a power cut
// (the durable image) and the writes that were not synced yet. Faults are armed here: the machine
// dies at a chosen change of the disk, the disk is full, a call fails.
//
// A machine that died answers every call with an error until its process is gone (SQLite cannot be
// left by an exception); nothing that it says in between counts.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/ports/random.hpp"

namespace doorstep::sim {

enum class DiskCall : std::uint8_t { read, write, sync };

/// What the disk says to a call.
enum class DiskAnswer : std::uint8_t { ok, full, failed };

struct SimFile {
  struct Change {
    std::uint64_t offset = 0;
    std::vector<std::uint8_t> data;
    bool truncates = false;  ///< to `offset`
  };
  std::vector<std::uint8_t> content;  ///< as the process sees it
  std::vector<std::uint8_t> durable;
  std::vector<Change> unsynced;

  // What lives in memory only, and goes with the process.
  std::vector<std::vector<std::uint8_t>> shared;  ///< regions of the WAL's index
  std::uint32_t handles = 0;                      ///< open
  std::uint32_t shared_handles = 0;               ///< with the index mapped
  std::array<std::int32_t, 8> index_locks{};      ///< -1: exclusive; else how many share it
  std::uint32_t readers = 0;
  bool reserved = false;
  bool pending = false;
  bool exclusive = false;
};

class SimDisk {
 public:
  /// Says what becomes of a call, and counts it. A dead disk fails every one.
  [[nodiscard]] DiskAnswer allow(DiskCall call, std::uint64_t growth = 0);

  [[nodiscard]] SimFile* find(const std::string& name);
  SimFile& make(const std::string& name) { return files_[name]; }
  void remove(const std::string& name) { files_.erase(name); }
  /// In place of what has the name `to`. Nothing is open on either.
  void rename(const std::string& from, const std::string& to);
  void write(SimFile& file, std::uint64_t offset, std::span<const std::uint8_t> data);
  void truncate(SimFile& file, std::uint64_t size);
  static void sync(SimFile& file);

  /// The machine dies when the disk is changed (written, cut, synced) for the `changes`-th time
  /// from now: instead of that change, or just after it if `done`. Zero: at once.
  void die_after(std::uint64_t changes, bool done = false);
  /// Only so many bytes more fit; nullopt: there is space.
  void fill(std::optional<std::uint64_t> spare_bytes);
  [[nodiscard]] std::optional<std::uint64_t> spare() const { return spare_; }
  /// The `calls`-th call of this kind from now fails, and `count` - 1 after it.
  void fail_after(DiskCall call, std::uint64_t calls, std::uint64_t count);
  void heal();

  [[nodiscard]] bool dead() const { return dead_; }
  /// Whoever watches the machine from outside meets no faults and is not counted.
  void watch(bool from_outside) { watched_ = from_outside; }
  /// A fault is armed, or was met since the last heal().
  [[nodiscard]] bool faulty() const { return faulty_; }
  [[nodiscard]] std::uint64_t faults_met() const { return faults_met_; }
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] std::uint32_t open_handles() const;

  /// Of all files, as a copy of them at this moment has them, by name.
  using Image = std::map<std::string, std::vector<std::uint8_t>>;
  [[nodiscard]] Image image() const;
  /// These files and no others, all durable. Nothing is open.
  void put_image(const Image& image);

  /// After the process is gone: the disk answers again. With a power cut every write that was not
  /// synced is applied, dropped or torn.
  struct Fates {
    std::uint64_t applied = 0;
    std::uint64_t dropped = 0;
    std::uint64_t torn = 0;
  };
  Fates restart(bool power_cut, Random& random);

 private:
  struct Failing {
    std::uint64_t skip = 0;
    std::uint64_t count = 0;
  };
  std::map<std::string, SimFile> files_;
  std::map<DiskCall, Failing> failing_;
  std::optional<std::uint64_t> spare_;
  std::optional<std::uint64_t> dies_after_;
  std::uint64_t changes_ = 0;
  std::uint64_t faults_met_ = 0;
  bool dies_done_ = false;
  bool dead_ = false;
  bool watched_ = false;
  bool faulty_ = false;
};

}  // namespace doorstep::sim
