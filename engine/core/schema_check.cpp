#include "engine/core/schema_check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "engine/core/limits.hpp"
#include "engine/core/policy.hpp"

namespace doorstep {
namespace {

Error invalid(std::string detail) { return error(ErrorCode::schema_invalid, std::move(detail)); }

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

/// Lowercase only: SQL names do not tell case apart, so two spellings of one name could never both
/// exist.
Status check_name(std::string_view name, const std::string& what) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), fits) || name[0] < 'a') {
    return invalid(what + " " + quoted(name) +
                   " is no name; use lowercase letters, digits and underscores, a letter first");
  }
  if (name.size() > limits::name_bytes_max) {
    return invalid(what + " " + quoted(name) + " is longer than " +
                   std::to_string(limits::name_bytes_max) + " bytes");
  }
  if (name.starts_with("ds_") || name.starts_with("sqlite_") || name == "rowid" || name == "oid") {
    return invalid(what + " " + quoted(name) +
                   " is a reserved name (ds_..., sqlite_..., rowid, oid); choose another");
  }
  return {};
}

/// May the policy rest on this type? Empty when it may, else what to write.
std::string policy_complaint(const Column& column) {
  const PolicyRules& rules = rules_of(column.policy);
  const auto& types = rules.types;
  if (types.empty() || std::find(types.begin(), types.end(), column.type) != types.end()) return "";
  std::string complaint = "policy " + std::string(rules.name) + " needs type ";
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i > 0) complaint += i + 1 < types.size() ? ", " : " or ";
    complaint += name_of(types[i]);
  }
  return complaint;
}

bool is_plain(MergePolicy policy) { return rules_of(policy).plain; }

class TableCheck {
 public:
  TableCheck(const Schema::Parts& parts, const Table& table) : parts_(parts), table_(table) {}

  Status run() const {
    DS_TRY(check_name(table_.name, "table"));
    DS_TRY(check_name(table_.key, where() + ": the key"));
    if (table_.key_type != ColumnType::uuid && table_.key_type != ColumnType::text) {
      return complain("a key is of type uuid, or text for reference tables");
    }
    if (table_.columns.empty()) return complain("a table needs at least one column beside its key");
    if (table_.columns.size() > limits::column_count_max) {
      return complain("a table has at most " + std::to_string(limits::column_count_max) +
                      " columns");
    }
    std::set<std::string_view> names = {table_.key};
    for (const Column& column : table_.columns) {
      if (!names.insert(column.name).second)
        return complain(column, "the name is taken; every column needs its own");
      DS_TRY(check_column(column));
    }
    DS_TRY(check_groups());
    DS_TRY(check_corrects());
    DS_TRY(check_rules());
    DS_TRY(check_match_keys());
    return check_scope();
  }

 private:
  [[nodiscard]] std::string where() const { return "table " + quoted(table_.name); }
  [[nodiscard]] Error complain(const std::string& what) const {
    return invalid(where() + ": " + what);
  }
  [[nodiscard]] Error complain(const Column& column, const std::string& what) const {
    return invalid(where() + ", column " + quoted(column.name) + ": " + what);
  }

  [[nodiscard]] Status check_column(const Column& column) const {
    DS_TRY(check_name(column.name, where() + ": column"));
    if (const std::string what = policy_complaint(column); !what.empty())
      return complain(column, what);
    if (rules_of(column.policy).shape == PolicyRules::Shape::elements && column.required) {
      return complain(column,
                      "an empty set is NULL, so a set cannot be required; leave 'required' out");
    }
    return column.references ? check_reference(column) : check_states(column);
  }

  [[nodiscard]] Status check_states(const Column& column) const {
    if (!rules_of(column.policy).has_states) {
      return column.states.empty()
                 ? Status{}
                 : Status{complain(column, "'states' belongs to policy ranked only")};
    }
    const std::set<std::string_view> different(column.states.begin(), column.states.end());
    if (column.states.size() < 2 || different.size() != column.states.size() ||
        different.contains("")) {
      return complain(column,
                      "policy ranked needs 'states', at least two different ones, in their order");
    }
    return {};
  }

