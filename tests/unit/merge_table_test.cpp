// Walks the table of docs/merge-rules.md line by line, so that the page says what the code does.
#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <sstream>

#include "engine/core/group.hpp"
#include "engine/core/overlay.hpp"
#include "engine/core/policy.hpp"
#include "tests/support/paths.hpp"
#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

struct Line {
  std::string text;
  std::string policy, before, a, b, a_shows, b_shows, shown, lost;
};

std::string trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text);
}

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    parts.push_back(trimmed(text.substr(at, end - at)));
    at = end + 1;
  }
  return parts;
}

std::vector<Line> read_table() {
  std::ifstream file(source_dir() / "docs" / "merge-rules.md");
  REQUIRE(file.is_open());
  std::vector<Line> lines;
  bool inside = false;
  for (std::string text; std::getline(file, text);) {
    if (text == "## Every pair") inside = true;
    if (!inside || !text.starts_with("| ") || text.starts_with("| policy")) continue;
    const auto cell = split(text, '|');
    REQUIRE_MESSAGE(cell.size() == 10, text);
    lines.push_back({text, cell[1], cell[2], cell[3], cell[4], cell[5], cell[6], cell[7], cell[8]});
  }
  return lines;
}

class Walk {
 public:
  explicit Walk(const Line& line) : line_(line), policy_(split(line.policy, ',').front()) {
    table_ = line.policy.ends_with("delete_wins") ? stall : household;
    column_ = column_of(table_, policy_);
  }

  /// The result as the table writes it: shown, then lost.
  std::pair<std::string, std::string> run(bool a_first, bool one_commit) {
    Township hub;
    Position seen;
    if (line_.before != "gone") {
      IncomingTransaction first = Write('S').at(0).insert(table_, 'w', fields(line_.before));
      first.by_hub = true;  // a column of policy hub has nobody else
      seen = hub.commit({first});
      base_ = hub.row(table_, 'w').image;
    }
    std::vector<IncomingTransaction> both{write('A', 600, seen, line_.a),
                                          write('B', 610, seen, line_.b)};
    if (!a_first) std::swap(both[0], both[1]);
    if (one_commit) {
      hub.commit(both);
    } else {
      hub.commit({both[0]});
      hub.commit({both[1]});
    }
    const bool live = hub.has(table_, 'w');
    return {live ? spell(hub.row(table_, 'w').image) : "gone", lost(hub)};
  }

  /// What the phone itself shows, before it has heard anything. After run().
  std::string phone(const std::string& operation) {
    if (operation.starts_with("hub ")) return base_ ? spell(*base_) : "gone";
    const IncomingTransaction own = write('A', 600, {}, operation);
    const RowChange* change = &own.content.changes.front();
    const Table& table = merge_schema().table(table_);
    const auto image = fold(table, base_, {&change, 1});
    if (!image) return "gone";
    return refused(*change, *image) ? "refused" : spell(*image);
  }

 private:
  /// What capture asks before it writes a cell.
  [[nodiscard]] bool refused(const RowChange& change, const RowImage& after) const {
    const Column& column = merge_schema().table(table_).column(column_);
    const PolicyRules& rules = rules_of(column.policy);
    const bool decides = std::any_of(change.cells.begin(), change.cells.end(),
                                     [](const auto& c) { return c.decision != Decision::none; });
    if (decides && !rules.hub_only) return false;
    const bool writes = std::any_of(change.cells.begin(), change.cells.end(),
                                    [&](const CellChange& c) { return c.column == column_; });
    if (writes && rules.hub_only) return true;
    return writes && base_ && rules.outlasts != nullptr &&
           rules.outlasts(column, base_->values[column_.index], after.values[column_.index]);
  }

  [[nodiscard]] bool is_group() const { return policy_ == "group"; }

  Value value(const std::string& spelt) const {
    if (spelt == "NULL") return Value::null();
    if (spelt.starts_with('{')) {
      SetElements elements = split(std::string_view(spelt).substr(1, spelt.size() - 2), ',');
      return format_set(elements);
    }
    const ColumnType type = merge_schema().table(table_).column(column_).type;
    return type == ColumnType::integer ? Value::integer(number(spelt)) : Value::text(spelt);
  }

  static std::int64_t number(const std::string& spelt) {
    std::int64_t out = 0;
    const auto end = spelt.data() + spelt.size();
    REQUIRE_MESSAGE(std::from_chars(spelt.data(), end, out).ptr == end, spelt);
    return out;
  }

  Fields fields(const std::string& spelt) const {
    Fields out{{"village_code", Value::text("X")}};
    if (spelt == "NULL") return out;
    if (is_group()) {
      const auto parts = split(spelt, '+');
      REQUIRE_MESSAGE(parts.size() == 2, line_.text);
      out.emplace_back("group", Value::text(parts[0]));
      out.emplace_back("group_at", Value::integer(number(parts[1])));
    } else {
      out.emplace_back(policy_, value(spelt));
    }
    return out;
  }

