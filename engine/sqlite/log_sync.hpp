// What a killed process leaves behind.
#pragma once

#include "engine/sqlite/database.hpp"

namespace doorstep::sqlite {

/// Makes durable what is in the write-ahead log. A process that was killed in the middle of a
/// commit may have written it whole and not synced it: whoever opens the file finds it there, and a
/// power cut could still take it away after others were told of it. To be called once by whoever
/// opens a database to write, after its first read and before anything is said of it. Errors:
/// io_error.
[[nodiscard]] Status sync_log(Database& db);

}  // namespace doorstep::sqlite
