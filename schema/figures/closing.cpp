#include "schema/figures/closing.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "engine/core/json_line.hpp"
#include "schema/figures/report_text.hpp"

namespace doorstep::figures {
namespace {

// An app, or a role, without closings has no such table.
constexpr const char* table_sql =
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'closed_period' AND sql LIKE "
    "'%corrects_id%'";

constexpr const char* closings_sql = R"sql(
WITH RECURSIVE unit(code) AS (
  SELECT :scope
  UNION
  SELECT org_unit.code FROM unit CROSS JOIN org_unit ON org_unit.parent_code = unit.code)
SELECT closed_period.unit_code, closed_period.period, lower(hex(closed_period.id)),
  closed_period.closed_on, closed_period.closed_by, closed_period.why,
  closed_period.hub_position, closed_period.digest, figure.key, figure.value
FROM unit CROSS JOIN closed_period ON closed_period.unit_code = unit.code
LEFT JOIN json_each(closed_period.figures) AS figure
WHERE :period IN ('', closed_period.period)
ORDER BY closed_period.unit_code, closed_period.period, closed_period.hub_position,
  closed_period.id)sql";

std::string text_in(const Value& value) {
  return value.kind() == Value::Kind::text ? std::string(value.as_text()) : std::string();
}

std::optional<double> number_in(const Value& value) {
  if (value.kind() == Value::Kind::integer) return static_cast<double>(value.as_integer());
  if (value.kind() == Value::Kind::real) return value.as_real();
  return std::nullopt;
}

Closing closing_of(const std::vector<Value>& row) {
  Closing closing;
  closing.id = text_in(row[2]);
  closing.on = text_in(row[3]);
  closing.by = text_in(row[4]);
  closing.why = text_in(row[5]);
  if (row[6].kind() == Value::Kind::integer)
    closing.position = static_cast<std::uint64_t>(std::max<std::int64_t>(row[6].as_integer(), 0));
  closing.digest = text_in(row[7]);
  return closing;
}

/// As a closing would have kept it, so that both are rounded alike.
Amount kept(Unit unit, const Amount& amount) {
  if (unit == Unit::count || unit == Unit::fen) return amount;
  if (amount.weight == 0) return {};
  const double shown = std::strtod(amount_json(unit, amount).c_str(), nullptr);
  return {unit == Unit::percent ? shown / 100 : shown, 1};
}

}  // namespace

Result<std::vector<ClosedPeriod>> read_closed_periods(const RunQuery& run, const std::string& scope,
                                                      const std::string& period) {
  std::vector<ClosedPeriod> all;
  DS_ASSIGN(const QueryResult table, run(table_sql, {}));
  if (table.rows.empty()) return all;
  DS_ASSIGN(const QueryResult found, run(closings_sql, {{"scope", scope}, {"period", period}}));
  for (const auto& row : found.rows) {
    const std::string unit = text_in(row[0]);
    const std::string name = text_in(row[1]);
    if (all.empty() || all.back().unit != unit || all.back().period != name)
      all.push_back({unit, name, {}});
    std::vector<Closing>& closings = all.back().closings;
    if (closings.empty() || closings.back().id != text_in(row[2]))
      closings.push_back(closing_of(row));
    if (!row[8].is_null())
      closings.back().figures.insert_or_assign(text_in(row[8]), number_in(row[9]));
  }
  return all;
}

std::optional<Amount> amount_in(const Closing& closing, const Column& column) {
  const auto found = closing.figures.find(column.name);
  if (found == closing.figures.end()) return std::nullopt;
  const std::optional<double>& figure = found->second;
  if (!figure) return Amount{};  // a mean of nothing
  if (column.unit == Unit::percent) return Amount{*figure / 100, 1};
  return Amount{*figure, column.unit == Unit::mean ? 1.0 : 0.0};
}

std::string figures_json(const Report& report, const Line& line) {
  JsonLine json;
  for (std::size_t i = 0; i < report.columns.size(); ++i)
    json.raw(report.columns[i].name, amount_json(report.columns[i].unit, line.now[i]));
  return json.done();
}

void add_closings(Report& report, const std::vector<ClosedPeriod>& closed) {
  for (const ClosedPeriod& one : closed) {
    const auto line = std::find_if(report.lines.begin(), report.lines.end(),
                                   [&](const Line& other) { return other.code == one.unit; });
    if (line == report.lines.end() || one.period != report.period.name) continue;
    ClosedFigures figures{
        one.first().on, one.first().by, one.first().position, one.closings.size() - 1, {}};
    for (const Column& column : report.columns)
      figures.amounts.push_back(amount_in(one.last(), column));
    line->closed = std::move(figures);
  }
}

std::vector<Difference> differences_of(const FigureSet& set, const Report& report, const Line& line,
                                       const ClosedPeriod& closed) {
  std::vector<Difference> found;
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    const Column& column = report.columns[i];
    const auto first = amount_in(closed.first(), column);
    const auto last = amount_in(closed.last(), column);
    if (!first && !last) continue;
    Difference one{column, first.value_or(Amount{}), last.value_or(first.value_or(Amount{})),
                   kept(column.unit, line.now[i])};
    one.is_now = i < set.figures.size() && set.figures[i].now;
    if (one.closed == one.now && one.stated == one.now) continue;
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace doorstep::figures
