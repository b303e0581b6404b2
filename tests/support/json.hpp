// Reading the --json output of the commands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace doorstep::test {

/// One JSON object, asked by key. A missing key or another type gives the empty value, so that a
/// CHECK on the contents fails and shows it.
class Json {
 public:
  explicit Json(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::string text(
      std::string_view key) const;  ///< strings as they are, others as JSON
  [[nodiscard]] std::int64_t number(std::string_view key) const;  ///< -1 when it is none
  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::vector<Json> items(std::string_view key) const;  ///< an array's objects
  [[nodiscard]] const std::string& source() const { return text_; }

 private:
  std::string text_;
};

/// One object a line; other lines are passed over.
[[nodiscard]] std::vector<Json> json_lines(std::string_view text);

}  // namespace doorstep::test
