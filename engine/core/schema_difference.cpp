#include "engine/core/schema_difference.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace doorstep {
namespace {

using AdditionKind = SchemaDifference::Addition::Kind;

std::string in_quotes(std::string_view name) { return "'" + std::string(name) + "'"; }

std::string_view column_name(const Table& table, const std::optional<ColumnId>& column) {
  return column ? std::string_view(table.column(*column).name) : std::string_view();
}

std::string_view target_of(const Schema& schema, const Column& column) {
  return column.references ? std::string_view(schema.table(*column.references).name)
                           : std::string_view();
}

std::string scope_of(const Table& table) {
  switch (table.scope.kind) {
    case ScopeRule::Kind::key:
      return "key";
    case ScopeRule::Kind::column:
      return "column " + table.column(table.scope.column).name;
    case ScopeRule::Kind::via:
      return "via " + table.column(table.scope.column).name;
  }
  return {};
}

std::string tree_of(const Schema& schema) {
  if (!schema.tree()) return "none";
  const Table& table = schema.table(schema.tree()->table);
  return table.name + "." + table.column(schema.tree()->parent).name;
}

template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

class Comparison {
 public:
  Comparison(const Schema& from, const Schema& to) : from_(from), to_(to) {}

  SchemaDifference run() {
    compare_whole();
    for (const Table& table : from_.tables()) {
      if (to_.find_table(table.name)) continue;
      refuse("table " + in_quotes(table.name) +
             " is gone: devices on the older schema still write it. Keep it; to stop using it, "
             "take it out of the app first and leave it here (docs/schema.md)");
    }
    bool new_ones = false;
    for (const Table& table : to_.tables()) {
      const auto old = from_.find_table(table.name);
      if (old) {
        if (std::exchange(new_ones, false)) {
          refuse("table " + in_quotes(table.name) +
                 ": new tables stand before it; write new tables after the old ones");
        }
        compare_table(from_.table(*old), table);
      } else {
        new_ones = true;
        add(AdditionKind::table, table.name, "");
        for (const Column& column : table.columns) {
          out_.columns.push_back({table.name, column.name});
        }
      }
    }
    check_order(from_.tables(), to_.tables(), "", "tables");
    compare_roles();
    std::sort(out_.columns.begin(), out_.columns.end());
    const bool grew = !out_.added.empty();
    if (grew && out_.refused.empty() && to_.version() <= from_.version()) {
      refuse("version " + std::to_string(to_.version()) + " is not above " +
             std::to_string(from_.version()) + ", which is in use: raise 'version', so that " +
             "people can tell who is on what");
    }
    return std::move(out_);
  }

 private:
  void add(AdditionKind kind, std::string table, std::string name) {
    out_.added.push_back({kind, std::move(table), std::move(name)});
  }
  void refuse(std::string sentence) { out_.refused.push_back(std::move(sentence)); }
  void refuse_change(const std::string& where, std::string_view what, std::string_view before,
                     std::string_view after, std::string_view instead) {
    const auto shown = [](std::string_view value) {
      return value.empty() ? std::string("none") : in_quotes(value);
    };
    refuse(where + ": " + std::string(what) + " changes from " + shown(before) + " to " +
           shown(after) + "; " + std::string(instead));
  }

  void compare_whole() {
    if (from_.name() != to_.name()) {
      refuse("the schema's name changes from " + in_quotes(from_.name()) + " to " +
             in_quotes(to_.name()) + ": this is another schema; keep the name");
    }
    if (tree_of(from_) != tree_of(to_)) {
      refuse("the scope tree changes from " + tree_of(from_) + " to " + tree_of(to_) +
             ": every device's scopes rest on it; keep it");
    }
  }

  void compare_table(const Table& before, const Table& after) {
    const std::string where = "table " + in_quotes(after.name);
    const std::string_view instead = "make a new table and move the rows (docs/schema.md)";
    if (before.key != after.key || before.key_type != after.key_type) {
      refuse_change(where, "the key", before.key + " " + std::string(name_of(before.key_type)),
                    after.key + " " + std::string(name_of(after.key_type)), instead);
    }
    if (scope_of(before) != scope_of(after)) {
      refuse_change(where, "the scope", scope_of(before), scope_of(after), instead);
    }
    if (before.append_only != after.append_only) {
      refuse(where + ": append_only changes; " + std::string(instead));
    }
    if (column_name(before, before.corrects) != column_name(after, after.corrects)) {
      refuse_change(where, "'corrects'", column_name(before, before.corrects),
                    column_name(after, after.corrects), instead);
    }
    if (before.on_delete != after.on_delete) {
      refuse_change(where, "on_delete", name_of(before.on_delete), name_of(after.on_delete),
                    "keep it: phones on both schemas delete");
    }
    compare_columns(before, after);
    compare_named(after, before.rules, after.rules, AdditionKind::rule, "rule");
    compare_named(after, before.match_keys, after.match_keys, AdditionKind::match_key, "match key");
  }

