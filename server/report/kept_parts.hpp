// The parts of a set of figures (schema/figures) as tables of one connection, so that a report of a
// county reads each of them once and not once for every figure.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/sqlite/database.hpp"
#include "schema/figures/report.hpp"

namespace doorstep {

/// Temporary tables of a connection that may be read-only otherwise. Used by one thread.
class KeptParts {
 public:
  /// Below so many rows of a part, a look at each of them is quicker than any other way.
  static constexpr std::int64_t large_from_default = 20'000;

  /// The connection outlives this.
  explicit KeptParts(sqlite::Database& db, std::int64_t large_from = large_from_default)
      : db_(db), large_from_(large_from) {}

  [[nodiscard]] Status keep(const figures::Part& part, const figures::Parameters& parameters);
  /// One SELECT, also on the parts that are kept.
  [[nodiscard]] Result<figures::QueryResult> run(const std::string& sql,
                                                 const figures::Parameters& parameters);

 private:
  [[nodiscard]] std::string turned(std::string sql);
  [[nodiscard]] bool is_smaller(const std::string& table, std::int64_t rows);

  sqlite::Database& db_;
  std::int64_t large_from_;
  std::map<std::string, std::int64_t> large_;  ///< parts with an index on id, and their rows
  std::map<std::string, std::int64_t> rows_;   ///< of tables that were asked for
};

}  // namespace doorstep
