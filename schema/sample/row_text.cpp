#include "schema/sample/row_text.hpp"

#include "engine/core/json.hpp"

namespace doorstep::sample {
namespace {

std::string sql_literal(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::blob:
      return "x'" + to_hex(value.as_blob()) + "'";
    case Value::Kind::text: {
      std::string out = "'";
      for (const char c : value.as_text()) {
        out += c;
        if (c == '\'') out += c;
      }
      return out + "'";
    }
    case Value::Kind::null:
    case Value::Kind::integer:
    case Value::Kind::real:
      return value.display();
  }
  return "NULL";
}

std::string json_literal(const Value& value) {
  std::string out;
  switch (value.kind()) {
    case Value::Kind::null:
      return "null";
    case Value::Kind::integer:
    case Value::Kind::real:
      return value.display();
    case Value::Kind::text:
      append_json_string(out, value.as_text());
      return out;
    case Value::Kind::blob:
      append_json_string(out, to_hex(value.as_blob()));
      return out;
  }
  return out;
}

std::string in_double_quotes(std::string_view name) { return '"' + std::string(name) + '"'; }

}  // namespace

std::string sql_text(const SampleRow& row) {
  std::string names = in_double_quotes(row.key_column);
  std::string values = sql_literal(row.key);
  for (const auto& [name, value] : row.columns) {
    if (value.is_null()) continue;
    names += ", " + in_double_quotes(name);
    values += ", " + sql_literal(value);
  }
  return "INSERT INTO " + in_double_quotes(row.table) + " (" + names + ") VALUES (" + values + ");";
}

std::string json_text(const SampleRow& row) {
  std::string out = "{\"table\":" + in_double_quotes(row.table) + ',' +
                    in_double_quotes(row.key_column) + ':' + json_literal(row.key);
  for (const auto& [name, value] : row.columns) {
    if (!value.is_null()) out += ',' + in_double_quotes(name) + ':' + json_literal(value);
  }
  return out + '}';
}

}  // namespace doorstep::sample
