#include "engine/core/value_text.hpp"

#include <charconv>
#include <optional>

#include "engine/core/uuid.hpp"

namespace doorstep {
namespace {

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, number);
  if (code != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<Bytes> bytes_in(std::string_view text) {
  if (const auto id = parse_uuid(text)) return Bytes(id->begin(), id->end());
  return from_hex(text);
}

}  // namespace

Result<Value> value_of_text(const Column& column, std::string_view text) {
  switch (column.type) {
    case ColumnType::integer:
    case ColumnType::timestamp:
      if (const auto number = number_in<std::int64_t>(text)) return Value::integer(*number);
      break;
    case ColumnType::boolean:
      if (text == "true") return Value::integer(1);
      if (text == "false") return Value::integer(0);
      if (const auto number = number_in<std::int64_t>(text)) {
        return normalise(column, Value::integer(*number));
      }
      break;
    case ColumnType::real:
      if (const auto number = number_in<double>(text)) {
        return normalise(column, Value::real(*number));
      }
      break;
    case ColumnType::uuid:
    case ColumnType::blob:
      if (const auto bytes = bytes_in(text)) return normalise(column, Value::blob(*bytes));
      break;
    case ColumnType::text:
    case ColumnType::date:
    case ColumnType::json:
    case ColumnType::attachment:
      break;
  }
  return normalise(column, Value::text(text));
}

std::string text_of_key(const RowId& row) {
  return row.view().size() == DeviceId::size ? to_hex(row.view()) : std::string(row.text());
}

std::string text_of_key(const Table& table, const RowId& row) {
  return table.key_type == ColumnType::text ? std::string(row.text()) : to_hex(row.view());
}

Result<RowId> key_of_text(const Table& table, std::string_view text) {
  if (table.key_type != ColumnType::uuid) return key_of(table, Value::text(text));
  const auto bytes = bytes_in(text);
  return key_of(table, bytes ? Value::blob(*bytes) : Value::text(text));
}

}  // namespace doorstep
