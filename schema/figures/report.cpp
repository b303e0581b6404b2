#include "schema/figures/report.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace doorstep::figures {
namespace {

constexpr const char* units_sql = R"sql(
WITH RECURSIVE unit(code, depth) AS (
  SELECT code, 0 FROM org_unit WHERE code = :scope
  UNION ALL
  SELECT org_unit.code, unit.depth + 1
  FROM unit JOIN org_unit ON org_unit.parent_code = unit.code WHERE unit.depth < 8)
SELECT unit.code, unit.depth, org_unit.parent_code, org_unit.name, org_unit.level
FROM unit JOIN org_unit ON org_unit.code = unit.code ORDER BY unit.code)sql";

std::string text_of(const Value& value) {
  return value.kind() == Value::Kind::text ? std::string(value.as_text()) : std::string();
}

Result<double> number_of(const Value& value) {
  if (value.is_null()) return 0.0;
  if (value.kind() == Value::Kind::integer) return static_cast<double>(value.as_integer());
  if (value.kind() == Value::Kind::real) return value.as_real();
  return error(ErrorCode::bad_value, "a figure gives " + value.display());
}

/// The units of a scope, each before those below it.
class Tree {
 public:
  static Result<Tree> read(const RunQuery& run, const std::string& scope) {
    DS_ASSIGN(const QueryResult found, run(units_sql, {{"scope", scope}}));
    Tree tree;
    std::map<std::string, std::vector<std::size_t>> below;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
      const auto& row = found.rows[i];
      if (row[1] == Value::integer(0)) {
        tree.add(found, i, std::nullopt);
      } else {
        below[text_of(row[2])].push_back(i);
      }
    }
    if (tree.lines.empty()) return error(ErrorCode::not_found, "unit " + scope);
    for (std::size_t at = 0; at < tree.lines.size(); ++at) tree.add_below(found, below, at);
    tree.sort();
    return tree;
  }

  /// Adds to the unit and to all above it; one that is not in the scope counts nowhere.
  void count(const std::string& code, const std::function<void(Line&)>& add) {
    auto at = places_.find(code);
    while (at != places_.end()) {
      add(lines[at->second]);
      at = places_.find(parents_[at->first]);
    }
  }

  std::vector<Line> lines;

 private:
  void add(const QueryResult& found, std::size_t i, std::optional<std::size_t> parent) {
    const auto& row = found.rows[i];
    Line line{text_of(row[0]), text_of(row[3]), text_of(row[4]), 0, {}, {}};
    if (places_.contains(line.code)) return;
    if (parent) {
      parents_[line.code] = lines[*parent].code;
      line.depth = lines[*parent].depth + 1;
    }
    places_[line.code] = lines.size();
    lines.push_back(std::move(line));
  }
  void add_below(const QueryResult& found, std::map<std::string, std::vector<std::size_t>>& below,
                 std::size_t at) {
    const auto children = below.find(lines[at].code);
    if (children == below.end()) return;
    for (const std::size_t child : children->second) add(found, child, at);
  }
  /// From the order of levels into that of a walk: each unit, then all below it.
  void sort() {
    std::map<std::string, std::vector<std::size_t>> below;
    for (std::size_t i = 1; i < lines.size(); ++i) below[parents_[lines[i].code]].push_back(i);
    std::vector<Line> walked;
    std::vector<std::size_t> open{0};
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      const auto& children = below[lines[at].code];
      open.insert(open.end(), children.rbegin(), children.rend());
      walked.push_back(lines[at]);
    }
    lines = std::move(walked);
    places_.clear();
    for (std::size_t i = 0; i < lines.size(); ++i) places_[lines[i].code] = i;
  }

  std::map<std::string, std::size_t> places_;
  std::map<std::string, std::string> parents_;
};

Parameters wanted_by(const std::string& sql, const Parameters& all) {
  Parameters wanted;
  std::copy_if(all.begin(), all.end(), std::back_inserter(wanted),
               [&](const auto& one) { return sql.find(":" + one.first) != std::string::npos; });
  return wanted;
}

bool is_word(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool uses(const std::string& sql, const std::string& name) {
  for (std::size_t at = sql.find(name); at != std::string::npos; at = sql.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_word(sql[at - 1])) && (end == sql.size() || !is_word(sql[end])))
      return true;
  }
  return false;
}

/// The parts that some figures need, in order.
class NeededParts {
 public:
  explicit NeededParts(const FigureSet& set) {
    for (auto part = set.parts.rbegin(); part != set.parts.rend(); ++part) {
      const auto needs = [&](const auto& other) { return uses(other.select, part->name); };
      if (std::any_of(set.figures.begin(), set.figures.end(), needs) ||
          std::any_of(needed_.begin(), needed_.end(),
                      [&](const Needed& other) { return needs(*other.part); }))
        needed_.push_back({&*part});
    }
    std::reverse(needed_.begin(), needed_.end());
  }

