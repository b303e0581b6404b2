#include "schema/figures/figure_set.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace doorstep::figures {
namespace {

constexpr std::array<std::pair<std::string_view, Unit>, 4> units = {
    {{"count", Unit::count}, {"fen", Unit::fen}, {"mean", Unit::mean}, {"percent", Unit::percent}}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> fields_of(std::string_view text, char separator = '|') {
  std::vector<std::string> fields;
  for (;;) {
    const std::size_t end = text.find(separator);
    fields.emplace_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

bool is_identifier(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string_view::npos;
}

class Parser {
 public:
  Result<FigureSet> parse(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++number_;
      DS_TRY(take(line));
    }
    return std::move(set_);
  }

 private:
  Status take(std::string_view line) {
    const auto rest = [&](std::string_view word) {
      return line.starts_with(word) ? fields_of(line.substr(word.size()))
                                    : std::vector<std::string>();
    };
    if (const auto fields = rest("-- part "); !fields.empty()) return begin_part(fields);
    if (const auto fields = rest("-- figure "); !fields.empty()) return begin_figure(fields);
    if (const auto fields = rest("-- list "); !fields.empty()) return begin_list(fields);
    if (const auto fields = rest("-- late "); !fields.empty()) return begin_late(fields);
    if (into_ != nullptr && !line.starts_with("--") && !trimmed(line).empty())
      into_->append(line).append("\n");
    return {};
  }

  [[nodiscard]] Error wrong(const std::string& what) const {
    return error(ErrorCode::malformed, "line " + std::to_string(number_) + ": " + what);
  }

  Status begin_part(const std::vector<std::string>& fields) {
    const std::size_t name_ends = fields[0].find('(');
    if (fields.size() != 1 || name_ends == std::string::npos || fields[0].back() != ')' ||
        !is_identifier(fields[0].substr(0, name_ends)) || is_part(fields[0].substr(0, name_ends)))
      return wrong("a part has a name of its own and its columns, name(column, ...)");
    set_.parts.push_back({fields[0].substr(0, name_ends), fields[0], {}});
    into_ = &set_.parts.back().select;
    return {};
  }

  Status begin_figure(const std::vector<std::string>& fields) {
    const bool now = fields.size() == 5 && fields[4] == "now";
    if (fields.size() != 4 && !now) return wrong("a figure has a name, two titles and a unit");
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const auto& one) { return one.first == fields[3]; });
    if (unit == units.end()) return wrong("no unit " + fields[3]);
    if (is_taken(fields[0])) return wrong(fields[0] + " is there twice");
    set_.figures.push_back({fields[0], fields[1], fields[2], unit->second, now, {}});
    into_ = &set_.figures.back().select;
    return {};
  }

  Status begin_list(const std::vector<std::string>& fields) {
    if (fields.size() != 3 || is_taken(fields[0]))
      return wrong("a list has a name of its own and two titles");
    set_.lists.push_back({fields[0], fields[1], fields[2], {}});
    into_ = &set_.lists.back().select;
    return {};
  }

  Status begin_late(const std::vector<std::string>& fields) {
    const auto same = [&](const LateRows& one) { return one.table == fields[0]; };
    if (fields.size() != 4 || std::any_of(set_.late.begin(), set_.late.end(), same))
      return wrong("late rows have a table of their own, two titles and the columns that count");
    set_.late.push_back({fields[0], fields[1], fields[2], fields_of(fields[3], ','), {}});
    into_ = &set_.late.back().select;
    return {};
  }

  /// Parts have names of their own: "visits" counts "visits".
  [[nodiscard]] bool is_part(const std::string& name) const {
    return std::any_of(set_.parts.begin(), set_.parts.end(),
                       [&](const Part& one) { return one.name == name; });
  }
  [[nodiscard]] bool is_taken(const std::string& name) const {
    const auto has = [&](const auto& one) { return one.name == name; };
    return std::any_of(set_.figures.begin(), set_.figures.end(), has) ||
           std::any_of(set_.lists.begin(), set_.lists.end(), has);
  }

  FigureSet set_;
  std::size_t number_ = 0;
  std::string* into_ = nullptr;
};

}  // namespace

std::string FigureSet::whole(const std::string& select) const {
  std::string sql;
  for (const Part& part : parts) {
    sql += sql.empty() ? "WITH RECURSIVE\n" : ",\n";
    sql += part.head + " AS (\n" + part.select + ")";
  }
  return sql + (sql.empty() ? "" : "\n") + select;
}

Result<FigureSet> parse_figures(std::string_view text) { return Parser().parse(text); }

}  // namespace doorstep::figures
