#include "tests/tidy/cpp_scan.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

#include "tests/tidy/source_tree.hpp"

namespace doorstep::tidy {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < std::min(to, text.size()); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

// Position behind the literal that opens with a quote at `open`.
std::size_t end_of_literal(std::string_view text, std::size_t open) {
  const char quote = text[open];
  std::size_t i = open + 1;
  while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return std::min(i + 1, text.size());
}

// Position behind the raw string whose quote is at `open`.
std::size_t end_of_raw_string(std::string_view text, std::size_t open) {
  const std::size_t bracket = text.find('(', open);
  if (bracket == std::string_view::npos) return text.size();
  const std::string closing = ")" + std::string{text.substr(open + 1, bracket - open - 1)} + "\"";
  const std::size_t end = text.find(closing, bracket);
  return end == std::string_view::npos ? text.size() : end + closing.size();
}

// What stands at `i`: {end, true} for a comment, {end, false} for a literal, {i, false} for code.
struct Skip {
  std::size_t end = 0;
  bool comment = false;
};

Skip skip_at(std::string_view text, std::size_t i) {
  const std::string_view rest = text.substr(i);
  if (rest.starts_with("//")) return {std::min(text.find('\n', i), text.size()), true};
  if (rest.starts_with("/*")) {
    const std::size_t end = text.find("*/", i + 2);
    return {end == std::string_view::npos ? text.size() : end + 2, true};
  }
  if (text[i] == '"') {
    const bool raw = i > 0 && text[i - 1] == 'R' && (i < 2 || !is_word(text[i - 2]));
    return {raw ? end_of_raw_string(text, i) : end_of_literal(text, i), false};
  }
  // An apostrophe behind a word character separates digits.
  if (text[i] == '\'' && (i == 0 || !is_word(text[i - 1]))) return {end_of_literal(text, i), false};
  return {i, false};
}

std::string blanked(std::string_view text, bool literals_too) {
  std::string code{text};
  std::size_t i = 0;
  while (i < text.size()) {
    const Skip skip = skip_at(text, i);
    if (skip.end <= i) {
      ++i;
      continue;
    }
    if (skip.comment) blank(code, i, skip.end);
    if (!skip.comment && literals_too) blank(code, i + 1, skip.end - 1);
    i = skip.end;
  }
  return code;
}

void blank_preprocessor_lines(std::string& code) {
  std::size_t begin = 0;
  bool continued = false;
  while (begin < code.size()) {
    const std::size_t end = std::min(code.find('\n', begin), code.size());
    const std::size_t first = code.find_first_not_of(" \t", begin);
    const bool directive = continued || (first < end && code[first] == '#');
    continued = directive && end > begin && code[end - 1] == '\\';
    if (directive) blank(code, begin, end);
    begin = end + 1;
  }
}

enum class Brace { scope, function, other };

// `head`: the code between the last ';', '{' or '}' and the brace.
Brace kind_of(const std::string& head) {
  static const std::regex scope{R"(\b(namespace|class|struct|union|enum|extern)\b)"};
  static const std::regex template_head{R"(^\s*template\s*<[^{}()]*>)"};
  const std::string bare = std::regex_replace(head, template_head, "");
  const std::size_t last = bare.find_last_not_of(" \t\n");
  if (last == std::string::npos || bare[last] == '=') return Brace::other;
  std::smatch word;
  const std::size_t round = bare.find('(');
  if (std::regex_search(bare, word, scope) &&
      static_cast<std::size_t>(word.position()) < std::min(round, bare.size())) {
    // "struct Row row(int id) {" is a function; a base clause or an attribute has its brackets
    // later than this.
    return Brace::scope;
  }
  return round == std::string::npos ? Brace::other : Brace::function;
}

}  // namespace

std::string blank_comments_and_literals(std::string_view text) { return blanked(text, true); }

std::vector<Include> includes_of(std::string_view text) {
  static const std::regex pattern{R"(^\s*#\s*include\s*([<"])([^">]+)[">])"};
  const std::string code = blanked(text, false);
  std::vector<Include> includes;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(code)) {
    ++number;
    std::match_results<std::string_view::const_iterator> match;
    if (std::regex_search(line.begin(), line.end(), match, pattern)) {
      includes.push_back({number, match[2].str(), match[1].str() == "\""});
    }
  }
  return includes;
}

std::vector<FunctionSize> functions_of(std::string_view text) {
  std::string code = blank_comments_and_literals(text);
  blank_preprocessor_lines(code);

  std::vector<FunctionSize> functions;
  std::vector<Brace> open;
  std::string head;
  std::size_t line = 1;
  std::size_t head_line = 1;
  std::size_t function_depth = 0;  // braces open where the current function began; 0: outside
  std::size_t function_line = 0;
  for (const char c : code) {
    if (c == '\n') ++line;
    if (c == '{') {
      const bool inside = function_depth != 0;
      const Brace kind = inside ? Brace::other : kind_of(head);
      open.push_back(kind);
      if (kind == Brace::function) {
        function_depth = open.size();
        function_line = head_line;
      }
    } else if (c == '}' && !open.empty()) {
      if (function_depth == open.size()) {
        functions.push_back({function_line, line - function_line + 1});
        function_depth = 0;
      }
      open.pop_back();
    }
    if (c == '{' || c == '}' || c == ';') {
      head.clear();
    } else {
      if (head.empty() && std::isspace(static_cast<unsigned char>(c)) != 0) continue;
      if (head.empty()) head_line = line;
      head += c;
    }
  }
  return functions;
}

}  // namespace doorstep::tidy
