#include "server/console/page.hpp"

#include <charconv>
#include <utility>

#include "engine/core/bytes.hpp"
#include "engine/core/json_line.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep::console {

using sqlite::quote_identifier;

Result<Page> read_page(FieldReader& query, std::string& field) {
  Page page;
  page.limit = query.limit();
  const auto after = query.optional_text("after");
  if (!after) return page;
  PageEnd end;
  const char* last = after->data() + after->size();
  const auto [stop, code] = std::from_chars(after->data(), last, end.number);
  if (code != std::errc{} || stop == last || *stop != '-' ||
      !from_hex(std::string_view(stop + 1, last))) {
    field = "after";
    return error(ErrorCode::bad_value, "after: not from an answer's next");
  }
  end.id.assign(stop + 1, last);
  page.after = std::move(end);
  return page;
}

void PageOf::add(std::string_view json, PageEnd end) {
  list_.raw(json);
  last_ = std::move(end);
  ++count_;
}

std::string PageOf::next() const { return more_ ? json_string(last_.text()) : "null"; }

std::string scopes_below_sql(const Schema& schema, std::string_view parameter) {
  std::string sql = "(WITH RECURSIVE below (code) AS (SELECT " + std::string(parameter);
  if (const auto& tree = schema.tree()) {
    const Table& table = schema.table(tree->table);
    sql += " UNION SELECT unit." + quote_identifier(table.key) + " FROM below JOIN " +
           quote_identifier(table.name) + " AS unit ON unit." +
           quote_identifier(table.column(tree->parent).name) + " = below.code";
  }
  return sql + ") SELECT code FROM below)";
}

std::string scope_numbers_sql(const Schema& schema, std::string_view parameter) {
  return "(SELECT scope FROM ds_scope WHERE code IN " + scopes_below_sql(schema, parameter) + ")";
}

}  // namespace doorstep::console
