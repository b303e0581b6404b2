// Each house rule meets a bad sample and must complain, and a good one and must not.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/tidy/cpp_scan.hpp"
#include "tests/tidy/include_rules.hpp"
#include "tests/tidy/source_tree.hpp"
#include "tests/tidy/text_rules.hpp"

namespace doorstep::tidy {
namespace {

std::string repeated(std::string_view line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line;
  return text;
}

bool allows(std::string path, std::string text) {
  return check_includes({std::move(path), std::move(text)}).empty();
}

}  // namespace

TEST_CASE("rule: an include against the table is found, with its line") {
  const Findings findings = check_includes(
      {"engine/core/row.cpp", "#include <vector>\n#include \"engine/wire/codec.hpp\"\n"});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].path == "engine/core/row.cpp");
  CHECK(findings[0].line == 2);
  CHECK(describe(findings) ==
        "engine/core/row.cpp:2: engine/core may not include \"engine/wire/codec.hpp\"\n");
}

TEST_CASE("rule: each folder has its own table") {
  CHECK(allows("engine/wire/codec.cpp", "#include \"engine/core/value.hpp\"\n#include <cbor.h>\n"));
  CHECK_FALSE(allows("engine/wire/codec.cpp", "#include \"engine/ports/store.hpp\"\n"));
  CHECK(allows("engine/ports/device_store.hpp", "#include \"engine/wire/message.hpp\"\n"));
  CHECK_FALSE(allows("engine/ports/store.hpp", "#include \"engine/session/hub_session.hpp\"\n"));
  CHECK_FALSE(allows("engine/session/hub.cpp", "#include \"engine/sqlite/db.hpp\"\n"));
  CHECK_FALSE(allows("engine/sqlite/db.cpp", "#include \"engine/session/hub.hpp\"\n"));
  CHECK_FALSE(allows("schema/loader.cpp", "#include \"engine/ports/store.hpp\"\n"));
  CHECK_FALSE(allows("client-sdk/src/replica.cpp", "#include \"server/listener.hpp\"\n"));
  CHECK_FALSE(allows("server/listener.cpp", "#include \"client-sdk/src/replica.hpp\"\n"));
  CHECK_FALSE(allows("server/listener.cpp", "#include <doorstep/replica.hpp>\n"));
  CHECK_FALSE(allows("server/listener.cpp", "#include \"tests/support/paths.hpp\"\n"));
  CHECK(allows("tests/unit/a_test.cpp", "#include \"server/a.hpp\"\n#include <doorstep/b.hpp>\n"));
  CHECK(allows("client-sdk/examples/app/a.cpp", "#include <doorstep/replica.hpp>\n"));
  CHECK_FALSE(allows("client-sdk/examples/app/a.cpp", "#include \"engine/core/value.hpp\"\n"));
  CHECK_FALSE(allows("client-sdk/examples/app/a.cpp", "#include <fmt/format.h>\n"));
  CHECK_FALSE(allows("elsewhere/a.cpp", "#include <vector>\n"));
}

TEST_CASE("rule: other people's headers stay in .cpp files of the folders that own them") {
  CHECK(allows("engine/sqlite/db.cpp", "#include <sqlite3.h>\n"));
  CHECK_FALSE(allows("engine/sqlite/db.hpp", "#include <sqlite3.h>\n"));
  CHECK_FALSE(allows("engine/core/a.cpp", "#include <boost/asio.hpp>\n"));
  CHECK_FALSE(allows("engine/session/a.cpp", "#include <boost/beast.hpp>\n"));
  CHECK_FALSE(allows("engine/core/a.cpp", "#include <unistd.h>\n"));
  CHECK(allows("server/a.cpp", "#include <unistd.h>\n#include <boost/asio.hpp>\n"));
  CHECK_FALSE(allows("server/a.hpp", "#include <boost/asio.hpp>\n"));
  CHECK_FALSE(allows("server/a.cpp", "#include <curl/curl.h>\n"));
  CHECK(allows("engine/core/a.cpp", "// #include <boost/asio.hpp>\n/*\n#include <zstd.h>\n*/\n"));
}

