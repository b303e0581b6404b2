#include "tests/tidy/include_rules.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "tests/tidy/cpp_scan.hpp"

namespace doorstep::tidy {
namespace {

constexpr std::size_t beast_files_max = 6;

struct FolderRule {
  std::string_view folder;                    // the first that holds a file decides
  std::vector<std::string_view> ours;         // prefixes of our own headers
  std::vector<std::string_view> third_party;  // prefixes of other people's
};

const std::vector<std::string_view> shell_libraries{"boost/", "openssl/", "sodium", "sqlite3",
                                                    "zstd",   "cbor",     "fmt/",   "spdlog/",
                                                    "CLI/",   "qrencode"};

const std::vector<FolderRule>& folder_rules() {
  // The error catalogue is data that engine/core turns into its enum, hence the one way up from
  // core.
  static const std::vector<FolderRule> rules{
      {"engine/core", {"engine/core/", "schema/errors.def"}, {"sodium", "xxhash"}},
      {"engine/ports", {"engine/core/", "engine/ports/", "engine/wire/"}, {}},
      {"engine/wire", {"engine/core/", "engine/wire/"}, {"cbor", "zstd"}},
      {"engine/session", {"engine/core/", "engine/ports/", "engine/wire/", "engine/session/"}, {}},
      {"engine/sqlite",
       {"engine/core/", "engine/ports/", "engine/wire/", "engine/sqlite/"},
       {"sqlite3"}},
      {"schema/sample/cli", {"engine/", "schema/"}, {"sqlite3", "CLI/", "fmt/"}},
      {"schema/sample", {"engine/core/", "engine/ports/random.hpp", "schema/"}, {}},
      {"schema", {"engine/core/", "schema/"}, {"toml++/"}},
      // An app sees what is installed, and nothing of how it is made.
      {"client-sdk/examples", {"doorstep/", "client-sdk/examples/"}, {}},
      {"client-sdk", {"engine/", "schema/", "client-sdk/", "doorstep/"}, shell_libraries},
      {"server", {"engine/", "schema/", "server/"}, shell_libraries},
      {"cmake/asio", {}, {"boost/"}},
      {"tests",
       {"engine/", "schema/", "client-sdk/", "doorstep/", "server/", "tests/"},
       {"boost/", "openssl/", "sodium", "sqlite3", "zstd", "cbor", "fmt/", "spdlog/", "CLI/",
        "toml++/", "doctest/", "rapidcheck"}},
  };
  return rules;
}

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

bool is_ours(const Include& include) {
  static const std::vector<std::string_view> roots{"engine/", "schema/",   "client-sdk/",
                                                   "server/", "doorstep/", "tests/"};
  return include.quoted || starts_with_any(include.target, roots);
}

// POSIX headers belong to the shells and the SQLite adapter; the pure layers see the standard
// library only.
bool is_system(const Include& include) {
  static const std::vector<std::string_view> posix{
      "sys/",    "netinet/", "arpa/",   "linux/",    "unistd.h",   "fcntl.h", "signal.h",
      "spawn.h", "poll.h",   "netdb.h", "pthread.h", "termios.h",  "time.h",  "errno.h",
      "dlfcn.h", "link.h",   "pwd.h",   "dirent.h",  "sysexits.h", "stdlib.h"};
  return starts_with_any(include.target, posix);
}

bool is_standard(const Include& include) {
  return !include.quoted && include.target.find_first_of("./") == std::string::npos;
}

bool is_pure(const SourceFile& file) {
  return file.is_below("engine/core") || file.is_below("engine/ports") ||
         file.is_below("engine/wire") || file.is_below("engine/session") || file.is_below("schema");
}

// Empty: allowed.
std::string complaint(const SourceFile& file, const FolderRule& rule, const Include& include) {
  const std::string folder{rule.folder};
  if (is_ours(include)) {
    if (starts_with_any(include.target, rule.ours)) return {};
    return folder + " may not include \"" + include.target + "\"";
  }
  if (is_standard(include) &&
      !starts_with_any(include.target, {"sodium", "xxhash", "zstd", "cbor"})) {
    return {};
  }
  if (is_system(include)) {
    return is_pure(file) ? folder + " is pure: no <" + include.target + ">" : std::string{};
  }
  if (!starts_with_any(include.target, rule.third_party)) {
    return folder + " may not use <" + include.target + ">";
  }
  const bool test_framework = starts_with_any(include.target, {"doctest/", "rapidcheck"});
  if (file.has_extension(".hpp") && !test_framework) {
    return "third-party headers belong in .cpp files: <" + include.target + ">";
  }
  return {};
}

}  // namespace

Findings check_includes(const SourceFile& file) {
  if (!file.is_cpp()) return {};
  const auto& rules = folder_rules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const FolderRule& candidate) {
    return file.is_below(candidate.folder);
  });
  if (rule == rules.end()) return {{file.path, 0, "C++ in a folder without an include rule"}};

  Findings findings;
  for (const Include& include : includes_of(file.text)) {
    std::string what = complaint(file, *rule, include);
    if (!what.empty()) findings.push_back({file.path, include.line, std::move(what)});
  }
  return findings;
}

Findings check_beast_files(const std::vector<SourceFile>& files) {
  Findings users;
  for (const SourceFile& file : files) {
    if (!file.is_cpp()) continue;
    const auto includes = includes_of(file.text);
    const auto beast = std::find_if(includes.begin(), includes.end(), [](const Include& include) {
      return include.target.starts_with("boost/beast");
    });
    if (beast != includes.end()) users.push_back({file.path, beast->line, "includes Beast"});
  }
  if (users.size() <= beast_files_max) return {};
  for (Finding& user : users) {
    user.what += ", as do " + std::to_string(users.size() - 1) + " others; at most " +
                 std::to_string(beast_files_max) + " may";
  }
  return users;
}

Findings check_own_headers(const std::vector<SourceFile>& files) {
  std::set<std::string_view> headers;
  for (const SourceFile& file : files) {
    if (file.has_extension(".hpp")) headers.insert(file.path);
  }
  Findings findings;
  for (const SourceFile& file : files) {
    if (file.has_extension(".hpp") && file.text.find("\n#pragma once\n") == std::string::npos &&
        !file.text.starts_with("#pragma once\n")) {
      findings.push_back({file.path, 0, "has no #pragma once"});
    }
    if (!file.has_extension(".cpp")) continue;
    const std::string own = file.path.substr(0, file.path.size() - 4) + ".hpp";
    if (!headers.contains(own)) continue;
    const auto includes = includes_of(file.text);
    if (!includes.empty() && includes.front().target == own) continue;
    const std::size_t line = includes.empty() ? 0 : includes.front().line;
    findings.push_back({file.path, line, "does not include \"" + own + "\" before anything else"});
  }
  return findings;
}

}  // namespace doorstep::tidy
