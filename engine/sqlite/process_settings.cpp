#include "engine/sqlite/process_settings.hpp"

#include <sqlite3.h>

namespace doorstep::sqlite {

void count_no_memory() {
  // SQLITE_MISUSE once SQLite is in use: then it goes on counting.
  static_cast<void>(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
}

}  // namespace doorstep::sqlite
