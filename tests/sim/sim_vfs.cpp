#include "tests/sim/sim_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <new>

namespace doorstep::sim {
namespace {

constexpr int path_bytes_max = 200;

struct World {
  std::map<std::string, SimDisk*> machines;
  SeededRandom random{1};
  std::int64_t now_ms = 0;
};

World& world() {
  static World one;
  return one;
}

/// Behind SQLite's sqlite3_file. A temporary file has no disk: it is its own.
struct Handle {
  sqlite3_file base;
  SimDisk* disk;
  SimFile* file;
  std::string* name;
  SimFile* own;
  int lock;
  bool mapped;
  bool gone_at_close;
};

Handle& of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }

SimDisk* disk_of(std::string_view path) {
  const auto& machines = world().machines;
  const auto found = machines.find(std::string(path.substr(0, path.find('/'))));
  return found == machines.end() ? nullptr : found->second;
}

DiskAnswer ask(const Handle& handle, DiskCall call, std::uint64_t growth = 0) {
  return handle.disk == nullptr ? DiskAnswer::ok : handle.disk->allow(call, growth);
}

int close(sqlite3_file* raw) {
  Handle& handle = of(raw);
  if (handle.file != nullptr) {
    --handle.file->handles;
    if (handle.gone_at_close && handle.disk != nullptr && !handle.disk->dead())
      handle.disk->remove(*handle.name);
  }
  const std::unique_ptr<SimFile> own(handle.own);
  const std::unique_ptr<std::string> name(handle.name);
  handle.own = nullptr;
  handle.name = nullptr;
  return SQLITE_OK;
}

int read(sqlite3_file* raw, void* out, int bytes, sqlite3_int64 offset) {
  const Handle& handle = of(raw);
  if (ask(handle, DiskCall::read) != DiskAnswer::ok) return SQLITE_IOERR_READ;
  const auto& content = handle.file->content;
  const auto from = static_cast<std::size_t>(offset);
  const std::size_t there = from < content.size() ? content.size() - from : 0;
  const std::size_t count = std::min(there, static_cast<std::size_t>(bytes));
  if (count > 0) std::memcpy(out, content.data() + from, count);
  if (count == static_cast<std::size_t>(bytes)) return SQLITE_OK;
  std::memset(static_cast<std::uint8_t*>(out) + count, 0, static_cast<std::size_t>(bytes) - count);
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* raw, const void* data, int bytes, sqlite3_int64 offset) {
  const Handle& handle = of(raw);
  const std::span span(static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(bytes));
  const auto from = static_cast<std::uint64_t>(offset);
  const std::uint64_t end = from + span.size();
  const std::uint64_t size = handle.file->content.size();
  const DiskAnswer answer = ask(handle, DiskCall::write, end > size ? end - size : 0);
  if (answer == DiskAnswer::full) return SQLITE_FULL;
  if (answer == DiskAnswer::failed) return SQLITE_IOERR_WRITE;
  if (handle.disk != nullptr) {
    handle.disk->write(*handle.file, from, span);
  } else {
    if (size < end) handle.file->content.resize(end);
    std::copy(span.begin(), span.end(), handle.file->content.begin() + offset);
  }
  return SQLITE_OK;
}

int truncate(sqlite3_file* raw, sqlite3_int64 size) {
  const Handle& handle = of(raw);
  if (ask(handle, DiskCall::write) != DiskAnswer::ok) return SQLITE_IOERR_TRUNCATE;
  if (handle.disk != nullptr) {
    handle.disk->truncate(*handle.file, static_cast<std::uint64_t>(size));
  } else {
    handle.file->content.resize(static_cast<std::size_t>(size));
  }
  return SQLITE_OK;
}

int sync(sqlite3_file* raw, int) {
  const Handle& handle = of(raw);
  if (ask(handle, DiskCall::sync) != DiskAnswer::ok) return SQLITE_IOERR_FSYNC;
  if (handle.disk != nullptr) SimDisk::sync(*handle.file);
  return SQLITE_OK;
}

int file_size(sqlite3_file* raw, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(of(raw).file->content.size());
  return SQLITE_OK;
}

// Locks as SQLite's own VFS gives them, among the handles of one file.
int lock(sqlite3_file* raw, int level) {
  Handle& handle = of(raw);
  SimFile& file = *handle.file;
  if (handle.lock >= level) return SQLITE_OK;
  if (handle.lock == SQLITE_LOCK_NONE) {
    if (file.pending || file.exclusive) return SQLITE_BUSY;
    ++file.readers;
    handle.lock = SQLITE_LOCK_SHARED;
  }
  if (level == SQLITE_LOCK_SHARED) return SQLITE_OK;
  if (handle.lock < SQLITE_LOCK_RESERVED) {
    if (file.reserved) return SQLITE_BUSY;
    file.reserved = true;
    handle.lock = SQLITE_LOCK_RESERVED;
  }
  if (level == SQLITE_LOCK_RESERVED) return SQLITE_OK;
  file.pending = true;
  handle.lock = SQLITE_LOCK_PENDING;
  if (file.readers > 1) return SQLITE_BUSY;
  file.exclusive = true;
  handle.lock = SQLITE_LOCK_EXCLUSIVE;
  return SQLITE_OK;
}

int unlock(sqlite3_file* raw, int level) {
  Handle& handle = of(raw);
  SimFile& file = *handle.file;
  if (handle.lock <= level) return SQLITE_OK;
  if (handle.lock >= SQLITE_LOCK_RESERVED) file.reserved = false;
  if (handle.lock >= SQLITE_LOCK_PENDING) file.pending = false;
  if (handle.lock == SQLITE_LOCK_EXCLUSIVE) file.exclusive = false;
  if (level == SQLITE_LOCK_NONE) --file.readers;
  handle.lock = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* raw, int* out) {
  *out = of(raw).file->reserved ? 1 : 0;
  return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return 0; }

int map_index(sqlite3_file* raw, int region, int bytes, int extend, void volatile** out) {
  Handle& handle = of(raw);
  SimFile& file = *handle.file;
  *out = nullptr;
  if (handle.disk != nullptr && handle.disk->dead()) return SQLITE_IOERR_SHMMAP;
  if (!handle.mapped) {
    handle.mapped = true;
    // The first process to come finds nothing that it could believe.
    if (file.shared_handles++ == 0) file.shared.clear();
  }
  const auto wanted = static_cast<std::size_t>(region);
  if (file.shared.size() <= wanted) {
    if (extend == 0) return SQLITE_OK;
    while (file.shared.size() <= wanted)
      file.shared.emplace_back(static_cast<std::size_t>(bytes), std::uint8_t{0});
  }
  *out = file.shared[wanted].data();
  return SQLITE_OK;
}

int lock_index(sqlite3_file* raw, int first, int count, int flags) {
  auto& locks = of(raw).file->index_locks;
  const auto begin = locks.begin() + first;
  const auto end = begin + count;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    for (auto it = begin; it != end; ++it) *it = exclusive ? 0 : *it - 1;
    return SQLITE_OK;
  }
  const bool free =
      std::all_of(begin, end, [&](int held) { return exclusive ? held == 0 : held >= 0; });
  if (!free) return SQLITE_BUSY;
  for (auto it = begin; it != end; ++it) *it = exclusive ? -1 : *it + 1;
  return SQLITE_OK;
}

