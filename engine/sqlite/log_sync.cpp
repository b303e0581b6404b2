#include "engine/sqlite/log_sync.hpp"

#include <sqlite3.h>

#include "engine/core/defect.hpp"

namespace doorstep::sqlite {

Status sync_log(Database& db) {
  if (DS_DEFECT("log_not_synced")) return {};
  sqlite3_file* log = nullptr;
  int code = sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (code == SQLITE_OK && log != nullptr && log->pMethods != nullptr)
    code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  return code == SQLITE_OK ? Status() : Status(db.last_error(code, "syncing the log"));
}

}  // namespace doorstep::sqlite