  /// Those that other parameters were asked for than the last time, or what they use.
  Status keep(const KeepPart& keep, const Parameters& parameters) {
    for (auto one = needed_.begin(); one != needed_.end(); ++one) {
      const Parameters wanted = wanted_by(one->part->select, parameters);
      one->fresh =
          wanted != one->asked || std::any_of(needed_.begin(), one, [&](const Needed& earlier) {
            return earlier.fresh && uses(one->part->select, earlier.part->name);
          });
      if (!one->fresh && one->kept) continue;
      one->fresh = one->kept = true;
      one->asked = wanted;
      DS_TRY(keep(*one->part, wanted));
    }
    return {};
  }

 private:
  struct Needed {
    const Part* part;
    Parameters asked = {};
    bool kept = false;
    bool fresh = false;  ///< it is another than the last time
  };
  std::vector<Needed> needed_;
};

Status count_figure(const Figure& figure, std::size_t column, const QueryResult& found, bool now,
                    Tree& tree) {
  const std::size_t wide = figure.unit == Unit::mean || figure.unit == Unit::percent ? 3 : 2;
  if (found.columns.size() != wide) {
    return error(ErrorCode::malformed,
                 "figure " + figure.name + " has not " + std::to_string(wide) + " columns");
  }
  for (const auto& row : found.rows) {
    Amount amount;
    DS_ASSIGN(amount.value, number_of(row[1]));
    if (wide == 3) {
      DS_ASSIGN(amount.weight, number_of(row[2]));
    }
    tree.count(text_of(row[0]),
               [&](Line& line) { (now ? line.now : line.earlier)[column] += amount; });
  }
  return {};
}

/// Every figure of the periods, the first one as now.
Result<Report> count_all(const FigureSet& set, const Queries& queries, const std::string& scope,
                         const std::vector<Period>& periods, const Progress& progress) {
  Report report{periods.front(), periods.back(), {}, {}};
  DS_ASSIGN(Tree tree, Tree::read(queries.run, scope));
  for (Line& line : tree.lines) {
    line.now.resize(set.figures.size());
    line.earlier.resize(set.figures.size());
  }
  NeededParts parts(set);
  std::size_t done = 0;
  for (std::size_t i = 0; i < periods.size(); ++i) {
    const Parameters parameters =
        parameters_of(scope, periods[i], periods.back().from, periods.front().until);
    if (queries.keep) DS_TRY(parts.keep(queries.keep, parameters));
    for (std::size_t column = 0; column < set.figures.size(); ++column) {
      const Figure& figure = set.figures[column];
      const std::string sql = queries.keep ? figure.select : set.whole(figure.select);
      DS_ASSIGN(const QueryResult found, queries.run(sql, wanted_by(sql, parameters)));
      DS_TRY(count_figure(figure, column, found, i == 0, tree));
      if (progress) progress(++done, periods.size() * set.figures.size());
    }
  }
  for (const Figure& figure : set.figures)
    report.columns.push_back({figure.name, figure.chinese, figure.english, figure.unit});
  report.lines = std::move(tree.lines);
  return report;
}

}  // namespace

Amount& Amount::operator+=(const Amount& other) {
  value += other.value;
  weight += other.weight;
  return *this;
}

Parameters parameters_of(const std::string& scope, const Period& period) {
  return parameters_of(scope, period, period.from, period.until);
}

Parameters parameters_of(const std::string& scope, const Period& period, Day first, Day last) {
  const Period half = period_of(Period::Kind::half_year, period.until);
  return {{"scope", scope},
          {"from", day_text(period.from)},
          {"until", day_text(period.until)},
          {"first", day_text(first)},
          {"last", day_text(last)},
          {"half_year", half.name},
          {"half_ends", day_text(half.until)},
          {"quarter", period_of(Period::Kind::quarter, period.until).name}};
}

Result<Report> make_report(const FigureSet& set, const Queries& queries, const std::string& scope,
                           const Period& period, const Progress& progress) {
  return count_all(set, queries, scope, {period, before(period)}, progress);
}

Result<Report> make_report_of_one(const FigureSet& set, const Queries& queries,
                                  const std::string& scope, const Period& period) {
  return count_all(set, queries, scope, {period}, {});
}

void add_column(Report& report, Column column,
                const std::vector<std::pair<std::string, double>>& now) {
  report.columns.push_back(std::move(column));
  for (Line& line : report.lines) {
    line.now.emplace_back();
    line.earlier.emplace_back();
  }
  // Lines are in the order of a walk: those above a unit are the nearest before it of each depth.
  for (const auto& one : now) {
    const auto found = std::find_if(report.lines.begin(), report.lines.end(),
                                    [&](const Line& line) { return line.code == one.first; });
    if (found == report.lines.end()) continue;
    std::size_t depth = found->depth + 1;
    for (auto at = found + 1; at != report.lines.begin();) {
      --at;
      if (at->depth >= depth) continue;
      at->now.back().value += one.second;
      depth = at->depth;
    }
  }
}

}  // namespace doorstep::figures
