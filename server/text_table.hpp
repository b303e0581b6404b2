// A table for people: columns aligned by what a terminal shows, so that Chinese names count two a
// character.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doorstep {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) : rows_{std::move(header)} {}
  /// As many cells as the header has.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// Lines end in '\n' and carry no trailing spaces; line breaks inside a cell become spaces.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Terminal columns that the UTF-8 text takes.
[[nodiscard]] std::size_t shown_width(std::string_view text);

}  // namespace doorstep
