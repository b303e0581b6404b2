// The SQL functions of the SDK's connections: uuid7(), uuid(text), uuid_text(blob), and the one
// that guard triggers call.
#pragma once

#include <memory>

#include "engine/core/uuid.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/random.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// `clock` and `random` must outlive the connection. The guard's function is registered when
/// `writes_captured`: only then may the connection write replicated tables.
[[nodiscard]] Status register_sql_functions(sqlite::Database& db, const Clock& clock,
                                            Random& random, bool writes_captured);

}  // namespace doorstep