  void compare_columns(const Table& before, const Table& after) {
    for (const Column& column : before.columns) {
      if (after.find_column(column.name)) continue;
      refuse(place(after, column) +
             ": it is gone, and devices on the older schema still write it. Keep it; to rename, "
             "add the new column, write both, and stop reading the old one (docs/schema.md)");
    }
    bool new_ones = false;
    for (const Column& column : after.columns) {
      if (const auto old = before.find_column(column.name)) {
        if (std::exchange(new_ones, false)) {
          refuse(place(after, column) +
                 ": new columns stand before it; write new columns after the table's old ones");
        }
        compare_column(before, before.column(*old), after, column);
      } else {
        new_ones = true;
        add_column(before, after, column);
      }
    }
    check_order(before.columns, after.columns, "table " + in_quotes(after.name) + ", ", "columns");
  }

  /// Numbers of tables and columns never change, so the old ones keep their order.
  template <class Named>
  void check_order(const std::vector<Named>& before, const std::vector<Named>& after,
                   const std::string& where, const std::string& words) {
    const Named* last = nullptr;
    for (const Named& one : before) {
      const Named* now = find_named(after, one.name);
      if (now == nullptr) continue;
      if (last != nullptr && now < last) {
        refuse(where + in_quotes(one.name) + ": old " + words + " keep their order; move it back");
        return;
      }
      last = now;
    }
  }

  void add_column(const Table& before, const Table& after, const Column& column) {
    add(AdditionKind::column, after.name, column.name);
    out_.columns.push_back({after.name, column.name});
    if (column.required) {
      refuse(place(after, column) +
             ": a new column cannot be required, for the rows that are there have no value in it; "
             "leave 'required' out and let the app ask for it");
    }
    const bool joins = !column.group.empty() &&
                       std::any_of(before.columns.begin(), before.columns.end(),
                                   [&](const Column& old) { return old.group == column.group; });
    if (joins) {
      refuse(place(after, column) + ": it joins the group " + in_quotes(column.group) +
             ", which older devices write without it; give the new columns a group of their own");
    }
  }

  void compare_column(const Table& table_before, const Column& before, const Table& table_after,
                      const Column& after) {
    const std::string where = place(table_after, after);
    const std::string_view instead = "add a new column instead (docs/schema.md)";
    if (before.type != after.type)
      refuse_change(where, "the type", name_of(before.type), name_of(after.type), instead);
    if (before.policy != after.policy)
      refuse_change(where, "the policy", name_of(before.policy), name_of(after.policy), instead);
    if (before.group != after.group)
      refuse_change(where, "the group", before.group, after.group, instead);
    if (target_of(from_, before) != target_of(to_, after)) {
      refuse_change(where, "what it references", target_of(from_, before), target_of(to_, after),
                    instead);
    }
    if (!before.required && after.required) {
      refuse(where +
             ": it becomes required, but older devices still leave it out; let the app ask for it "
             "and leave 'required' out");
    }
    if (before.required && !after.required) {
      add(AdditionKind::change, table_before.name, after.name + " is no longer required");
    }
    compare_states(table_after, before, after);
  }

  void compare_states(const Table& table, const Column& before, const Column& after) {
    std::size_t kept = 0;
    for (const std::string& state : after.states) {
      if (kept < before.states.size() && before.states[kept] == state) {
        ++kept;
      } else if (std::find(before.states.begin(), before.states.end(), state) ==
                 before.states.end()) {
        add(AdditionKind::state, table.name, after.name + ": " + state);
      }
    }
    if (kept == before.states.size()) return;
    refuse(place(table, after) + ": the state " + in_quotes(before.states[kept]) +
           " is gone or stands elsewhere in the order; keep the old states in their order and put "
           "new ones between or after them");
  }

  template <class Named>
  void compare_named(const Table& table, const std::vector<Named>& before,
                     const std::vector<Named>& after, AdditionKind kind, const std::string& word) {
    for (const Named& one : after) {
      if (find_named(before, one.name) == nullptr) add(kind, table.name, one.name);
    }
    for (const Named& one : before) {
      if (find_named(after, one.name) == nullptr) {
        add(AdditionKind::change, table.name, word + " " + one.name + " no longer holds");
      }
    }
  }

  void compare_roles() {
    for (const Role& role : to_.roles()) {
      if (find_named(from_.roles(), role.name) == nullptr) add(AdditionKind::role, "", role.name);
    }
    for (const Role& role : from_.roles()) {
      if (find_named(to_.roles(), role.name) != nullptr) continue;
      refuse("role " + in_quotes(role.name) + " is gone: devices hold it; keep it");
    }
  }

  static std::string place(const Table& table, const Column& column) {
    return "table " + in_quotes(table.name) + ", column " + in_quotes(column.name);
  }

  const Schema& from_;
  const Schema& to_;
  SchemaDifference out_;
};

}  // namespace

SchemaDifference difference_of(const Schema& from, const Schema& to) {
  return Comparison(from, to).run();
}

std::string_view name_of(SchemaDifference::Addition::Kind kind) {
  constexpr std::array<std::string_view, 7> names = {"table", "column",    "state", "role",
                                                     "rule",  "match_key", "change"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace doorstep
