// The schema model: what an app declares about its tables, and all that the engine knows of them.
// The engine knows no table by name. A Schema is immutable once built and safe to share between
// threads. The TOML form and its loader are in schema/; DDL is made from it in engine/sqlite.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

enum class ColumnType : std::uint8_t {
  uuid,
  text,
  integer,
  real,
  boolean,
  timestamp,
  date,
  blob,
  json,
  attachment
};

/// What concurrent writes of one cell become: a place in the list of policy.cpp, which alone knows
/// them by name. docs/merge-rules.md is the table.
enum class MergePolicy : std::uint8_t {
  latest,
  first,
  max,
  min,
  counter,
  set,
  concat,
  ranked,
  review,
  hub
};

/// What a delete does when it meets an edit that it had not seen.
enum class DeletePolicy : std::uint8_t { edit_wins, delete_wins };

struct Column {
  std::string name;
  ColumnType type = ColumnType::text;
  MergePolicy policy = MergePolicy::latest;
  bool required = false;              ///< a device may not write NULL here
  std::optional<TableId> references;  ///< holds the key of a row of that table
  std::string group;                  ///< columns of one group merge as one cell; empty: on its own
  std::vector<std::string> states;    ///< policy ranked: the declared order
};

/// Where a row's scope comes from.
struct ScopeRule {
  enum class Kind : std::uint8_t {
    key,     ///< the row's own key is the scope code (the organisation tree itself)
    column,  ///< a text column holds the scope code
    via      ///< the scope of the row that a reference column points at
  };
  Kind kind = Kind::column;
  ColumnId column;  ///< for column and via
};

/// A named condition that the hub checks inside the merging transaction (SEMANTICS D1). A
/// transaction that breaks one is rejected whole.
struct Rule {
  std::string name;  ///< unique in its table
  /// One SELECT on the app's tables and columns. It may use :id, the key of a row of this table
  /// that the transaction wrote; the rule is broken when it returns a row.
  std::string broken_if;
  std::string message;  ///< what the person is told
};

/// Which rows of a table may be one and the same thing, registered twice (SEMANTICS D6). Two rows
/// agree in a key when all its `equal` columns are equal after match_text(), none of them empty,
/// and the `similar` one, if there is one, is alike.
struct MatchKey {
  std::string name;                 ///< unique in its table; named as a reason of a proposal
  std::optional<ColumnId> similar;  ///< a text column: names that may be spelled differently
  std::vector<ColumnId> equal;
  bool same_scope = false;   ///< only rows of one scope are compared
  std::uint8_t score = 100;  ///< 1 to 100: what it says when all of it is equal
};

struct Table {
  std::string name;
  std::string key = "id";                  ///< name of the key column; not among `columns`
  ColumnType key_type = ColumnType::uuid;  ///< uuid (16 bytes) or text
  std::vector<Column> columns;             ///< at least one
  ScopeRule scope;
  bool append_only = false;          ///< rows are inserted, never changed or deleted
  std::optional<ColumnId> corrects;  ///< append_only: the column that points at the corrected row
  DeletePolicy on_delete = DeletePolicy::edit_wins;
  std::vector<Rule> rules;
  std::vector<MatchKey> match_keys;

  [[nodiscard]] std::optional<ColumnId> find_column(std::string_view column_name) const;
  [[nodiscard]] const Column& column(ColumnId id) const { return columns[id.index]; }
};

/// What a role may see and write (RoleRights); nothing of a table that it does not name.
struct Role {
  struct Grant {
    TableId table;
    bool read = true;
    bool write = false;
    std::vector<ColumnId> hidden;  ///< columns that the role does not see
  };
  std::string name;
  std::vector<Grant> grants;
};

/// The tree of scopes: rows of `table`, each naming its parent's key in `parent`.
struct ScopeTree {
  TableId table;
  ColumnId parent;
};

class Schema {
 public:
  struct Parts {
    std::string name;
    std::uint32_t version = 1;
    std::vector<Table> tables;
    std::vector<Role> roles;
    std::optional<ScopeTree> tree;
    std::string source;  ///< the text that it was loaded from; sent to devices as it is
  };

  /// Checks what no parser can: names unique and well-formed, references and via chains resolve and
  /// end, policies fit types (counter on integer, set and concat on text), limits hold. The error
  /// says which table and column. A default-constructed Schema has no tables.
  [[nodiscard]] static Result<Schema> make(Parts parts);
  Schema() = default;

  [[nodiscard]] const std::string& name() const { return parts_.name; }
  [[nodiscard]] std::uint32_t version() const { return parts_.version; }
  [[nodiscard]] const std::vector<Table>& tables() const { return parts_.tables; }
  [[nodiscard]] const std::vector<Role>& roles() const { return parts_.roles; }
  [[nodiscard]] const std::optional<ScopeTree>& tree() const { return parts_.tree; }
  [[nodiscard]] const std::string& source() const { return parts_.source; }
  [[nodiscard]] const Table& table(TableId id) const { return parts_.tables[id.index]; }
  [[nodiscard]] std::optional<TableId> find_table(std::string_view table_name) const;

  /// Over everything that matters to merging and storage (not comments or layout): two sides with
  /// equal fingerprints agree on every rule.
  [[nodiscard]] Fingerprint fingerprint() const { return fingerprint_; }

 private:
  Parts parts_;
  Fingerprint fingerprint_;
};

[[nodiscard]] std::string_view name_of(ColumnType type);
[[nodiscard]] std::string_view name_of(MergePolicy policy);
[[nodiscard]] std::string_view name_of(DeletePolicy policy);
[[nodiscard]] std::optional<ColumnType> column_type_of(std::string_view name);
[[nodiscard]] std::optional<MergePolicy> merge_policy_of(std::string_view name);
[[nodiscard]] std::optional<DeletePolicy> delete_policy_of(std::string_view name);

/// The value as its column stores it: integers in a real column become reals, a set is parsed,
/// sorted and written canonically, text is checked to be UTF-8 without U+0000, uuids to be 16
/// bytes, booleans 0 or 1, dates YYYY-MM-DD, lengths within limits. Error bad_value names the
/// column.
[[nodiscard]] Result<Value> normalise(const Column& column, Value value);

/// The value as the key of a row of `table`; error bad_key.
[[nodiscard]] Result<RowId> key_of(const Table& table, const Value& value);
/// The key as a value: blob for uuid keys, text for text keys.
[[nodiscard]] Value value_of_key(const Table& table, const RowId& row);

}  // namespace doorstep
