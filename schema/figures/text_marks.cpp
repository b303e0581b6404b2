#include "schema/figures/text_marks.hpp"

namespace doorstep::figures {

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string csv_field(std::string_view text) {
  // What begins like a formula is taken for one by spreadsheets.
  std::string out;
  const bool formula = !text.empty() &&
                       std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos &&
                       text.find_first_not_of("0123456789.-") != std::string_view::npos;
  if (formula) out += '\'';
  out += text;
  if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string_view page_style() {
  return "body{font:14px/1.4 'Noto Sans CJK SC','Microsoft "
         "YaHei',sans-serif;margin:1.5em;color:#111}"
         "h1{font-size:1.4em;margin:0 0 .2em}p{margin:.2em 0 1em;color:#444}"
         "table{border-collapse:collapse;margin-bottom:1.5em;width:100%}"
         "th,td{border:1px solid #999;padding:2px 6px;text-align:right;vertical-align:bottom}"
         "th:first-child,td:first-child{text-align:left;white-space:nowrap}"
         "thead th{background:#eee}tr.above td{font-weight:bold}small{color:#555}"
         "@media print{@page{size:A4 landscape;margin:10mm}body{margin:0;font-size:10px}"
         "table{page-break-inside:auto}tr{page-break-inside:avoid}thead{display:table-header-group}"
         "}";
}

}  // namespace doorstep::figures
