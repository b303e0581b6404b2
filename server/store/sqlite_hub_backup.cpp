#include "server/store/sqlite_hub_backup.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

#include "engine/sqlite/database.hpp"

namespace doorstep {
namespace {

namespace fs = std::filesystem;

constexpr int pages_per_step = 2048;

Error failed(const fs::path& file, int why) {
  const std::error_code code(why, std::generic_category());
  const ErrorCode kind = code == std::errc::no_space_on_device      ? ErrorCode::disk_full
                         : code == std::errc::permission_denied     ? ErrorCode::read_only
                         : code == std::errc::read_only_file_system ? ErrorCode::read_only
                                                                    : ErrorCode::io_error;
  return error(kind, file.string() + ": " + code.message());
}

Status sync_file(const fs::path& file, int flags) {
  const int opened = ::open(file.c_str(), flags | O_CLOEXEC);
  if (opened < 0) return failed(file, errno);
  const int why = ::fsync(opened) == 0 ? 0 : errno;
  ::close(opened);
  return why == 0 ? Status() : Status(failed(file, why));
}

Status make_empty(const fs::path& file) {
  std::error_code none;
  fs::remove(file, none);
  const int opened = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (opened < 0) return failed(file, errno);
  ::close(opened);
  return {};
}

struct Finish {
  void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

Status copy_pages(sqlite::Database& from, sqlite::Database& to, const BackupProgress& progress) {
  std::unique_ptr<sqlite3_backup, Finish> backup(
      sqlite3_backup_init(to.handle(), "main", from.handle(), "main"));
  if (backup == nullptr) return to.last_error(sqlite3_errcode(to.handle()), "backup");
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    code = sqlite3_backup_step(backup.get(), pages_per_step);
    const int total = sqlite3_backup_pagecount(backup.get());
    if (progress) {
      progress(static_cast<std::uint64_t>(total - sqlite3_backup_remaining(backup.get())),
               static_cast<std::uint64_t>(total));
    }
  }
  backup.reset();
  return code == SQLITE_DONE ? Status() : Status(to.last_error(code, "backup"));
}

Result<Position> copy(const fs::path& database, const fs::path& file,
                      const BackupProgress& progress) {
  DS_ASSIGN(sqlite::Database from, sqlite::Database::open(database.string(), {}));
  // What is read first fixes what the copy holds, whoever writes meanwhile.
  DS_TRY(from.run("PRAGMA query_only = ON; BEGIN"));
  DS_ASSIGN(const auto head, from.one("SELECT max(position) FROM ds_commit"));
  DS_ASSIGN(sqlite::Database to, sqlite::Database::open(file.string(), {}));
  DS_TRY(copy_pages(from, to, progress));
  DS_TRY(to.run("PRAGMA journal_mode = DELETE"));  // one file, nothing beside it
  DS_ASSIGN(const auto said, to.one("PRAGMA quick_check"));
  if (!said || said->kind() != Value::Kind::text || said->as_text() != "ok") {
    return error(ErrorCode::corrupt, database.string());
  }
  const bool any = head && head->kind() == Value::Kind::integer;
  return Position{any ? static_cast<std::uint64_t>(head->as_integer()) : 0};
}

}  // namespace

Status sync_folder(const fs::path& folder) {
  return sync_file(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY);
}

/// A backup never takes the place of the hub's own files, or of a folder.
Status check_target(const fs::path& database, const fs::path& file) {
  std::error_code none;
  if (fs::is_directory(file, none)) {
    return error(ErrorCode::usage, file.string() + " is a folder; name a file in it");
  }
  const fs::path home = fs::weakly_canonical(fs::absolute(database).parent_path(), none);
  const fs::path there = fs::weakly_canonical(fs::absolute(file).parent_path(), none);
  const bool own_name =
      there == home && file.filename().string().starts_with(database.filename().string());
  if (own_name || fs::equivalent(database, file, none)) {
    return error(ErrorCode::usage, file.string() + " is the hub's own database; name another file");
  }
  return {};
}

Result<HubBackup> back_up(const fs::path& database, const fs::path& file,
                          const BackupProgress& progress) {
  DS_TRY(check_target(database, file));
  fs::path part = file;
  part += ".part";
  DS_TRY(make_empty(part));
  HubBackup done;
  auto copied = copy(database, part, progress);
  std::error_code failure;
  if (!copied) {
    fs::remove(part, failure);
    return copied.error();
  }
  done.head = *copied;
  DS_TRY(sync_file(part, O_RDONLY));
  done.bytes = fs::file_size(part, failure);
  fs::rename(part, file, failure);
  if (failure) return failed(file, failure.value());
  DS_TRY(sync_folder(file.parent_path()));
  return done;
}

}  // namespace doorstep
