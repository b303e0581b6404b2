#include "schema/loader.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "engine/core/limits.hpp"
#include "engine/core/policy.hpp"
#include "schema/match_keys.hpp"
#include "schema/spelling.hpp"
#include "schema/toml_places.hpp"

namespace doorstep {
namespace {

const Words type_words = {"uuid",      "text", "integer", "real", "boolean",
                          "timestamp", "date", "blob",    "json", "attachment"};
const Words policy_words = [] {
  Words words;
  for (const PolicyRules& rules : all_policies()) words.emplace_back(rules.name);
  return words;
}();
const Words delete_words = {"edit_wins", "delete_wins"};

class Loader : private TomlPlaces {
 public:
  Loader(const toml::table& root, std::string_view text, std::string_view file)
      : TomlPlaces(file), root_(root), text_(text) {}

  Result<Schema> run() {
    DS_TRY(only(root_, {"name", "version", "tree", "tables", "roles"}, "the schema"));
    DS_ASSIGN(parts_.name, text_at(root_, "name", "the schema", true));
    DS_ASSIGN(parts_.version, version());
    DS_TRY(declare_tables());
    for (std::size_t i = 0; i < parts_.tables.size(); ++i) {
      DS_TRY(read_columns(i));
      DS_TRY(read_table(i));
    }
    DS_TRY(read_match_keys(text_, file(), parts_));
    DS_TRY(read_tree());
    DS_TRY(read_roles());
    parts_.source = text_;
    auto schema = Schema::make(std::move(parts_));
    if (!schema) return placed(schema.error());
    return schema;
  }

 private:
  /// Schema::make names places in words ("table 'visit', column 'note': ..."); the longest of those
  /// words that was met in the file gives the line.
  [[nodiscard]] Error placed(const Error& found) const {
    const toml::source_region* where = &root_.source();
    std::size_t longest = 0;
    for (const auto& [words, region] : places_) {
      if (words.size() > longest && found.detail.starts_with(words)) {
        where = &region;
        longest = words.size();
      }
    }
    return at(*where, found.detail);
  }

  [[nodiscard]] Result<std::uint32_t> version() const {
    const toml::node* node = root_.get("version");
    if (node == nullptr) return at(root_.source(), "the schema needs 'version'; write version = 1");
    const auto* number = node->as_integer();
    if (number == nullptr || number->get() < 1 ||
        number->get() > std::numeric_limits<std::uint32_t>::max()) {
      return at(node->source(), "'version' must be a whole number from 1 on");
    }
    return static_cast<std::uint32_t>(number->get());
  }

  /// Names first, so that tables may refer to ones further down.
  Status declare_tables() {
    const toml::node* node = root_.get("tables");
    if (node == nullptr) return at(root_.source(), "the schema has no tables; write [tables.NAME]");
    DS_ASSIGN(const toml::table* tables, as_table(*node, "'tables'", "[tables.NAME]"));
    for (const Entry& entry : in_file_order(*tables)) {
      const std::string where = "table " + in_quotes(entry.name());
      DS_ASSIGN(const toml::table* body, as_table(*entry.node, where, "[tables.NAME]"));
      places_.emplace(where, entry.key->source());
      bodies_.push_back(body);
      parts_.tables.emplace_back().name = entry.name();
    }
    return {};
  }

  Status read_columns(std::size_t index) {
    Table& table = parts_.tables[index];
    const std::string where = "table " + in_quotes(table.name);
    const toml::node* node = bodies_[index]->get("columns");
    const std::string example = "[tables." + table.name + ".columns]";
    if (node == nullptr)
      return at(bodies_[index]->source(), where + " has no columns; write " + example);
    DS_ASSIGN(const toml::table* columns, as_table(*node, "'columns' of " + where, example));
    for (const Entry& entry : in_file_order(*columns)) {
      places_.emplace(where + ", column " + in_quotes(entry.name()), entry.key->source());
      DS_ASSIGN(Column column, read_column(entry, where));
      table.columns.push_back(std::move(column));
    }
    return {};
  }