  IncomingTransaction write(char author, std::int64_t minute, Position seen,
                            const std::string& operation) const {
    Write out(author);
    out.seen(seen).at(minute);
    if (operation == "deletes") return out.remove(table_, 'w');
    const std::size_t space = operation.find(' ');
    REQUIRE_MESSAGE(space != std::string::npos, operation);
    const std::string verb = operation.substr(0, space);
    const std::string object = operation.substr(space + 1);
    if (verb == "hub") {
      IncomingTransaction built = write(author, minute, seen, object);
      built.by_hub = true;
      return built;
    }
    if (verb == "inserts") return out.insert(table_, 'w', fields(object));
    IncomingTransaction built = out.update(table_, 'w', {});
    auto& cells = built.content.changes.front().cells;
    if (is_group()) {
      const auto parts = split(object == "NULL" ? "NULL+NULL" : object, '+');
      const bool none = object == "NULL";
      cells.push_back({column_, none ? Value::null() : Value::text(parts[0]), std::nullopt});
      cells.push_back({column_of(table_, "group_at"),
                       none ? Value::null() : Value::integer(number(parts[1])), std::nullopt});
      if (verb == "decides") cells.front().decision = Decision::decide;
      return built;
    }
    cells.push_back({column_, edit(verb, object), std::nullopt});
    if (verb == "decides") cells.back().decision = Decision::decide;
    return built;
  }

  std::variant<Value, CounterDelta, SetEdit> edit(const std::string& verb,
                                                  const std::string& object) const {
    if (verb == "writes" || verb == "decides") return value(object);
    if (policy_ == "counter") return CounterDelta{number(object)};
    REQUIRE_MESSAGE((verb == "adds" || verb == "removes"), line_.text);
    return verb == "adds" ? SetEdit{{object}, {}} : SetEdit{{}, {object}};
  }

  std::string spell(const RowImage& image) const {
    const Table& table = merge_schema().table(table_);
    return spell(cell_value(table, cell_columns(table, column_), image));
  }

  std::string spell(const Value& shown) const {
    if (is_group() && !shown.is_null()) {
      const Table& table = merge_schema().table(table_);
      const auto values = values_of_cell(table, cell_columns(table, column_), shown);
      REQUIRE(values.has_value());
      return std::string((*values)[0].as_text()) + "+" + (*values)[1].display();
    }
    if (shown.is_null() || shown.kind() == Value::Kind::integer) return shown.display();
    std::string out;
    if (policy_ == "set" || shown.as_text().starts_with('[')) {
      const auto elements = parse_set(shown);
      REQUIRE(elements.has_value());
      for (const std::string& element : *elements) out += (out.empty() ? "" : ", ") + element;
      return "{" + out + "}";
    }
    for (const std::string& text : split(shown.as_text(), '\n')) {
      out += (out.empty() ? "" : " / ") + text;
    }
    return out;
  }

  /// Records come in no order that means anything.
  std::string lost(const Township& hub) const {
    std::set<std::string> found;
    for (const auto& [id, record] : hub.records()) {
      if (record.withdrawn) continue;
      if (record.column && *record.column != column_) continue;
      std::string one = record.column ? spell(record.loser.value) : "delete";
      one += std::string(" by ") + static_cast<char>(record.loser.version.author.bytes[15]);
      if (record.state == ConflictState::open) one += ", open";
      if (record.state == ConflictState::decided) one += ", decided";
      found.insert(std::move(one));
    }
    std::string out;
    for (const std::string& one : found) out += (out.empty() ? "" : "; ") + one;
    return out.empty() ? "-" : out;
  }

  const Line& line_;
  std::string policy_;
  TableId table_;
  ColumnId column_;
  std::optional<RowImage> base_;
};

}  // namespace

TEST_CASE(
    "every line of the table in docs/merge-rules.md is what happens, in one commit or two, in "
    "either order") {
  const std::vector<Line> lines = read_table();
  for (const Line& line : lines) {
    CAPTURE(line.text);
    const bool by_arrival = line.policy.starts_with("first") || line.policy.starts_with("group") ||
                            (line.a.starts_with("decides") && line.b.starts_with("decides"));
    for (const bool a_first : {true, false}) {
      if (by_arrival && !a_first) continue;
      for (const bool one_commit : {true, false}) {
        CAPTURE(a_first);
        CAPTURE(one_commit);
        Walk walk(line);
        const auto [shown, lost] = walk.run(a_first, one_commit);
        CHECK(shown == line.shown);
        CHECK(lost == line.lost);  // ascending by text
        CHECK(walk.phone(line.a) == line.a_shows);
        CHECK(walk.phone(line.b) == line.b_shows);
      }
    }
  }
}

TEST_CASE(
    "the table in docs/merge-rules.md has a write, a NULL, an insert, a delete and an equal value "
    "for every policy") {
  const std::vector<Line> lines = read_table();
  std::vector<std::string> policies{"group"};
  for (const PolicyRules& rules : all_policies()) policies.emplace_back(rules.name);
  for (const std::string& policy : policies) {
    CAPTURE(policy);
    const auto has = [&](const auto& wanted) {
      return std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
        return (line.policy == policy || line.policy == policy + ", delete_wins") && wanted(line);
      });
    };
    CHECK(has([](const Line& l) { return l.a == l.b && l.a != "deletes"; }));
    CHECK(has([](const Line& l) { return l.a != l.b && l.a != "deletes" && l.b != "deletes"; }));
    CHECK(has([](const Line& l) { return l.a == "deletes" && l.b == "deletes"; }));
    CHECK(has([](const Line& l) { return l.a != "deletes" && l.b == "deletes"; }));
    CHECK(has([](const Line& l) { return l.a == "deletes" && l.b != "deletes"; }));
    CHECK(has([](const Line& l) { return l.a.starts_with("inserts") && l.b == "inserts NULL"; }));
    CHECK(has([](const Line& l) { return l.policy.ends_with("delete_wins"); }));
    CHECK(has([](const Line& l) { return l.b_shows == "NULL"; }));
  }
}
