// ds_departed: why rows left this replica without being deleted: they moved to a scope that it does
// not hold, or it holds their scope no more. For people; nothing depends on it. Of more than
// limits::departed_notes_max the oldest go, and a note goes when its row is back. Inside the
// caller's write transaction.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/schema.hpp"
#include "engine/core/time.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

class DepartureNotes {
 public:
  /// `position`: of the checkpoint being applied; `now`: on the hub's clock. All must outlive it.
  DepartureNotes(sqlite::Database& db, const Schema& schema, Position position, Instant now)
      : db_(&db), schema_(&schema), position_(position), now_(now) {}

  /// A row moved out of sight.
  [[nodiscard]] Status row_moved(const RowKey& key, const ScopeId& from, const ScopeId& to);
  /// A row left this or the other way: what had met in it leaves with it, unnoted.
  [[nodiscard]] Status row_left(const RowKey& key);
  /// All rows of a scope left; one note for all.
  [[nodiscard]] Status scope_lost(const ScopeId& scope, std::uint64_t rows);
  /// The row, or the scope, is here (again).
  [[nodiscard]] Status row_is_here(const RowKey& key);
  [[nodiscard]] Status scopes_are_held(const std::vector<ScopeId>& scopes);

  /// Lets the oldest go.
  [[nodiscard]] Status keep_newest();

 private:
  struct Note {
    std::string_view table;
    Value row;
    const ScopeId& from;
    const ScopeId* to;
    std::string_view why;
    std::uint64_t rows;
  };
  [[nodiscard]] Status put(const Note& note);
  [[nodiscard]] Result<bool> any();

  sqlite::Database* db_;
  const Schema* schema_;
  Position position_;
  Instant now_;
  std::optional<bool> any_;  // notes here; asked once
  bool wrote_ = false;
};

}  // namespace doorstep
