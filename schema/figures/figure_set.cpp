#include "schema/figures/figure_set.hpp"

#include <algorithm>
#include <array>
#include <optional>
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

std::vector<std::string> fields_of(std::string_view text) {
  std::vector<std::string> fields;
  for (;;) {
    const std::size_t bar = text.find('|');
    fields.emplace_back(trimmed(text.substr(0, bar)));
    if (bar == std::string_view::npos) return fields;
    text.remove_prefix(bar + 1);
  }
}

class Parser {
 public:
  Result<FigureSet> parse(std::string_view text) {
    std::size_t number = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      DS_TRY(take(line, ++number));
    }
    for (Figure& figure : set_.figures) figure.sql.insert(0, common_);
    for (List& list : set_.lists) list.sql.insert(0, common_);
    return std::move(set_);
  }

 private:
  Status take(std::string_view line, std::size_t number) {
    const auto begins = [&](std::string_view word) { return line.starts_with(word); };
    if (trimmed(line) == "-- common") {
      into_ = &common_;
      return {};
    }
    if (begins("-- figure ")) return begin_figure(line.substr(10), number);
    if (begins("-- list ")) return begin_list(line.substr(8), number);
    if (into_ != nullptr && !begins("--")) into_->append(line).append("\n");
    return {};
  }

  Status begin_figure(std::string_view head, std::size_t number) {
    const auto fields = fields_of(head);
    const auto wrong = [&](const std::string& what) {
      return error(ErrorCode::malformed, "line " + std::to_string(number) + ": " + what);
    };
    if (fields.size() != 4) return wrong("a figure has a name, two titles and a unit");
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const auto& one) { return one.first == fields[3]; });
    if (unit == units.end()) return wrong("no unit " + fields[3]);
    if (is_taken(fields[0])) return wrong(fields[0] + " is there twice");
    set_.figures.push_back({fields[0], fields[1], fields[2], unit->second, {}});
    into_ = &set_.figures.back().sql;
    return {};
  }

  Status begin_list(std::string_view head, std::size_t number) {
    const auto fields = fields_of(head);
    if (fields.size() != 3 || is_taken(fields[0])) {
      return error(ErrorCode::malformed, "line " + std::to_string(number) +
                                             ": a list has a name of its own and two titles");
    }
    set_.lists.push_back({fields[0], fields[1], fields[2], {}});
    into_ = &set_.lists.back().sql;
    return {};
  }

  [[nodiscard]] bool is_taken(const std::string& name) const {
    const auto has = [&](const auto& one) { return one.name == name; };
    return std::any_of(set_.figures.begin(), set_.figures.end(), has) ||
           std::any_of(set_.lists.begin(), set_.lists.end(), has);
  }

  FigureSet set_;
  std::string common_;
  std::string* into_ = nullptr;
};

}  // namespace

Result<FigureSet> parse_figures(std::string_view text) { return Parser().parse(text); }

}  // namespace doorstep::figures
