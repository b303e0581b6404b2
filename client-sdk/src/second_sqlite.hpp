// Finds a second copy of SQLite in this process (DESIGN section 6, "one process, one SQLite").
#pragma once

#include <string>
#include <vector>

namespace doorstep {

/// SQLite libraries among the names of loaded objects, each once, ascending.
[[nodiscard]] std::vector<std::string> sqlite_libraries(const std::vector<std::string>& objects);

/// Objects loaded into this process now. Empty where the system does not tell.
[[nodiscard]] std::vector<std::string> loaded_objects();

/// A sentence naming the copies, or empty when there is at most one.
[[nodiscard]] std::string second_sqlite_warning();

}  // namespace doorstep
