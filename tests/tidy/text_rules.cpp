#include "tests/tidy/text_rules.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <string>

#include "tests/tidy/cpp_scan.hpp"

namespace doorstep::tidy {
namespace {

constexpr std::size_t file_lines_max = 400;
constexpr std::size_t function_lines_max = 70;

struct BannedCall {
  std::regex pattern;
  std::string instead;
};

const std::vector<BannedCall>& banned_calls() {
  static const std::vector<BannedCall> calls{
      {std::regex{R"(\b(system|steady|high_resolution|utc|file)_clock\b)"}, "time is passed in"},
      {std::regex{
           R"((^|[^\w.>])(time|gettimeofday|clock_gettime)\s*\(\s*(nullptr|NULL|0|&|CLOCK))"},
       "time is passed in"},
      {std::regex{R"(\b(rand|srand|arc4random|randombytes\w*)\s*\()"}, "use ports::Random"},
      {std::regex{R"(\brandom_device\b)"}, "use ports::Random"},
      {std::regex{
           R"(\bstd::(jthread|thread|mutex|shared_mutex|recursive_mutex|condition_variable|async|atomic)\b)"},
       "the shells own threads"},
      {std::regex{R"(\b(getenv|secure_getenv|setenv)\s*\()"}, "settings are passed in"},
      {std::regex{
           R"((^|[^\w.>:])(::)?(socket|connect|bind|listen|accept|recv|send)\s*\(\s*\w*(fd|sock)\w*)"},
       "the shells own sockets"},
      {std::regex{R"(\bstd::(cout|cerr|clog|print|println)\b)"}, "use the log port"},
      {std::regex{R"(\b(printf|puts|fprintf|fputs|putchar)\s*\()"}, "use the log port"},
      {std::regex{R"(\bstd::(ifstream|ofstream|fstream|filesystem)\b)"}, "the shells own files"},
  };
  return calls;
}

bool is_pure_engine(const SourceFile& file) {
  // A failed assertion says where before it aborts: no injected log can be trusted by then.
  if (file.path == "engine/core/assert.cpp") return false;
  constexpr std::array<std::string_view, 4> folders{"engine/core", "engine/ports", "engine/wire",
                                                    "engine/session"};
  return file.is_cpp() && std::any_of(folders.begin(), folders.end(), [&](std::string_view folder) {
           return file.is_below(folder);
         });
}

bool contains(std::string_view line, const std::regex& pattern) {
  return std::regex_search(line.begin(), line.end(), pattern);
}

const SourceFile* find_file(const std::vector<SourceFile>& files, std::string_view path) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const SourceFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

Findings check_sizes(const SourceFile& file) {
  if (!file.is_cpp()) return {};
  Findings findings;
  const std::size_t lines = lines_of(file.text).size();
  if (lines > file_lines_max) {
    findings.push_back({file.path, 0,
                        std::to_string(lines) + " lines; a file has at most " +
                            std::to_string(file_lines_max) + ": split it by reason"});
  }
  for (const FunctionSize& function : functions_of(file.text)) {
    if (function.lines <= function_lines_max) continue;
    findings.push_back({file.path, function.first_line,
                        "a function of " + std::to_string(function.lines) + " lines; at most " +
                            std::to_string(function_lines_max)});
  }
  return findings;
}

Findings check_names(const SourceFile& file) {
  static const std::regex empty_file_name{R"((^|[/_-])(utils?|helpers?|managers?|misc)([/._-]|$))"};
  static const std::regex empty_class_name{
      R"(\b(class|struct)\s+(\w*(Utils?|Helpers?|Manager|Misc))\b)"};
  Findings findings;
  if (std::regex_search(file.path, empty_file_name)) {
    findings.push_back({file.path, 0, "a file name says what is inside, not that it helps"});
  }
  if (!file.is_cpp()) return findings;
  const std::string code = blank_comments_and_literals(file.text);
  std::size_t number = 0;
  for (const std::string_view line : lines_of(code)) {
    ++number;
    if (contains(line, empty_class_name)) {
      findings.push_back({file.path, number, "a class name says what it is, not that it helps"});
    }
  }
  return findings;
}

Findings check_banned_calls(const SourceFile& file) {
  if (!is_pure_engine(file)) return {};
  Findings findings;
  const std::string code = blank_comments_and_literals(file.text);
  std::size_t number = 0;
  for (const std::string_view line : lines_of(code)) {
    ++number;
    if (line.find("#include") != std::string_view::npos) continue;
    for (const BannedCall& call : banned_calls()) {
      if (!contains(line, call.pattern)) continue;
      findings.push_back({file.path, number, "banned in the pure engine; " + call.instead});
    }
  }
  return findings;
}

Findings check_leftover_markers(const SourceFile& file) {
  // Put together here, or this file would be its own first finding.
  static const std::regex marker{std::string{R"(\b(TO)"} + "DO|FIX" + "ME|X" + "XX|HA" +
                                 R"(CK)\b)"};
  Findings findings;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    if (contains(line, marker)) findings.push_back({file.path, number, "a leftover marker"});
  }
  return findings;
}

Findings check_coverage_markers(const SourceFile& file) {
  if (!file.is_below("engine") || file.path == "engine/core/assert.cpp" ||
      file.path == "engine/core/defect.cpp") {
    return {};
  }
  const std::size_t at = file.text.find("GCOVR_EXCL");
  if (at == std::string::npos) return {};
  const auto lines = std::count(file.text.begin(), file.text.begin() + static_cast<long>(at), '\n');
  return {{file.path, static_cast<std::size_t>(lines) + 1, "leaves lines out of the coverage"}};
}

Findings check_markdown_title(const SourceFile& file) {
  if (!file.has_extension(".md")) return {};
  Findings findings;
  std::size_t number = 0;
  std::size_t titles = 0;
  bool fenced = false;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    if (line.starts_with("```") || line.starts_with("~~~")) fenced = !fenced;
    if (fenced || !line.starts_with("# ")) continue;
    if (++titles > 1) findings.push_back({file.path, number, "a second title"});
  }
  if (titles == 0) findings.push_back({file.path, 0, "no title"});
  return findings;
}

