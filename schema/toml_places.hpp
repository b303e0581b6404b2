// Reading TOML with complaints that name the line: "file:line:column: " and what to write instead.
// What the loader of schemas stands on. Pure; the values read belong to the document, which must
// outlive them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.hpp"
#include "schema/spelling.hpp"

// Of toml++, so that its header stays in .cpp files.
namespace toml {
inline namespace v3 {
class key;
class node;
class table;
struct source_region;
}  // namespace v3
}  // namespace toml

namespace doorstep {

using Words = std::vector<std::string_view>;

/// The word in single quotes.
[[nodiscard]] std::string in_quotes(std::string_view word);

class TomlPlaces {
 public:
  struct Entry {
    const toml::key* key;
    const toml::node* node;
    [[nodiscard]] std::string_view name() const;
  };

  explicit TomlPlaces(std::string_view file) : file_(file) {}

  /// toml++ sorts keys by name; what counts here is their order in the file.
  [[nodiscard]] static std::vector<Entry> in_file_order(const toml::table& table);

  /// schema_invalid at that place.
  [[nodiscard]] Error at(const toml::source_region& where, const std::string& what) const;

  /// Complains about a key of `table` that is not among `known`.
  [[nodiscard]] Status only(const toml::table& table, const Words& known,
                            const std::string& where) const;
  [[nodiscard]] Result<std::string> as_text(const toml::node& node, const std::string& what) const;
  /// Empty when the key is missing and not needed.
  [[nodiscard]] Result<std::string> text_at(const toml::table& table, std::string_view key,
                                            const std::string& where, bool needed = false) const;
  [[nodiscard]] Result<bool> flag_at(const toml::table& table, std::string_view key,
                                     const std::string& where, bool otherwise) const;
  [[nodiscard]] Result<const toml::table*> as_table(const toml::node& node, const std::string& what,
                                                    const std::string& example) const;
  [[nodiscard]] Result<std::vector<std::string>> texts(const toml::node& node,
                                                       const std::string& what) const;

  /// One of `words`, turned into its enum by `find`.
  template <class Enum>
  [[nodiscard]] Result<Enum> choice(const toml::node& node, const std::string& what,
                                    const Words& words,
                                    std::optional<Enum> (*find)(std::string_view)) const {
    DS_ASSIGN(const std::string word, as_text(node, what));
    if (const auto value = find(word)) return *value;
    return complain(node, what + " cannot be " + in_quotes(word) + suggestion(word, words));
  }

  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  [[nodiscard]] Error complain(const toml::node& node, const std::string& what) const;

  std::string file_;
};

}  // namespace doorstep
