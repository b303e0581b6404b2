#include "tests/bench/visits.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <array>

#include "engine/core/uuid.hpp"
#include "engine/ports/random.hpp"
#include "engine/sqlite/ddl.hpp"

namespace doorstep::bench {
namespace {

constexpr std::array fragments = {
    "血压较上次平稳",   "已提醒按时服药", "家中老人行动不便", "子女在外务工", "下月复查血糖",
    "院内路面湿滑",     "厨房通风不好",   "精神状态良好",     "腰腿疼痛加重", "已联系镇卫生院",
    "申请低保材料待补", "孩子上学需接送", "屋顶有漏雨",       "建议减少饮酒", "邻里帮忙照看"};
constexpr std::array kinds = {"routine", "birthday", "illness", "festival", "emergency"};
constexpr std::int64_t first_ms = 1'735'689'600'000;  // 2025-01-01
constexpr std::int64_t day_ms = 86'400'000;

std::string findings_of(Random& random) {
  std::string text;
  for (std::uint64_t i = 0, n = 3 + random.below(5); i < n; ++i) {
    if (i > 0) text += "，";
    text += fragments[random.below(fragments.size())];
  }
  return text;
}

std::string date_of(std::int64_t ms) { return to_rfc3339({ms}).substr(0, 10); }

Value column_value(const Column& column, Random& random, const Value& household,
                   std::int64_t typed_ms) {
  if (column.name == "household_id") return household;
  if (column.name == "visitor") return Value::text("志愿者" + std::to_string(random.below(6)));
  if (column.name == "visited_on") return Value::text(date_of(typed_ms));
  if (column.name == "typed_at") return Value::integer(typed_ms);
  if (column.name == "kind")
    return Value::text(std::string_view(kinds[random.below(kinds.size())]));
  if (column.name == "findings") return Value::text(findings_of(random));
  if (column.name == "follow_up_on" && random.below(10) < 4) {
    return Value::text(
        date_of(typed_ms + static_cast<std::int64_t>(7 + random.below(50)) * day_ms));
  }
  return Value::null();
}

std::string text_of_value(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::blob:
      return std::string(text_of(value.as_blob()));
    case Value::Kind::text:
      return std::string(value.as_text());
    case Value::Kind::integer:
      return std::to_string(value.as_integer());
    case Value::Kind::real:
      return fmt::format("{:g}", value.as_real());
    case Value::Kind::null:
      break;
  }
  return {};
}

double compressed_bytes(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  return static_cast<double>(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 19));
}

}  // namespace

std::vector<VisitRow> make_visits(const Table& visit, std::size_t count, const Value& household,
                                  std::uint64_t seed) {
  SeededRandom random(seed);
  UuidSource ids;
  std::vector<VisitRow> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t typed_ms = first_ms + static_cast<std::int64_t>(i) * 3'000'000;
    std::array<std::uint8_t, 10> draw{};
    random.fill(draw);
    VisitRow row{Value::blob(ids.next({typed_ms}, draw))};
    for (const Column& column : visit.columns)
      row.push_back(column_value(column, random, household, typed_ms));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string insert_sql(const Table& table) {
  std::string places = "?";
  for (std::size_t i = 0; i < table.columns.size(); ++i) places += ", ?";
  return "INSERT INTO \"" + table.name + "\" (" + sqlite::column_list(table) + ") VALUES (" +
         places + ")";
}

std::string update_sql(const Table& table, ColumnId column) {
  return "UPDATE \"" + table.name + "\" SET \"" + table.column(column).name + "\" = ? WHERE \"" +
         table.key + "\" = ?";
}

double zstd_csv_bytes(const std::vector<VisitRow>& rows) {
  std::string csv;
  for (const VisitRow& row : rows) {
    for (const Value& value : row) csv += text_of_value(value) + ',';
    csv += '\n';
  }
  return compressed_bytes(csv) / static_cast<double>(rows.size());
}

double zstd_column_bytes(const std::vector<VisitRow>& rows) {
  double bytes = 0;
  for (std::size_t column = 0; column < rows.at(0).size(); ++column) {
    std::string lines;
    for (const VisitRow& row : rows) lines += text_of_value(row[column]) + '\n';
    bytes += compressed_bytes(lines);
  }
  return bytes / static_cast<double>(rows.size());
}

}  // namespace doorstep::bench
