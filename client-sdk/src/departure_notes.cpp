#include "client-sdk/src/departure_notes.hpp"

#include "engine/core/limits.hpp"

namespace doorstep {

Result<bool> DepartureNotes::any() {
  if (!any_) {
    DS_ASSIGN(const auto one, db_->one_kept("SELECT 1 FROM ds_departed LIMIT 1"));
    any_ = one.has_value();
  }
  return *any_;
}

Status DepartureNotes::put(const Note& note) {
  DS_ASSIGN(const auto insert,
            db_->kept("INSERT OR REPLACE INTO ds_departed"
                      " (\"table\", id, \"from\", \"to\", position, time, why, rows)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
  const std::string time = to_rfc3339(now_);
  insert->bind(1, note.table);
  insert->bind(2, note.row);
  insert->bind(3, std::string_view(note.from.code));
  if (note.to != nullptr) {
    insert->bind(4, std::string_view(note.to->code));
  } else {
    insert->bind_null(4);
  }
  insert->bind(5, position_);
  insert->bind(6, std::string_view(time));
  insert->bind(7, note.why);
  insert->bind_unsigned(8, note.rows);
  any_ = wrote_ = true;
  return insert->run();
}

Status DepartureNotes::row_moved(const RowKey& key, const ScopeId& from, const ScopeId& to) {
  const Table& table = schema_->table(key.table);
  return put({table.name, value_of_key(table, key.row), from, &to, "moved", 1});
}

Status DepartureNotes::row_left(const RowKey& key) {
  const Table& table = schema_->table(key.table);
  DS_ASSIGN(const auto forget,
            db_->kept("DELETE FROM ds_conflict WHERE \"table\" = ?1 AND \"row\" = ?2"));
  const Value row = value_of_key(table, key.row);
  forget->bind(1, std::string_view(table.name));
  forget->bind(2, row);
  return forget->run();
}

Status DepartureNotes::scope_lost(const ScopeId& scope, std::uint64_t rows) {
  return put({"", Value::text(scope.code), scope, nullptr, "scope_lost", rows});
}

Status DepartureNotes::row_is_here(const RowKey& key) {
  DS_ASSIGN(const bool noted, any());
  if (!noted) return {};
  const Table& table = schema_->table(key.table);
  DS_ASSIGN(const auto forget,
            db_->kept("DELETE FROM ds_departed WHERE \"table\" = ?1 AND id = ?2"));
  const Value row = value_of_key(table, key.row);
  forget->bind(1, std::string_view(table.name));
  forget->bind(2, row);
  return forget->run();
}

Status DepartureNotes::scopes_are_held(const std::vector<ScopeId>& scopes) {
  DS_ASSIGN(const bool noted, any());
  if (!noted) return {};
  DS_ASSIGN(const auto forget,
            db_->kept("DELETE FROM ds_departed WHERE \"table\" = '' AND id = ?1"));
  for (const ScopeId& scope : scopes) {
    forget->bind(1, std::string_view(scope.code));
    DS_TRY(forget->run());
  }
  return {};
}

Status DepartureNotes::keep_newest() {
  if (!wrote_) return {};
  DS_ASSIGN(const auto trim,
            db_->kept("DELETE FROM ds_departed WHERE position <= (SELECT position FROM ds_departed"
                      " ORDER BY position DESC LIMIT 1 OFFSET ?1)"));
  trim->bind(1, static_cast<std::int64_t>(limits::departed_notes_max));
  return trim->run();
}

}  // namespace doorstep
