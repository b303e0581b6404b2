#include "tests/sim/sim_disk.hpp"

#include <algorithm>

namespace doorstep::sim {
namespace {

constexpr std::uint64_t sector_bytes = 512;

using Bytes = std::vector<std::uint8_t>;

void put(Bytes& content, std::uint64_t offset, std::span<const std::uint8_t> data) {
  if (content.size() < offset + data.size()) content.resize(offset + data.size());
  std::copy(data.begin(), data.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
}

void apply(Bytes& content, const SimFile::Change& change) {
  if (change.truncates) {
    content.resize(change.offset);
  } else {
    put(content, change.offset, change.data);
  }
}

// Sector by sector: a torn write leaves some of them, in no particular order.
void apply_torn(Bytes& content, const SimFile::Change& change, Random& random) {
  for (std::uint64_t at = 0; at < change.data.size(); at += sector_bytes) {
    if (random.below(2) == 0) continue;
    const std::uint64_t bytes = std::min<std::uint64_t>(sector_bytes, change.data.size() - at);
    put(content, change.offset + at, std::span(change.data).subspan(at, bytes));
  }
}

}  // namespace

DiskAnswer SimDisk::allow(DiskCall call, std::uint64_t growth) {
  if (watched_) return DiskAnswer::ok;
  if (dead_) return DiskAnswer::failed;
  if (call != DiskCall::read) {
    ++changes_;
    if (dies_after_ && (*dies_after_)-- <= 1) {
      die_after(0);
      return dies_done_ ? DiskAnswer::ok : DiskAnswer::failed;
    }
  }
  if (const auto found = failing_.find(call); found != failing_.end()) {
    Failing& failing = found->second;
    if (failing.skip > 0) {
      --failing.skip;
    } else if (failing.count > 0) {
      --failing.count;
      ++faults_met_;
      return DiskAnswer::failed;
    }
  }
  if (call == DiskCall::write && spare_) {
    if (growth > *spare_) {
      ++faults_met_;
      return DiskAnswer::full;
    }
    *spare_ -= growth;
  }
  return DiskAnswer::ok;
}

SimFile* SimDisk::find(const std::string& name) {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

void SimDisk::write(SimFile& file, std::uint64_t offset, std::span<const std::uint8_t> data) {
  put(file.content, offset, data);
  file.unsynced.push_back({offset, Bytes(data.begin(), data.end()), false});
}

void SimDisk::truncate(SimFile& file, std::uint64_t size) {
  if (size >= file.content.size()) return;
  if (spare_) *spare_ += file.content.size() - size;
  file.content.resize(size);
  file.unsynced.push_back({size, {}, true});
}

void SimDisk::rename(const std::string& from, const std::string& to) {
  files_.erase(to);
  auto moved = files_.extract(from);
  if (moved.empty()) return;
  moved.key() = to;
  files_.insert(std::move(moved));
}

void SimDisk::sync(SimFile& file) {
  for (const SimFile::Change& change : file.unsynced) apply(file.durable, change);
  file.unsynced.clear();
}

void SimDisk::die_after(std::uint64_t changes, bool done) {
  if (changes > 0) dies_done_ = done;
  dies_after_.reset();
  if (changes == 0) {
    dead_ = true;
  } else {
    dies_after_ = changes;
  }
}

void SimDisk::fill(std::optional<std::uint64_t> spare_bytes) {
  spare_ = spare_bytes;
  if (spare_) faulty_ = true;
}

void SimDisk::fail_after(DiskCall call, std::uint64_t calls, std::uint64_t count) {
  failing_[call] = {calls, count};
  faulty_ = true;
}

void SimDisk::heal() {
  failing_.clear();
  spare_.reset();
  dies_after_.reset();
  faulty_ = false;
}

SimDisk::Image SimDisk::image() const {
  Image image;
  for (const auto& [name, file] : files_) image[name] = file.content;
  return image;
}

void SimDisk::put_image(const Image& image) {
  files_.clear();
  for (const auto& [name, content] : image) {
    SimFile& file = files_[name];
    file.content = file.durable = content;
  }
}

std::uint32_t SimDisk::open_handles() const {
  std::uint32_t open = 0;
  for (const auto& [name, file] : files_) open += file.handles;
  return open;
}

SimDisk::Fates SimDisk::restart(bool power_cut, Random& random) {
  Fates fates;
  dead_ = false;
  dies_after_.reset();
  failing_.clear();
  for (auto& [name, file] : files_) {
    if (power_cut) {
      for (const SimFile::Change& change : file.unsynced) {
        const std::uint64_t fate = random.below(3);
        if (fate == 0) {
          apply(file.durable, change);
          ++fates.applied;
        } else if (fate == 1 && !change.truncates) {
          apply_torn(file.durable, change, random);
          ++fates.torn;
        } else {
          ++fates.dropped;
        }
      }
      file.unsynced.clear();
      file.content = file.durable;
    }
    file.shared.clear();
    file.index_locks = {};
    file.readers = 0;
    file.reserved = file.pending = file.exclusive = false;
  }
  return fates;
}

}  // namespace doorstep::sim
