#include "engine/core/json_line.hpp"
#include "server/console/answers.hpp"
#include "server/console/units.hpp"

namespace doorstep::console {
namespace {

std::string scope_of(const Table& table) {
  switch (table.scope.kind) {
    case ScopeRule::Kind::key:
      return "key";
    case ScopeRule::Kind::column:
      return table.column(table.scope.column).name;
    case ScopeRule::Kind::via:
      return "via " + table.column(table.scope.column).name;
  }
  return "";
}

std::string column_json(const Schema& schema, const Column& column) {
  JsonList states;
  for (const std::string& state : column.states) states.text(state);
  JsonLine line;
  line.text("name", column.name)
      .text("type", name_of(column.type))
      .text("policy", name_of(column.policy))
      .boolean("required", column.required);
  if (column.references) {
    line.text("references", schema.table(*column.references).name);
  } else {
    line.null("references");
  }
  if (column.group.empty()) {
    line.null("group");
  } else {
    line.text("group", column.group);
  }
  return line.raw("states", states.done()).done();
}

}  // namespace

Result<sqlite::Database> ConsoleCall::read_database() const {
  sqlite::OpenOptions options;
  options.read_only = true;
  return sqlite::Database::open(ports.folder.database_file().string(), options);
}

Result<ConsoleAnswer> answer_scopes(ConsoleCall& call) {
  DS_TRY(call.query().done());
  DS_ASSIGN(auto db, call.read_database());
  DS_ASSIGN(const auto units, read_units(db, call.store().schema()));
  JsonList list;
  for (const OrgUnit& unit : units) {
    JsonLine line;
    line.text("code", unit.code).text("name", unit.name).text("level", unit.level);
    if (unit.parent.empty()) {
      line.null("parent");
    } else {
      line.text("parent", unit.parent);
    }
    list.raw(line.number("depth", static_cast<std::int64_t>(unit.depth)).done());
  }
  return ConsoleAnswer::json(JsonLine().raw("units", list.done()).done());
}

Result<ConsoleAnswer> answer_schema(ConsoleCall& call) {
  DS_TRY(call.query().done());
  const Schema& schema = call.store().schema();
  JsonList roles;
  for (const doorstep::Role& role : schema.roles()) roles.text(role.name);
  JsonList tables;
  for (const Table& table : schema.tables()) {
    JsonList columns;
    for (const Column& column : table.columns) columns.raw(column_json(schema, column));
    tables.raw(JsonLine()
                   .text("name", table.name)
                   .boolean("append_only", table.append_only)
                   .text("scope", scope_of(table))
                   .raw("columns", columns.done())
                   .done());
  }
  return ConsoleAnswer::json(JsonLine()
                                 .text("name", schema.name())
                                 .number("version", std::uint64_t{schema.version()})
                                 .raw("roles", roles.done())
                                 .raw("tables", tables.done())
                                 .done());
}

}  // namespace doorstep::console
