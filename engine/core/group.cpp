#include "engine/core/group.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "engine/core/bytes.hpp"
#include "engine/core/defect.hpp"
#include "engine/core/json.hpp"

namespace doorstep {
namespace {

// JSON has no infinity; a number too large for 64 bits stands for it, as JSON readers have it.
constexpr std::string_view infinity = "1e999";

void append_real(std::string& out, double value) {
  if (std::isinf(value)) {
    if (value < 0) out += '-';
    out += infinity;
    return;
  }
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  out += text;
  // A real stays a real, whatever reads it.
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_value(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      out += "null";
      break;
    case Value::Kind::integer:
      out += std::to_string(value.as_integer());
      break;
    case Value::Kind::real:
      append_real(out, value.as_real());
      break;
    case Value::Kind::text:
      append_json_string(out, value.as_text());
      break;
    case Value::Kind::blob:
      append_json_string(out, to_hex(value.as_blob()));
      break;
  }
}

std::optional<Value> number_of(std::string_view text) {
  const char* const end = text.data() + text.size();
  if (text.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t out = 0;
    const auto read = std::from_chars(text.data(), end, out);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return Value::integer(out);
  }
  if (text == infinity) return Value::real(HUGE_VAL);
  if (text.starts_with('-') && text.substr(1) == infinity) return Value::real(-HUGE_VAL);
  double out = 0;
  const auto read = std::from_chars(text.data(), end, out);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return Value::real(out);
}

/// Reads one value of `column` and moves `at` behind it.
std::optional<Value> read_value(const Column& column, std::string_view text, std::size_t& at) {
  skip_json_space(text, at);
  if (text.substr(at).starts_with('"')) {
    auto found = read_json_string(text, at);
    if (!found) return std::nullopt;
    const bool binary = column.type == ColumnType::uuid || column.type == ColumnType::blob;
    if (!binary) return Value::text(*std::move(found));
    const auto bytes = from_hex(*found);
    if (!bytes) return std::nullopt;
    return Value::blob(*bytes);
  }
  const std::size_t end = std::min(text.find_first_of(",} \t\r\n", at), text.size());
  const std::string_view word = text.substr(at, end - at);
  at = end;
  if (word == "null") return Value::null();
  return number_of(word);
}

bool take(std::string_view text, std::size_t& at, char wanted) {
  skip_json_space(text, at);
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

/// One `"name": value`; false when it is none, or names no column of the group.
bool read_member(const Table& table, std::span<const ColumnId> columns, std::string_view text,
                 std::size_t& at, std::vector<Value>& values) {
  skip_json_space(text, at);
  const auto name = read_json_string(text, at);
  if (!name || !take(text, at, ':')) return false;
  const auto place = std::find_if(columns.begin(), columns.end(), [&](ColumnId column) {
    return table.column(column).name == *name;
  });
  if (place == columns.end()) return false;
  auto value = read_value(table.column(*place), text, at);
  if (!value) return false;
  values[static_cast<std::size_t>(place - columns.begin())] = *std::move(value);
  return true;
}

std::optional<std::vector<Value>> read_tuple(const Table& table, std::span<const ColumnId> columns,
                                             std::string_view text) {
  std::vector<Value> values(columns.size());
  std::size_t at = 0;
  if (!take(text, at, '{')) return std::nullopt;
  if (!take(text, at, '}')) {
    do {
      if (!read_member(table, columns, text, at, values)) return std::nullopt;
    } while (take(text, at, ','));
    if (!take(text, at, '}')) return std::nullopt;
  }
  skip_json_space(text, at);
  if (at != text.size()) return std::nullopt;
  return values;
}

/// The part of `change` that writes the cell of `columns`, as one.
CellChange gather(const Table& table, std::span<const ColumnId> columns, const RowChange& change,
                  const RowImage* shown) {
  CellChange gathered{columns.front(), Value::null(), std::nullopt};
  std::vector<Value> values(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (shown != nullptr) values[i] = shown->values[columns[i].index];
    const auto cell = std::find_if(change.cells.begin(), change.cells.end(),
                                   [&](const CellChange& one) { return one.column == columns[i]; });
    if (cell == change.cells.end()) continue;
    if (const auto* value = std::get_if<Value>(&cell->edit)) values[i] = *value;
    if (cell->decision != Decision::none) gathered.decision = cell->decision;
    if (cell->observed && (!gathered.observed || *cell->observed < *gathered.observed))
      gathered.observed = cell->observed;
  }
  if (change.kind != RowChange::Kind::remove) gathered.edit = value_of_cell(table, columns, values);
  return gathered;
}

}  // namespace

bool has_groups(const Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [](const Column& column) { return !column.group.empty(); });
}

std::vector<ColumnId> cell_columns(const Table& table, ColumnId column) {
  const std::string& group = table.column(column).group;
  if (group.empty() || DS_DEFECT("group_split")) return {column};
  std::vector<ColumnId> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].group == group) columns.push_back({static_cast<std::uint16_t>(i)});
  }
  return columns;
}

ColumnId lead_of(const Table& table, ColumnId column) {
  const std::string& group = table.column(column).group;
  if (group.empty() || DS_DEFECT("group_split")) return column;
  const auto lead = std::find_if(table.columns.begin(), table.columns.end(),
                                 [&](const Column& one) { return one.group == group; });
  return {static_cast<std::uint16_t>(lead - table.columns.begin())};
}

Value value_of_cell(const Table& table, std::span<const ColumnId> columns,
                    std::span<const Value> values) {
  if (columns.size() == 1) return values.front();
  if (std::all_of(values.begin(), values.end(), [](const Value& v) { return v.is_null(); }))
    return Value::null();
  std::string text = "{";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) text += ',';
    append_json_string(text, table.column(columns[i]).name);
    text += ':';
    append_value(text, values[i]);
  }
  text += '}';
  return Value::text(std::string_view(text));
}

Value cell_value(const Table& table, std::span<const ColumnId> columns, const RowImage& image) {
  if (columns.size() == 1) return image.values[columns.front().index];
  std::vector<Value> values;
  values.reserve(columns.size());
  for (const ColumnId column : columns) values.push_back(image.values[column.index]);
  return value_of_cell(table, columns, values);
}

std::optional<std::vector<Value>> values_of_cell(const Table& table,
                                                 std::span<const ColumnId> columns,
                                                 const Value& value) {
  if (columns.size() == 1) return std::vector<Value>{value};
  if (value.is_null()) return std::vector<Value>(columns.size());
  if (value.kind() != Value::Kind::text) return std::nullopt;
  return read_tuple(table, columns, value.as_text());
}

RowChange gather_groups(const Table& table, RowChange change, const RowImage* shown) {
  if (!has_groups(table)) return change;
  const RowChange whole = std::move(change);
  RowChange gathered = whole;
  gathered.cells.clear();
  std::vector<ColumnId> done;
  for (const CellChange& cell : whole.cells) {
    if (table.column(cell.column).group.empty()) {
      gathered.cells.push_back(cell);
      continue;
    }
    const std::vector<ColumnId> columns = cell_columns(table, cell.column);
    if (std::find(done.begin(), done.end(), columns.front()) != done.end()) continue;
    done.push_back(columns.front());
    gathered.cells.push_back(gather(table, columns, whole, shown));
  }
  std::sort(gathered.cells.begin(), gathered.cells.end(),
            [](const CellChange& a, const CellChange& b) { return a.column < b.column; });
  return gathered;
}

}  // namespace doorstep
