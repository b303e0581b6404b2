#include "server/console/row_words.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "engine/core/group.hpp"
#include "engine/core/policy.hpp"
#include "engine/core/set_value.hpp"
#include "engine/core/value_text.hpp"

namespace doorstep::console {
namespace {

constexpr std::array<std::string_view, 3> names{"name", "head_name", "title"};
constexpr std::int64_t china_ahead_ms = std::int64_t{8} * 3'600'000;

std::optional<ColumnId> first_column(const Table& table, bool (*fits)(const Column&)) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (fits(table.columns[i])) return ColumnId{static_cast<std::uint16_t>(i)};
  }
  return std::nullopt;
}

bool is_name(const Column& column) {
  return column.type == ColumnType::text &&
         std::find(names.begin(), names.end(), column.name) != names.end();
}

/// Minutes are enough for people: 2026-11-21 16:30, in China.
std::string moment_text(std::int64_t ms) {
  constexpr std::size_t through_minutes = 16;
  constexpr std::size_t date_digits = 10;
  std::string text = to_rfc3339(Instant{ms} + china_ahead_ms).substr(0, through_minutes);
  text[date_digits] = ' ';
  return text;
}

std::string yuan_text(std::int64_t fen, bool chinese) {
  constexpr std::uint64_t hundred = 100;
  const auto amount =
      fen < 0 ? ~static_cast<std::uint64_t>(fen) + 1 : static_cast<std::uint64_t>(fen);
  const std::uint64_t rest = amount % hundred;
  std::string text = fen < 0 ? "-" : "";
  text += (chinese ? "" : "¥") + std::to_string(amount / hundred);
  if (rest != 0) text += (rest < 10 ? ".0" : ".") + std::to_string(rest);
  return chinese ? text + " 元" : text;
}

std::string list_text(const SetElements& elements, bool chinese) {
  std::string text;
  for (const std::string& one : elements) text += (text.empty() ? "" : chinese ? "、" : ", ") + one;
  return text;
}

std::string whole_text(const Column& column, std::int64_t number, bool chinese) {
  if (column.type == ColumnType::timestamp) return moment_text(number);
  if (column.type == ColumnType::boolean) {
    if (number != 0) return chinese ? "是" : "yes";
    return chinese ? "否" : "no";
  }
  if (column.name.ends_with("_fen")) return yuan_text(number, chinese);
  return std::to_string(number);
}

}  // namespace

std::optional<ColumnId> label_column(const Table& table) {
  if (const auto named = first_column(table, is_name)) return named;
  return first_column(table, [](const Column& column) {
    return column.type == ColumnType::text && column.required && !column.references &&
           column.states.empty();
  });
}

bool has_name(const Table& table) { return first_column(table, is_name).has_value(); }

std::optional<ColumnId> date_column(const Table& table) {
  const auto required = first_column(table, [](const Column& column) {
    return column.type == ColumnType::date && column.required;
  });
  if (required) return required;
  // A person's date of birth is nothing that happened in the village's work.
  if (has_name(table)) return std::nullopt;
  const auto dated = first_column(table, [](const Column& column) {
    return column.type == ColumnType::date && column.name.ends_with("_on");
  });
  if (dated) return dated;
  return first_column(table, [](const Column& column) { return column.type == ColumnType::date; });
}

bool holds_elements(const Column& column) {
  return rules_of(column.policy).shape == PolicyRules::Shape::elements;
}

std::string label_of(const Table& table, const StoredRow& row) {
  const auto column = label_column(table);
  if (column && column->index < row.image.values.size()) {
    const Value& name = row.image.values[column->index];
    if (name.kind() == Value::Kind::text && !name.as_text().empty()) {
      return std::string(name.as_text());
    }
  }
  return text_of_key(table, row.id);
}

Result<std::string> ValueWords::of(const Column& column, const Value& value) {
  if (value.is_null()) return std::string();
  if (column.references && value.kind() != Value::Kind::integer) {
    const Table& table = snapshot_.schemas().newest().table(*column.references);
    const auto row = key_of(table, value);
    if (row) return label({*column.references, *row});
  }
  switch (value.kind()) {
    case Value::Kind::integer:
      return whole_text(column, value.as_integer(), chinese_);
    case Value::Kind::blob:
      return to_hex(value.as_blob());
    case Value::Kind::text: {
      const auto elements =
          holds_elements(column) ? parse_set(value) : std::optional<SetElements>();
      return elements ? list_text(*elements, chinese_) : std::string(value.as_text());
    }
    case Value::Kind::real:
    case Value::Kind::null:
      break;
  }
  return value.display();
}

Result<std::string> ValueWords::of_cell(const Table& table, ColumnId column, const Value& value) {
  const std::vector<ColumnId> columns = cell_columns(table, column);
  const auto values = values_of_cell(table, columns, value);
  if (columns.size() == 1 || !values) return of(table.column(column), value);
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if ((*values)[i].is_null()) continue;
    const Column& one = table.column(columns[i]);
    DS_ASSIGN(const std::string words, of(one, (*values)[i]));
    text += (text.empty() ? "" : chinese_ ? "，" : ", ") + one.name + " " + words;
  }
  return text;
}

Result<std::string> ValueWords::label(const RowKey& key) {
  const auto known = labels_.find(key);
  if (known != labels_.end()) return known->second;
  const Table& table = snapshot_.schemas().newest().table(key.table);
  DS_ASSIGN(const auto row, snapshot_.row(key));
  return labels_.emplace(key, row ? label_of(table, *row) : text_of_key(table, key.row))
      .first->second;
}

}  // namespace doorstep::console
