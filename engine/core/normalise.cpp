// Values as their columns store them, and keys. Declared in schema.hpp.
#include <chrono>
#include <cmath>
#include <limits>

#include "engine/core/json.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/policy.hpp"
#include "engine/core/schema.hpp"
#include "engine/core/set_value.hpp"
#include "engine/core/stored_form.hpp"

namespace doorstep {
namespace {

using Kind = Value::Kind;

Error bad(const Column& column, std::string_view wanted, const Value& value) {
  return error(ErrorCode::bad_value, "column " + column.name + " (" +
                                         std::string(name_of(column.type)) + ") wants " +
                                         std::string(wanted) + ", not " + value.display());
}

/// The integer that a number is, as a STRICT column would take it: 3.0 is 3, 3.5 is none.
std::optional<std::int64_t> whole_number(const Value& value) {
  if (value.kind() == Kind::integer) return value.as_integer();
  if (value.kind() != Kind::real) return std::nullopt;
  const double number = value.as_real();
  constexpr double two_to_63 = 9223372036854775808.0;
  if (!(number >= -two_to_63 && number < two_to_63) || number != std::floor(number))
    return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<int> read_digits(std::string_view text) {
  int out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return out;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = read_digits(text.substr(0, 4));
  const auto month = read_digits(text.substr(5, 2));
  const auto day = read_digits(text.substr(8, 2));
  if (!year || !month || !day) return false;
  return std::chrono::year_month_day(std::chrono::year(*year),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day)))
      .ok();
}

Result<Value> as_integer(const Column& column, const Value& value, std::string_view wanted) {
  if (const auto number = whole_number(value)) return Value::integer(*number);
  return bad(column, wanted, value);
}

Result<Value> as_real(const Column& column, const Value& value) {
  if (value.kind() == Kind::integer) return Value::real(static_cast<double>(value.as_integer()));
  // Infinity has no form in JSON, which people and tools read these values through.
  if (value.kind() == Kind::real && std::isfinite(value.as_real())) return value;
  return bad(column, "a finite number", value);
}

Result<Value> as_boolean(const Column& column, const Value& value) {
  const auto number = whole_number(value);
  if (number && (*number == 0 || *number == 1)) return Value::integer(*number);
  return bad(column, "0 or 1", value);
}

Result<Value> as_text(const Column& column, Value value) {
  if (value.kind() != Kind::text) return bad(column, "text", value);
  if (!is_valid_text(value.as_text())) {
    return error(ErrorCode::bad_value,
                 "column " + column.name + " holds text that is not UTF-8 or has U+0000 in it");
  }
  return value;
}

Result<Value> as_json(const Column& column, Value value) {
  if (value.kind() == Kind::text && is_json(value.as_text())) return value;
  return bad(column, "well-formed JSON text", value);
}

Result<Value> as_set(const Column& column, const Value& value) {
  if (const auto elements = parse_set(value)) return format_set(*elements);
  return bad(column, "a set: a JSON array of texts such as [\"a\",\"b\"]", value);
}

Result<Value> by_type(const Column& column, Value value) {
  switch (column.type) {
    case ColumnType::uuid:
      if (value.kind() == Kind::blob && value.as_blob().size() == 16) return value;
      return bad(column, "a blob of 16 bytes", value);
    case ColumnType::text:
      return as_text(column, std::move(value));
    case ColumnType::integer:
      return as_integer(column, value, "a whole number");
    case ColumnType::timestamp:
      return as_integer(column, value, "whole milliseconds since 1970-01-01 UTC");
    case ColumnType::real:
      return as_real(column, value);
    case ColumnType::boolean:
      return as_boolean(column, value);
    case ColumnType::date:
      if (value.kind() == Kind::text && is_date(value.as_text())) return value;
      return bad(column, "a date YYYY-MM-DD that exists", value);
    case ColumnType::blob:
      if (value.kind() == Kind::blob) return value;
      return bad(column, "a blob", value);
    case ColumnType::json:
    case ColumnType::attachment:
      return as_json(column, std::move(value));
  }
  return bad(column, "a known type", value);
}

}  // namespace

Result<Value> normalise(const Column& column, Value value) {
  if (value.is_null()) return value;
  if (value.payload_size() > limits::value_bytes_max) {
    return error(ErrorCode::bad_value,
                 "column " + column.name + " holds " + std::to_string(value.payload_size()) +
                     " bytes; at most " + std::to_string(limits::value_bytes_max) + " fit");
  }
  const bool is_set = rules_of(column.policy).shape == PolicyRules::Shape::elements;
  return is_set ? as_set(column, value) : by_type(column, std::move(value));
}

bool is_stored_form(const Column& column, const Value& value) {
  if (value.is_null()) return true;
  if (value.payload_size() > limits::value_bytes_max) return false;
  if (rules_of(column.policy).shape == PolicyRules::Shape::elements) {
    const auto stored = as_set(column, value);
    return stored.ok() && *stored == value;
  }
  switch (column.type) {
    case ColumnType::uuid:
      return value.kind() == Kind::blob && value.as_blob().size() == 16;
    case ColumnType::text:
      return value.kind() == Kind::text && is_valid_text(value.as_text());
    case ColumnType::integer:
    case ColumnType::timestamp:
      return value.kind() == Kind::integer;
    case ColumnType::boolean:
      return value.kind() == Kind::integer && (value.as_integer() == 0 || value.as_integer() == 1);
    case ColumnType::real:
      return value.kind() == Kind::real && std::isfinite(value.as_real());
    case ColumnType::date:
      return value.kind() == Kind::text && is_date(value.as_text());
    case ColumnType::blob:
      return value.kind() == Kind::blob;
    case ColumnType::json:
    case ColumnType::attachment:
      return value.kind() == Kind::text && is_json(value.as_text());
  }
  return false;
}

Result<RowId> key_of(const Table& table, const Value& value) {
  const auto refuse = [&](std::string_view wanted) {
    return error(ErrorCode::bad_key, "table " + table.name + ": " + table.key + " must be " +
                                         std::string(wanted) + ", not " + value.display());
  };
  if (table.key_type == ColumnType::uuid) {
    if (value.kind() != Kind::blob || value.as_blob().size() != 16)
      return refuse("a blob of 16 bytes");
    return *RowId::from(value.as_blob());
  }
  if (value.kind() == Kind::text && is_valid_text(value.as_text())) {
    if (const auto row = RowId::from(value.as_text())) return *row;
  }
  return refuse("UTF-8 text of 1 to " + std::to_string(limits::key_bytes_max) + " bytes");
}

Value value_of_key(const Table& table, const RowId& row) {
  return table.key_type == ColumnType::uuid ? Value::blob(row.view()) : Value::text(row.text());
}

}  // namespace doorstep
