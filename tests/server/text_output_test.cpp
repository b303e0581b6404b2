// What people and programs read: tables, QR codes, JSON lines, log lines, addresses.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "engine/core/json_line.hpp"
#include "engine/core/limits.hpp"
#include "server/log.hpp"
#include "server/net/hub_server.hpp"
#include "server/qr_text.hpp"
#include "server/text_table.hpp"

namespace doorstep {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("a table of volunteers: Chinese and Latin names end in the same column") {
  TextTable table({"NAME", "ROLE"});
  table.add({"李秀英", "volunteer"});
  table.add({"Wang Wu", "secretary"});
  CHECK(table.text() ==
        "NAME     ROLE\n"
        "李秀英   volunteer\n"
        "Wang Wu  secretary\n");
  CHECK(shown_width("独石村") == 6);
  CHECK(shown_width("é") == 1);
}

TEST_CASE("a table cell with a line break stays on its line") {
  TextTable table({"NOTE"});
  table.add({"first\nsecond"});
  CHECK(table.text() == "NOTE\nfirst second\n");
}

TEST_CASE("a code as QR: square, with a quiet zone of four modules on every side") {
  const auto picture = qr_text("7K3Q-ABCD-EFGH-JKMN-PQRS-TVWX-YZ01-2345", false);
  REQUIRE(picture.ok());
  const auto lines = lines_of(picture.value());
  const std::size_t side = shown_width(lines.front());
  CHECK(side % 4 == 1);  // 17 + 4 * version, and twice the quiet zone
  CHECK(lines.size() == (side + 1) / 2);
  for (const std::string& line : lines) CHECK(shown_width(line) == side);
  // Without colours light modules shine: the quiet zone is two full lines of them.
  for (const std::size_t line : {std::size_t{0}, std::size_t{1}}) {
    std::string full;
    for (std::size_t i = 0; i < side; ++i) full += "█";
    CHECK(lines[line] == full);
  }
}

TEST_CASE("a QR code with colours is dark on white, whatever the terminal's theme") {
  const auto picture = qr_text("7K3Q", true);
  REQUIRE(picture.ok());
  for (const std::string& line : lines_of(picture.value())) {
    CHECK(line.starts_with("\x1b[30;107m"));
    CHECK(line.ends_with("\x1b[0m"));
  }
}

TEST_CASE("a text too long for a QR code is an error, not a crash") {
  CHECK(qr_text(std::string(5000, 'x'), false).error().code == ErrorCode::bad_value);
}

TEST_CASE("a JSON line keeps order, escapes, and prints integers past 2^53 as they are") {
  const std::array<std::uint8_t, 2> blob{0xAB, 0x01};
  CHECK(
      JsonLine()
          .text("name", "a \"b\"\n\x01")
          .number("big", std::int64_t{9007199254740993})
          .value("blob", Value::blob(blob))
          .value("none", Value::null())
          .value("real", Value::real(1.5))
          .boolean("ok", true)
          .done() ==
      R"({"name":"a \"b\"\n\u0001","big":9007199254740993,"blob":"ab01","none":null,"real":1.5,"ok":true})");
  CHECK(json_string("\xFFx") == "\"\xEF\xBF\xBDx\"");
}

TEST_CASE("a log line is one line: time, level, event, and values quoted only where needed") {
  const std::array<LogField, 2> fields{LogField{"device", "0a1b"}, LogField{"why", "link lost"}};
  CHECK(format_event(LogForm::text, {0}, LogLevel::warning, "closed", fields) ==
        "1970-01-01T00:00:00.000Z warning closed device=0a1b why=\"link lost\"");
  CHECK(
      format_event(LogForm::json, {0}, LogLevel::info, "closed", fields) ==
      R"({"at":"1970-01-01T00:00:00.000Z","level":"info","event":"closed","device":"0a1b","why":"link lost"})");
}

TEST_CASE("--listen takes a name, an IPv4 or a bracketed IPv6 address, and a port") {
  CHECK(parse_listen("127.0.0.1:0").value().port == 0);
  CHECK(parse_listen("[::1]:8470").value().host == "::1");
  CHECK(parse_listen("localhost:65535").value().port == 65535);
  for (const char* wrong :
       {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536"}) {
    CAPTURE(wrong);
    CHECK(parse_listen(wrong).error().code == ErrorCode::usage);
  }
}

}  // namespace doorstep
