#include "tests/sim/sim_files.hpp"

#include <algorithm>

namespace doorstep::sim {

Status SimFiles::ask(DiskCall call, const std::string& path, std::uint64_t growth) const {
  switch (disk_.allow(call, growth)) {
    case DiskAnswer::ok:
      return {};
    case DiskAnswer::full:
      return error(ErrorCode::disk_full, path);
    case DiskAnswer::failed:
      break;
  }
  return error(ErrorCode::io_error, path);
}

bool SimFiles::exists(const std::string& path) const { return disk_.find(path) != nullptr; }

Status SimFiles::may_write(const std::string&) const { return {}; }

Result<std::uint64_t> SimFiles::size(const std::string& path) const {
  const SimFile* file = disk_.find(path);
  if (file == nullptr) return error(ErrorCode::io_error, path);
  return std::uint64_t{file->content.size()};
}

Result<Bytes> SimFiles::read(const std::string& path, std::uint64_t offset,
                             std::uint64_t bytes) const {
  DS_TRY(ask(DiskCall::read, path));
  const SimFile* file = disk_.find(path);
  if (file == nullptr) return error(ErrorCode::io_error, path);
  const std::uint64_t from = std::min<std::uint64_t>(offset, file->content.size());
  const std::uint64_t to = from + std::min<std::uint64_t>(bytes, file->content.size() - from);
  return Bytes(file->content.begin() + static_cast<std::ptrdiff_t>(from),
               file->content.begin() + static_cast<std::ptrdiff_t>(to));
}

std::optional<std::uint64_t> SimFiles::free_bytes(const std::string&) const {
  return disk_.spare();
}

Status SimFiles::make_private(const std::string& path) const {
  if (exists(path)) return {};
  DS_TRY(ask(DiskCall::write, path));
  disk_.make(path);
  return {};
}

Status SimFiles::write_private(const std::string& path, ByteView bytes) const {
  const std::string draft = path + "-draft";
  DS_TRY(ask(DiskCall::write, draft, bytes.size()));
  SimFile& file = disk_.make(draft);
  disk_.truncate(file, 0);
  disk_.write(file, 0, bytes);
  DS_TRY(sync(draft));
  return rename(draft, path);
}

Status SimFiles::rename(const std::string& from, const std::string& to) const {
  DS_TRY(ask(DiskCall::write, from));
  if (!exists(from)) return error(ErrorCode::io_error, from);
  disk_.rename(from, to);
  return {};
}

void SimFiles::remove(const std::string& path) const {
  if (ask(DiskCall::sync, path)) disk_.remove(path);
}

Status SimFiles::sync(const std::string& path) const {
  DS_TRY(ask(DiskCall::sync, path));
  SimFile* file = disk_.find(path);
  if (file != nullptr) SimDisk::sync(*file);
  return {};
}

// Names change at once and for good.
Status SimFiles::sync_folder_of(const std::string&) const { return {}; }

}  // namespace doorstep::sim