TEST_CASE("rule: a line that is left out of the coverage is found") {
  const std::string text = "int a;\nint b;  // GCOVR_EXCL_LINE\n";
  CHECK(describe(check_coverage_markers({"engine/core/row.cpp", text})) ==
        "engine/core/row.cpp:2: leaves lines out of the coverage\n");
  CHECK(check_coverage_markers({"engine/core/assert.cpp", text}).empty());
  CHECK(check_coverage_markers({"tests/unit/row_test.cpp", text}).empty());
}

TEST_CASE("rule: a source includes the header of its own name before anything else") {
  const SourceFile header{"engine/core/row.hpp", "// A row.\n#pragma once\n#include <vector>\n"};
  const auto complains = [&](std::string text) {
    return !check_own_headers({header, {"engine/core/row.cpp", std::move(text)}}).empty();
  };
  CHECK_FALSE(complains("#include \"engine/core/row.hpp\"\n#include <string>\n"));
  CHECK(complains("#include <string>\n#include \"engine/core/row.hpp\"\n"));
  CHECK(complains("int x;\n"));
  CHECK(check_own_headers({{"engine/core/main.cpp", "#include <vector>\n"}}).empty());
  CHECK(describe(check_own_headers({{"engine/core/a.hpp", "// #pragma once\n"}})) ==
        "engine/core/a.hpp: has no #pragma once\n");
}

TEST_CASE("rule: the seventh file with Beast is one too many") {
  std::vector<SourceFile> files;
  for (int i = 0; i < 6; ++i) {
    files.push_back({"server/a" + std::to_string(i) + ".cpp", "#include <boost/beast/core.hpp>\n"});
  }
  CHECK(check_beast_files(files).empty());
  files.push_back({"client-sdk/src/b.cpp", "#include <boost/beast/core.hpp>\n"});
  CHECK(check_beast_files(files).size() == 7);
}

TEST_CASE("rule: line 401 of a file and line 71 of a function are found") {
  CHECK(check_sizes({"server/a.cpp", repeated("int x;\n", 400)}).empty());
  CHECK(check_sizes({"server/a.cpp", repeated("int x;\n", 401)}).size() == 1);

  const auto function = [](int inner) {
    return "namespace a {\nint f(int x) {\n" + repeated("  if (x) { x += '{'; }\n", inner) +
           "}\n}\n";
  };
  CHECK(check_sizes({"server/a.cpp", function(68)}).empty());
  const Findings findings = check_sizes({"server/a.cpp", function(69)});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].line == 2);
}

TEST_CASE("rule: functions are told from classes, tables, strings and comments") {
  const auto count = [](std::string_view text) { return functions_of(text).size(); };
  CHECK(
      count("class A : public B {\n int f() const { return 1; }\n A() : x_{1} , y_(2) {}\n};\n") >=
      2);
  CHECK(count("template <class T>\nvoid f(T t) { t(); }\n") == 1);
  CHECK(count("constexpr int table[] = {f(1), f(2)};\n") == 0);
  CHECK(count("enum class E { a, b };\nstruct S { int x = 1; };\n") == 0);
  CHECK(count("const char* t = R\"(void f() { )\";\n// void g() {\n") == 0);
  CHECK(count("#define M(x) \\\n  void x() {\nint big = 1'000;\n") == 0);
  REQUIRE(count("TEST_CASE(\"a story\") {\n  auto f = [] { return 1; };\n}\n") == 1);
  CHECK(functions_of("\n\nTEST_CASE(\"s\") {\n}\n")[0].first_line == 3);
}

TEST_CASE("rule: names that only say that they are useful are found") {
  CHECK(check_names({"server/string_utils.hpp", ""}).size() == 1);
  CHECK(check_names({"server/helpers.cpp", ""}).size() == 1);
  CHECK(check_names({"server/misc/a.txt", ""}).size() == 1);
  CHECK(check_names({"server/a.hpp", "class SessionManager {};\n"}).size() == 1);
  CHECK(check_names({"server/utility_meter.cpp", "// class SessionManager\n"}).empty());
}

