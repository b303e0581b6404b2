#include "tests/sim/script.hpp"

#include <algorithm>
#include <charconv>

namespace doorstep::sim {
namespace {

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t to = std::min(text.find(by, from), text.size());
    if (to > from) parts.emplace_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

template <class Number>
bool read(std::string_view text, Number& out) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc{} && end == text.data() + text.size();
}

bool read_line(const std::vector<std::string>& words, Line& line) {
  if (words.size() < 3 || !read(words[0], line.ms)) return false;
  line.actor = words[1];
  line.verb = words[2];
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (equals == std::string::npos) return false;
    const std::string_view value = std::string_view(words[i]).substr(equals + 1);
    if (!read(value, line.numbers[words[i].substr(0, equals)])) return false;
  }
  return true;
}

bool read_words(const std::vector<std::string>& words, Script& script) {
  if (words.size() == 2) {
    if (words[0] == "seed") return read(words[1], script.seed);
    if (words[0] == "end") return read(words[1], script.end_ms);
    if (words[0] == "horizon") return read(words[1], script.horizon_ms);
    if (words[0] == "phone") {
      script.phones.push_back(split(words[1], ','));
      return true;
    }
  }
  Line line;
  if (!read_line(words, line)) return false;
  script.lines.push_back(std::move(line));
  return true;
}

}  // namespace

std::int64_t Line::number(const std::string& name) const {
  const auto found = numbers.find(name);
  return found == numbers.end() ? 0 : found->second;
}

std::string print(const Line& line) {
  std::string text = std::to_string(line.ms) + " " + line.actor + " " + line.verb;
  for (const auto& [name, value] : line.numbers) text += " " + name + "=" + std::to_string(value);
  return text;
}

std::string print(const Script& script) {
  std::string text = "seed " + std::to_string(script.seed) + "\nend " +
                     std::to_string(script.end_ms) + "\nhorizon " +
                     std::to_string(script.horizon_ms) + "\n";
  for (const auto& scopes : script.phones) {
    text += "phone ";
    for (std::size_t i = 0; i < scopes.size(); ++i) text += (i == 0 ? "" : ",") + scopes[i];
    text += "\n";
  }
  for (const Line& line : script.lines) text += print(line) + "\n";
  return text;
}

Result<Script> parse_script(std::string_view text) {
  Script script;
  for (const std::string& line : split(text, '\n')) {
    const auto words = split(std::string_view(line).substr(0, line.find('#')), ' ');
    if (words.empty()) continue;
    if (!read_words(words, script)) return error(ErrorCode::malformed, line);
  }
  std::stable_sort(script.lines.begin(), script.lines.end(),
                   [](const Line& a, const Line& b) { return a.ms < b.ms; });
  return script;
}

}  // namespace doorstep::sim
