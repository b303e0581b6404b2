#include "schema/match_keys.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/schema_check.hpp"
#include "schema/spelling.hpp"

namespace doorstep {
namespace {

constexpr std::string_view example =
    "; write { similar = \"COLUMN\", equal = [\"COLUMN\"], within = \"scope\", score = 90 }";

class MatchKeys {
 public:
  MatchKeys(std::string_view file, Table& table) : file_(file), table_(table) {}

  Status read(const toml::table& keys) {
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (auto it = keys.cbegin(); it != keys.cend(); ++it) {
      entries.emplace_back(&it->first, &it->second);
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return a.first->source().begin < b.first->source().begin;
    });
    for (const auto& [name, node] : entries) {
      DS_TRY(read_key(name->str(), *node));
      const std::string what = complaint_about(table_, table_.match_keys.back());
      if (!what.empty()) return at(name->source(), words(name->str()) + ": " + what);
    }
    return {};
  }

 private:
  [[nodiscard]] Error at(const toml::source_region& where, const std::string& what) const {
    return error(ErrorCode::schema_invalid, std::string(file_) + ":" +
                                                std::to_string(where.begin.line) + ":" +
                                                std::to_string(where.begin.column) + ": " + what);
  }
  [[nodiscard]] std::string words(std::string_view key) const {
    return "match key '" + std::string(key) + "' of table '" + table_.name + "'";
  }

  Status read_key(std::string_view name, const toml::node& node) {
    const toml::table* body = node.as_table();
    if (body == nullptr) {
      return at(node.source(), words(name) + " must be a table" + std::string(example));
    }
    MatchKey& key = table_.match_keys.emplace_back();
    key.name = name;
    for (auto it = body->cbegin(); it != body->cend(); ++it) {
      DS_TRY(read_fact(key, it->first.str(), it->second));
    }
    return {};
  }

  Status read_fact(MatchKey& key, std::string_view fact, const toml::node& node) const {
    const std::string what = "'" + std::string(fact) + "' of " + words(key.name);
    if (fact == "similar") {
      DS_ASSIGN(key.similar, column(node, what));
      return {};
    }
    if (fact == "equal") {
      const toml::array* list = node.as_array();
      if (list == nullptr) return at(node.source(), what + " must be a list; write [\"COLUMN\"]");
      for (const toml::node& item : *list) {
        DS_ASSIGN(const ColumnId one, column(item, what));
        key.equal.push_back(one);
      }
      return {};
    }
    if (fact == "within") {
      const auto* word = node.as_string();
      key.same_scope = word != nullptr && word->get() == "scope";
      return key.same_scope ? Status{}
                            : Status{at(node.source(), what + " can only be \"scope\"; leave it "
                                                              "out to compare the whole hub")};
    }
    if (fact == "score") {
      const auto* number = node.as_integer();
      if (number == nullptr || number->get() < 1 || number->get() > 100) {
        return at(node.source(), what + " must be a whole number from 1 to 100");
      }
      key.score = static_cast<std::uint8_t>(number->get());
      return {};
    }
    const std::vector<std::string_view> known = {"similar", "equal", "within", "score"};
    return at(node.source(), "unknown key '" + std::string(fact) + "' in " + words(key.name) +
                                 suggestion(fact, known));
  }

  [[nodiscard]] Result<ColumnId> column(const toml::node& node, const std::string& what) const {
    const auto* name = node.as_string();
    if (name == nullptr) return at(node.source(), what + " must name columns in quotes");
    if (const auto found = table_.find_column(name->get())) return *found;
    std::vector<std::string_view> known;
    for (const Column& one : table_.columns) known.push_back(one.name);
    return at(node.source(),
              what + " names no column '" + name->get() + "'" + suggestion(name->get(), known));
  }

  std::string_view file_;
  Table& table_;
};

}  // namespace

Status read_match_keys(std::string_view toml_text, std::string_view file_name,
                       Schema::Parts& parts) {
  const toml::table root = toml::parse(toml_text, file_name);
  for (Table& table : parts.tables) {
    const toml::node* node = root.at_path("tables").as_table()->get(table.name);
    const toml::node* match = node->as_table()->get("match");
    if (match == nullptr) continue;
    const toml::table* keys = match->as_table();
    if (keys == nullptr) {
      return error(ErrorCode::schema_invalid,
                   std::string(file_name) + ":" + std::to_string(match->source().begin.line) + ":" +
                       std::to_string(match->source().begin.column) + ": 'match' of table '" +
                       table.name + "' must be a table; write [tables." + table.name + ".match]");
    }
    DS_TRY(MatchKeys(file_name, table).read(*keys));
  }
  return {};
}

}  // namespace doorstep