  Result<Column> read_column(const Entry& entry, const std::string& table_words) const {
    const std::string where = "column " + in_quotes(entry.name()) + " of " + table_words;
    Column column;
    column.name = entry.name();
    if (entry.node->is_string()) {
      DS_ASSIGN(column.type,
                choice<ColumnType>(*entry.node, "type of " + where, type_words, column_type_of));
      return column;
    }
    DS_ASSIGN(const toml::table* body,
              as_table(*entry.node, where, "\"text\" or { type = \"text\", ... }"));
    DS_TRY(only(*body, {"type", "policy", "required", "references", "group", "states"}, where));
    const toml::node* type = body->get("type");
    if (type == nullptr)
      return at(entry.key->source(), where + " needs a type; write type = \"text\"");
    DS_ASSIGN(column.type,
              choice<ColumnType>(*type, "type of " + where, type_words, column_type_of));
    if (const toml::node* policy = body->get("policy")) {
      DS_ASSIGN(column.policy,
                choice<MergePolicy>(*policy, "policy of " + where, policy_words, merge_policy_of));
    }
    DS_ASSIGN(column.required, flag_at(*body, "required", where, false));
    DS_ASSIGN(column.group, text_at(*body, "group", where));
    if (const toml::node* target = body->get("references")) {
      DS_ASSIGN(column.references, table_named(*target, "'references' of " + where));
    }
    if (const toml::node* states = body->get("states")) {
      DS_ASSIGN(column.states, texts(*states, "'states' of " + where));
    }
    return column;
  }

  Result<TableId> table_named(const toml::node& node, const std::string& what) const {
    DS_ASSIGN(const std::string name, as_text(node, what));
    Words known;
    for (std::size_t i = 0; i < parts_.tables.size(); ++i) {
      if (parts_.tables[i].name == name) return TableId{static_cast<std::uint16_t>(i)};
      known.push_back(parts_.tables[i].name);
    }
    return at(node.source(), what + " names no table " + in_quotes(name) + suggestion(name, known));
  }

  Result<ColumnId> column_named(const toml::node& node, const Table& table,
                                const std::string& what) const {
    DS_ASSIGN(const std::string name, as_text(node, what));
    if (const auto id = table.find_column(name)) return *id;
    Words known;
    for (const Column& column : table.columns) known.push_back(column.name);
    return at(node.source(), what + " names no column " + in_quotes(name) + " of table " +
                                 in_quotes(table.name) + suggestion(name, known));
  }

  Status read_table(std::size_t index) {
    Table& table = parts_.tables[index];
    const toml::table& body = *bodies_[index];
    const std::string where = "table " + in_quotes(table.name);
    DS_TRY(only(body,
                {"key", "key_type", "scope", "via", "append_only", "corrects", "on_delete",
                 "columns", "match", "rules"},
                where));
    DS_ASSIGN(const std::string key, text_at(body, "key", where));
    if (!key.empty()) table.key = key;
    if (const toml::node* type = body.get("key_type")) {
      DS_ASSIGN(table.key_type, choice<ColumnType>(*type, "key_type of " + where, {"uuid", "text"},
                                                   column_type_of));
    }
    DS_ASSIGN(table.append_only, flag_at(body, "append_only", where, false));
    if (const toml::node* corrects = body.get("corrects")) {
      DS_ASSIGN(table.corrects, column_named(*corrects, table, "'corrects' of " + where));
    }
    if (const toml::node* policy = body.get("on_delete")) {
      DS_ASSIGN(table.on_delete, choice<DeletePolicy>(*policy, "on_delete of " + where,
                                                      delete_words, delete_policy_of));
    }
    DS_TRY(read_rules(body, table, where));
    return read_scope(body, table, where);
  }

  Status read_rules(const toml::table& body, Table& table, const std::string& where) {
    const toml::node* node = body.get("rules");
    if (node == nullptr) return {};
    const std::string example = "[tables." + table.name + ".rules.NAME]";
    DS_ASSIGN(const toml::table* rules, as_table(*node, "'rules' of " + where, example));
    for (const Entry& entry : in_file_order(*rules)) {
      const std::string words = where + ", rule " + in_quotes(entry.name());
      places_.emplace(words, entry.key->source());
      DS_ASSIGN(const toml::table* rule, as_table(*entry.node, words, example));
      DS_TRY(only(*rule, {"broken_if", "message"}, words));
      Rule read;
      read.name = entry.name();
      DS_ASSIGN(read.broken_if, text_at(*rule, "broken_if", words, true));
      DS_ASSIGN(read.message, text_at(*rule, "message", words, true));
      table.rules.push_back(std::move(read));
    }
    return {};
  }

  Status read_scope(const toml::table& body, Table& table, const std::string& where) const {
    const toml::node* scope = body.get("scope");
    const toml::node* via = body.get("via");
    if ((scope == nullptr) == (via == nullptr)) {
      return at(body.source(),
                where +
                    " needs either scope or via; write scope = \"COLUMN\" for the column that "
                    "holds the scope code, scope = \"key\", or via = \"COLUMN\" for one that "
                    "references its parent");
    }
    if (via != nullptr) {
      table.scope.kind = ScopeRule::Kind::via;
      DS_ASSIGN(table.scope.column, column_named(*via, table, "'via' of " + where));
      return {};
    }
    DS_ASSIGN(const std::string name, as_text(*scope, "'scope' of " + where));
    if (name == "key") {
      table.scope.kind = ScopeRule::Kind::key;
      return {};
    }
    DS_ASSIGN(table.scope.column, column_named(*scope, table, "'scope' of " + where));
    return {};
  }