TEST_CASE("rule: the pure engine reading a clock, a die or the environment is found") {
  const auto count = [](std::string text) {
    return check_banned_calls({"engine/core/a.cpp", std::move(text)}).size();
  };
  CHECK(count("auto t = std::chrono::system_clock::now();\n") == 1);
  CHECK(count("auto t = std::chrono::steady_clock::now();\n") == 1);
  CHECK(count("auto t = time(nullptr);\n") == 1);
  CHECK(count("int r = rand();\n") == 1);
  CHECK(count("std::random_device device;\n") == 1);
  CHECK(count("randombytes_buf(a, 1);\n") == 1);
  CHECK(count("std::mutex lock;\nstd::thread worker;\n") == 2);
  CHECK(count("getenv(\"HOME\");\n") == 1);
  CHECK(count("::connect(fd, a, b);\n") == 1);
  CHECK(count("std::cout << 1;\nprintf(\"x\");\n") == 2);
  CHECK(count("std::ifstream in;\n") == 1);
  CHECK(count("// std::mutex\nauto s = \"rand()\"; row.time(); snprintf(a, 1, b);\n") == 0);
  CHECK(check_banned_calls({"server/a.cpp", "std::mutex lock;\n"}).empty());
  CHECK(check_banned_calls({"engine/core/assert.cpp", "std::fputs(a, stderr);\n"}).empty());
}

TEST_CASE("rule: a note to do it later is found, in any file") {
  const std::string marker = std::string{"TO"} + "DO";
  CHECK(check_leftover_markers({"docs/a.md", "one\n" + marker + ": two\n"})[0].line == 2);
  CHECK(check_leftover_markers({"a.cpp", "// " + (std::string{"FIX"} + "ME") + "\n"}).size() == 1);
  CHECK(check_leftover_markers({"dev", "mktemp aXXXXXX\nmethod\n"}).empty());
}

TEST_CASE("rule: a Markdown page with no title or two is found") {
  CHECK(check_markdown_title({"docs/a.md", "# One\n\n## Part\n```sh\n# comment\n```\n"}).empty());
  CHECK(check_markdown_title({"docs/a.md", "## Part\n"}).size() == 1);
  CHECK(check_markdown_title({"docs/a.md", "# One\n# Two\n"}).size() == 1);
  CHECK(check_markdown_title({"a.cpp", ""}).empty());
}

TEST_CASE("rule: a protocol page of another version is found") {
  const SourceFile code{"engine/wire/version.hpp", "inline constexpr int protocol_version = 2;\n"};
  const auto page = [](std::string text) {
    return SourceFile{"docs/protocol.md", std::move(text)};
  };
  CHECK(check_protocol_version({code, page("Protocol version: **2**\n")}).empty());
  CHECK(check_protocol_version({code, page("Protocol version 1\n")}).size() == 1);
  CHECK(check_protocol_version({code, page("Nothing\n")}).size() == 1);
  CHECK(check_protocol_version({{"engine/wire/version.hpp", ""}, page("Protocol version 1\n")})
            .size() == 1);
}

TEST_CASE("rule: a README without one of the two commands is found") {
  const SourceFile good{"README.md", "./dev demo\n./dev test\n"};
  CHECK(check_readme_commands({good, {"README.zh-CN.md", "./dev demo ./dev test"}}).empty());
  CHECK(check_readme_commands({good, {"README.zh-CN.md", "./dev demo"}}).size() == 1);
  CHECK(check_readme_commands({good}).size() == 1);
}

TEST_CASE("rule: a tree without git is walked, without its build output") {
  const auto root = std::filesystem::temp_directory_path() / "doorstep_tidy_walk";
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root / "build");
  std::filesystem::create_directories(root / "engine");
  std::ofstream{root / "build/b.cpp"} << "b";
  std::ofstream{root / "engine/a.cpp"} << "a";
  const auto files = read_source_tree(root);
  std::filesystem::remove_all(root);
  REQUIRE(files.size() == 1);
  CHECK(files[0].path == "engine/a.cpp");
  CHECK(files[0].text == "a");
}

}  // namespace doorstep::tidy
