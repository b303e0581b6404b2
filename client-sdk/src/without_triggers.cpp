#include "client-sdk/src/without_triggers.hpp"

#include <sqlite3.h>

namespace doorstep {

void WithoutTriggers::set(int on) {
  sqlite3_db_config(db_.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, on, nullptr);
}

}  // namespace doorstep