  [[nodiscard]] Status check_reference(const Column& column) const {
    if (column.references->index >= parts_.tables.size())
      return complain(column, "it references no declared table");
    const Table& target = parts_.tables[column.references->index];
    if (column.type != target.key_type) {
      return complain(column, "it references table " + quoted(target.name) +
                                  ", whose key is of type " +
                                  std::string(name_of(target.key_type)) + "; declare that type");
    }
    if (!is_plain(column.policy))
      return complain(column, "a reference merges by latest, first, review or hub");
    return check_states(column);
  }

  [[nodiscard]] Status check_groups() const {
    std::map<std::string_view, std::vector<const Column*>> groups;
    for (const Column& column : table_.columns) {
      if (!column.group.empty()) groups[column.group].push_back(&column);
    }
    for (const auto& [name, members] : groups) {
      DS_TRY(check_name(name, where() + ": group"));
      if (members.size() < 2)
        return complain(*members.front(), "it is alone in its group; leave 'group' out");
      for (const Column* column : members) {
        if (column->policy != members.front()->policy) {
          return complain(*column,
                          "columns of one group merge as one cell and need the same policy");
        }
        if (!is_plain(column->policy))
          return complain(*column, "a group merges by latest, first, review or hub");
      }
    }
    return {};
  }

  [[nodiscard]] Status check_corrects() const {
    if (!table_.corrects) return {};
    if (!table_.append_only) return complain("'corrects' belongs to append_only tables");
    if (table_.corrects->index >= table_.columns.size())
      return complain("'corrects' names no column");
    const Column& column = table_.column(*table_.corrects);
    if (!column.references || &parts_.tables[column.references->index] != &table_) {
      return complain(column, "a column that 'corrects' names must reference its own table");
    }
    return {};
  }

  /// What a rule's SQL may do is checked where it is prepared, at the hub.
  [[nodiscard]] Status check_rules() const {
    if (table_.rules.size() > limits::rule_count_max) {
      return complain("a table has at most " + std::to_string(limits::rule_count_max) + " rules");
    }
    std::set<std::string_view> names;
    for (const Rule& rule : table_.rules) {
      DS_TRY(check_name(rule.name, where() + ": rule"));
      const auto wrong = [&](std::string_view what) {
        return invalid(where() + ", rule " + quoted(rule.name) + ": " + std::string(what));
      };
      if (!names.insert(rule.name).second) return wrong("the name is taken");
      if (rule.broken_if.empty() || rule.broken_if.size() > limits::rule_sql_bytes_max)
        return wrong("'broken_if' needs one SELECT of at most 16 KiB");
      if (rule.message.empty() || rule.message.size() > limits::rule_message_bytes_max)
        return wrong("'message' needs 1 to 1000 bytes of text, for the person who wrote the row");
    }
    return {};
  }

  [[nodiscard]] Status check_match_keys() const {
    std::set<std::string_view> names;
    for (const MatchKey& key : table_.match_keys) {
      DS_TRY(check_name(key.name, where() + ": match key"));
      const std::string what =
          names.insert(key.name).second ? complaint_about(table_, key) : "the name is taken";
      if (!what.empty()) return complain("match key " + quoted(key.name) + ": " + what);
    }
    return {};
  }

  [[nodiscard]] Status check_scope() const {
    if (table_.scope.kind == ScopeRule::Kind::key) {
      return table_.key_type == ColumnType::text
                 ? Status{}
                 : Status{complain("scope = \"key\" needs a text key, the scope code")};
    }
    if (table_.scope.column.index >= table_.columns.size())
      return complain("its scope names no column");
    const Column& column = table_.column(table_.scope.column);
    if (!is_plain(column.policy))
      return complain(column, "a scope rests on policy latest, first, review or hub");
    if (!column.group.empty())
      return complain(column, "a scope rests on a column of its own; leave 'group' out");
    if (table_.scope.kind == ScopeRule::Kind::column) {
      return column.type == ColumnType::text
                 ? Status{}
                 : Status{complain(column, "a scope code is of type text")};
    }
    if (!column.references)
      return complain(column, "'via' needs a column that references the parent table");
    return check_chain();
  }