Findings check_protocol_version(const std::vector<SourceFile>& files) {
  static const std::regex in_code{R"(\bprotocol_version\w*\s*(?:=|\{)\s*(\d+))"};
  static const std::regex in_text{R"([Pp]rotocol version[:\s*`]*(\d+))"};
  const SourceFile* code = find_file(files, "engine/wire/version.hpp");
  const SourceFile* page = find_file(files, "docs/protocol.md");
  if (code == nullptr || page == nullptr) return {};

  std::smatch set;
  if (!std::regex_search(code->text, set, in_code)) {
    return {{code->path, 0, "does not set protocol_version"}};
  }
  Findings findings;
  std::size_t number = 0;
  bool said = false;
  for (const std::string_view line : lines_of(page->text)) {
    ++number;
    std::match_results<std::string_view::const_iterator> match;
    if (!std::regex_search(line.begin(), line.end(), match, in_text)) continue;
    said = true;
    if (match[1].str() != set[1].str()) {
      findings.push_back(
          {page->path, number,
           "says protocol version " + match[1].str() + ", the code says " + set[1].str()});
    }
  }
  if (!said) findings.push_back({page->path, 0, "does not say its protocol version"});
  return findings;
}

Findings check_readme_commands(const std::vector<SourceFile>& files) {
  Findings findings;
  for (const std::string_view path : {"README.md", "README.zh-CN.md"}) {
    const SourceFile* readme = find_file(files, path);
    if (readme == nullptr) {
      findings.push_back({std::string{path}, 0, "missing"});
      continue;
    }
    for (const std::string_view command : {"./dev demo", "./dev test"}) {
      if (readme->text.find(command) != std::string::npos) continue;
      findings.push_back({readme->path, 0, "does not name " + std::string{command}});
    }
  }
  return findings;
}

}  // namespace doorstep::tidy