void index_barrier(sqlite3_file*) {}

int unmap_index(sqlite3_file* raw, int) {
  Handle& handle = of(raw);
  if (!handle.mapped) return SQLITE_OK;
  handle.mapped = false;
  if (--handle.file->shared_handles == 0) handle.file->shared.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods methods = {2,
                                    close,
                                    read,
                                    write,
                                    truncate,
                                    sync,
                                    file_size,
                                    lock,
                                    unlock,
                                    check_reserved,
                                    control,
                                    sector_size,
                                    characteristics,
                                    map_index,
                                    lock_index,
                                    index_barrier,
                                    unmap_index,
                                    nullptr,
                                    nullptr};

int open(sqlite3_vfs*, const char* path, sqlite3_file* raw, int flags, int* flags_out) {
  Handle& handle = of(raw);
  handle = Handle{};
  if (path == nullptr) {
    handle.own = std::make_unique<SimFile>().release();
    handle.file = handle.own;
  } else {
    handle.disk = disk_of(path);
    if (handle.disk == nullptr || handle.disk->dead()) return SQLITE_CANTOPEN;
    handle.file = handle.disk->find(path);
    if (handle.file == nullptr) {
      // The SDK makes an empty file of its own before SQLite sees it.
      const bool main = (flags & SQLITE_OPEN_MAIN_DB) != 0;
      if ((flags & SQLITE_OPEN_CREATE) == 0 && !main) return SQLITE_CANTOPEN;
      handle.file = &handle.disk->make(path);
    }
    handle.name = std::make_unique<std::string>(path).release();
    handle.gone_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  }
  ++handle.file->handles;
  handle.base.pMethods = &methods;
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char* path, int) {
  SimDisk* disk = disk_of(path);
  if (disk == nullptr || disk->allow(DiskCall::sync) != DiskAnswer::ok) return SQLITE_IOERR_DELETE;
  SimFile* file = disk->find(path);
  if (file == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  if (file->handles == 0) {
    disk->remove(path);
  } else {
    disk->truncate(*file, 0);
    SimDisk::sync(*file);
  }
  return SQLITE_OK;
}

int access(sqlite3_vfs*, const char* path, int, int* out) {
  SimDisk* disk = disk_of(path);
  *out = disk != nullptr && disk->find(path) != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int bytes, char* out) {
  sqlite3_snprintf(bytes, out, "%s", path);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs*, int bytes, char* out) {
  world().random.fill({reinterpret_cast<std::uint8_t*>(out), static_cast<std::size_t>(bytes)});
  return bytes;
}

// Time does not pass while a process waits: whoever holds a lock here never lets it go meanwhile.
int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

int now_ms(sqlite3_vfs*, sqlite3_int64* out) {
  constexpr sqlite3_int64 julian_1970_ms = 210866760000000;
  *out = julian_1970_ms + world().now_ms;
  return SQLITE_OK;
}

int now_days(sqlite3_vfs* vfs, double* out) {
  sqlite3_int64 ms = 0;
  now_ms(vfs, &ms);
  *out = static_cast<double>(ms) / 86'400'000.0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }

int on_connection(sqlite3* db, char**, const sqlite3_api_routines*) {
  return sqlite3_wal_autocheckpoint(db, pages_before_checkpoint);
}

}  // namespace

void install_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made{};
    made.iVersion = 2;
    made.szOsFile = sizeof(Handle);
    made.mxPathname = path_bytes_max;
    made.zName = "doorstep-sim";
    made.xOpen = open;
    made.xDelete = remove;
    made.xAccess = access;
    made.xFullPathname = full_path;
    made.xRandomness = randomness;
    made.xSleep = sleep;
    made.xCurrentTime = now_days;
    made.xGetLastError = last_error;
    made.xCurrentTimeInt64 = now_ms;
    return made;
  }();
  sqlite3_vfs_register(&vfs, 1);
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(on_connection));
}

void reset_vfs(std::uint64_t seed) {
  world().machines.clear();
  world().random = SeededRandom(seed);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed & 0x7fffffff) | 1, nullptr);
}

void mount(const std::string& machine, SimDisk& disk) { world().machines[machine] = &disk; }

void set_vfs_time(std::int64_t ms) { world().now_ms = ms; }

}  // namespace doorstep::sim