  /// From here to the scope code: no circle, not too far.
  [[nodiscard]] Status check_chain() const {
    const Table* at = &table_;
    for (std::size_t step = 0; at->scope.kind == ScopeRule::Kind::via; ++step) {
      const bool known = at->scope.column.index < at->columns.size();
      const auto target = known ? at->column(at->scope.column).references : std::nullopt;
      if (!target || target->index >= parts_.tables.size())
        return {};  // that table's own check says it
      at = &parts_.tables[target->index];
      if (at == &table_ || step >= limits::via_depth_max) {
        return complain("its scope goes in a circle or over more than " +
                        std::to_string(limits::via_depth_max) +
                        " tables; end it with scope = \"column\" or \"key\"");
      }
    }
    return {};
  }

  const Schema::Parts& parts_;
  const Table& table_;
};

Status check_tree(const Schema::Parts& parts) {
  if (!parts.tree) return {};
  if (parts.tree->table.index >= parts.tables.size())
    return invalid("the tree names no declared table");
  const Table& table = parts.tables[parts.tree->table.index];
  const std::string where = "tree of table " + quoted(table.name) + ": ";
  if (table.scope.kind != ScopeRule::Kind::key)
    return invalid(where + "the table needs scope = \"key\"");
  if (parts.tree->parent.index >= table.columns.size())
    return invalid(where + "'parent' names no column");
  const Column& parent = table.column(parts.tree->parent);
  if (!parent.references || *parent.references != parts.tree->table) {
    return invalid(where + "column " + quoted(parent.name) + " must reference the table itself");
  }
  return {};
}

// What is hidden must be free to be: a row is placed by its scope column, a group is one cell, and
// who writes rows must be able to fill them.
Status check_hidden(const Table& table, const Role::Grant& grant, const std::string& where) {
  const auto hides = [&](std::size_t column) {
    return std::any_of(grant.hidden.begin(), grant.hidden.end(),
                       [&](ColumnId one) { return one.index == column; });
  };
  for (const ColumnId hidden : grant.hidden) {
    if (hidden.index >= table.columns.size())
      return invalid(where + ": a hidden column is not declared");
    const Column& column = table.column(hidden);
    const std::string what = where + ": column " + quoted(column.name) + " cannot be hidden, ";
    if (table.scope.kind != ScopeRule::Kind::key && table.scope.column == hidden)
      return invalid(what + "it says where a row belongs");
    if (grant.write && column.required)
      return invalid(what + "it is required and the role writes the table");
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (!column.group.empty() && table.columns[i].group == column.group && !hides(i))
        return invalid(what + "the rest of its group is not");
    }
  }
  return {};
}

bool reads(const Role& role, TableId table) {
  return std::any_of(role.grants.begin(), role.grants.end(), [&](const Role::Grant& grant) {
    return grant.table == table && (grant.read || grant.write);
  });
}

Status check_roles(const Schema::Parts& parts) {
  std::set<std::string_view> names;
  for (const Role& role : parts.roles) {
    DS_TRY(check_name(role.name, "role"));
    if (!names.insert(role.name).second)
      return invalid("role " + quoted(role.name) + " is declared twice");
    std::set<TableId> tables;
    for (const Role::Grant& grant : role.grants) {
      if (grant.table.index >= parts.tables.size()) {
        return invalid("role " + quoted(role.name) + " grants a table that is not declared");
      }
      const Table& table = parts.tables[grant.table.index];
      const std::string where = "role " + quoted(role.name) + ", table " + quoted(table.name);
      if (!tables.insert(grant.table).second) return invalid(where + ": granted twice");
      DS_TRY(check_hidden(table, grant, where));
      const bool hangs = table.scope.kind == ScopeRule::Kind::via;
      if (hangs && !reads(role, *table.column(table.scope.column).references))
        return invalid(where + ": the role must read the table that its rows hang on");
    }
  }
  return {};
}

}  // namespace

Status check_schema(const Schema::Parts& parts) {
  DS_TRY(check_name(parts.name, "schema"));
  if (parts.tables.empty()) return invalid("a schema needs at least one table");
  if (parts.tables.size() > limits::table_count_max) {
    return invalid("a schema has at most " + std::to_string(limits::table_count_max) + " tables");
  }
  std::set<std::string_view> names;
  for (const Table& table : parts.tables) {
    if (!names.insert(table.name).second)
      return invalid("table " + quoted(table.name) + " is declared twice");
    DS_TRY(TableCheck(parts, table).run());
  }
  DS_TRY(check_tree(parts));
  return check_roles(parts);
}

}  // namespace doorstep