  Status read_tree() {
    const toml::node* node = root_.get("tree");
    if (node == nullptr) return {};
    DS_ASSIGN(const toml::table* tree, as_table(*node, "'tree'", "[tree]"));
    DS_TRY(only(*tree, {"table", "parent"}, "[tree]"));
    const toml::node* table = tree->get("table");
    const toml::node* parent = tree->get("parent");
    if (table == nullptr || parent == nullptr) {
      return at(tree->source(),
                "[tree] needs both; write table = \"TABLE\" and parent = \"COLUMN\"");
    }
    ScopeTree out;
    DS_ASSIGN(out.table, table_named(*table, "'table' of [tree]"));
    DS_ASSIGN(out.parent,
              column_named(*parent, parts_.tables[out.table.index], "'parent' of [tree]"));
    parts_.tree = out;
    places_.emplace("tree of", tree->source());
    return {};
  }

  Status read_roles() {
    const toml::node* node = root_.get("roles");
    if (node == nullptr) return {};
    DS_ASSIGN(const toml::table* roles, as_table(*node, "'roles'", "[roles.NAME]"));
    for (const Entry& entry : in_file_order(*roles)) {
      const std::string where = "role " + in_quotes(entry.name());
      DS_ASSIGN(const toml::table* grants, as_table(*entry.node, where, "[roles.NAME]"));
      places_.emplace(where, entry.key->source());
      Role role;
      role.name = entry.name();
      for (const Entry& grant : in_file_order(*grants)) {
        DS_ASSIGN(Role::Grant read, read_grant(grant, where));
        role.grants.push_back(std::move(read));
      }
      parts_.roles.push_back(std::move(role));
    }
    return {};
  }

  Result<Role::Grant> read_grant(const Entry& entry, const std::string& role) const {
    const std::string where = role + ", table " + in_quotes(entry.name());
    Role::Grant grant;
    Words known;
    for (const Table& table : parts_.tables) known.push_back(table.name);
    const auto found = std::find(known.begin(), known.end(), entry.name());
    if (found == known.end()) {
      return at(entry.key->source(), role + " names no table " + in_quotes(entry.name()) +
                                         suggestion(entry.name(), known));
    }
    grant.table = {static_cast<std::uint16_t>(found - known.begin())};
    if (const auto* word = entry.node->as_string()) {
      if (word->get() != "read" && word->get() != "write") {
        return at(entry.node->source(),
                  where + ": write \"read\", \"write\" (which reads too), or { read = true, ... }");
      }
      grant.write = word->get() == "write";
      return grant;
    }
    DS_ASSIGN(const toml::table* body,
              as_table(*entry.node, where, "\"read\", \"write\" or { read = true, ... }"));
    DS_TRY(only(*body, {"read", "write", "hidden"}, where));
    DS_ASSIGN(grant.read, flag_at(*body, "read", where, true));
    DS_ASSIGN(grant.write, flag_at(*body, "write", where, false));
    const toml::node* hidden = body->get("hidden");
    const toml::array* list = hidden == nullptr ? nullptr : hidden->as_array();
    if (hidden != nullptr && list == nullptr) {
      return at(hidden->source(), "'hidden' of " + where + " must be a list; write [\"COLUMN\"]");
    }
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      DS_ASSIGN(const ColumnId column,
                column_named((*list)[i], parts_.tables[grant.table.index], "'hidden' of " + where));
      grant.hidden.push_back(column);
    }
    return grant;
  }

  const toml::table& root_;
  std::string text_;
  Schema::Parts parts_;
  std::vector<const toml::table*> bodies_;             // of parts_.tables, in the same order
  std::map<std::string, toml::source_region> places_;  // of the words that Schema::make begins with
};

}  // namespace

Result<Schema> load_schema(std::string_view toml_text, std::string_view file_name) {
  if (toml_text.size() > limits::schema_bytes_max) {
    return error(ErrorCode::schema_invalid,
                 std::string(file_name) + ":1:1: the schema is longer than " +
                     std::to_string(limits::schema_bytes_max) + " bytes; shorten it");
  }
  try {
    const toml::table root = toml::parse(toml_text, file_name);
    return Loader(root, toml_text, file_name).run();
  } catch (const toml::parse_error& failure) {
    const auto& where = failure.source().begin;
    return error(ErrorCode::schema_invalid,
                 std::string(file_name) + ":" + std::to_string(where.line) + ":" +
                     std::to_string(where.column) +
                     ": this is not TOML: " + std::string(failure.description()));
  }
}

}  // namespace doorstep
