#include "schema/toml_places.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace doorstep {

std::string in_quotes(std::string_view word) { return "'" + std::string(word) + "'"; }

std::string_view TomlPlaces::Entry::name() const { return key->str(); }

std::vector<TomlPlaces::Entry> TomlPlaces::in_file_order(const toml::table& table) {
  std::vector<Entry> entries;
  for (auto it = table.cbegin(); it != table.cend(); ++it)
    entries.push_back({&it->first, &it->second});
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.key->source().begin < b.key->source().begin;
  });
  return entries;
}

Error TomlPlaces::at(const toml::source_region& where, const std::string& what) const {
  return error(ErrorCode::schema_invalid, file_ + ":" + std::to_string(where.begin.line) + ":" +
                                              std::to_string(where.begin.column) + ": " + what);
}

Error TomlPlaces::complain(const toml::node& node, const std::string& what) const {
  return at(node.source(), what);
}

Status TomlPlaces::only(const toml::table& table, const Words& known,
                        const std::string& where) const {
  for (const Entry& entry : in_file_order(table)) {
    if (std::find(known.begin(), known.end(), entry.name()) == known.end()) {
      return at(entry.key->source(), "unknown key " + in_quotes(entry.name()) + " in " + where +
                                         suggestion(entry.name(), known));
    }
  }
  return {};
}

Result<std::string> TomlPlaces::as_text(const toml::node& node, const std::string& what) const {
  const auto* text = node.as_string();
  if (text == nullptr) return at(node.source(), what + " must be a text in quotes");
  return text->get();
}

Result<std::string> TomlPlaces::text_at(const toml::table& table, std::string_view key,
                                        const std::string& where, bool needed) const {
  const toml::node* node = table.get(key);
  if (node != nullptr) return as_text(*node, in_quotes(key) + " of " + where);
  if (!needed) return std::string{};
  return at(table.source(),
            where + " needs " + in_quotes(key) + "; write " + std::string(key) + " = \"...\"");
}

Result<bool> TomlPlaces::flag_at(const toml::table& table, std::string_view key,
                                 const std::string& where, bool otherwise) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return otherwise;
  const auto* flag = node->as_boolean();
  if (flag == nullptr)
    return at(node->source(), in_quotes(key) + " of " + where + " must be true or false");
  return flag->get();
}

Result<const toml::table*> TomlPlaces::as_table(const toml::node& node, const std::string& what,
                                                const std::string& example) const {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node.source(), what + " must be a table; write " + example);
  return table;
}

Result<std::vector<std::string>> TomlPlaces::texts(const toml::node& node,
                                                   const std::string& what) const {
  const toml::array* list = node.as_array();
  if (list == nullptr) return at(node.source(), what + " must be a list; write [\"...\", \"...\"]");
  std::vector<std::string> out;
  for (const toml::node& item : *list) {
    DS_ASSIGN(std::string text, as_text(item, "each of " + what));
    out.push_back(std::move(text));
  }
  return out;
}

}  // namespace doorstep
