#include "schema/figures/report_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "engine/core/json_line.hpp"

namespace doorstep::figures {
namespace {

bool is_share(Unit unit) { return unit == Unit::mean || unit == Unit::percent; }

std::string with_decimals(double value, int decimals) {
  std::array<char, 64> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string whole(double value) { return std::to_string(std::llround(value)); }

double share_of(Unit unit, const Amount& amount) {
  return (unit == Unit::percent ? 100 : 1) * amount.value / amount.weight;
}

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
                       std::string_view("=+-@").find(text.front()) != std::string_view::npos &&
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

std::string unit_name(Unit unit) {
  static constexpr std::array<const char*, 4> names = {"count", "fen", "mean", "percent"};
  return names[static_cast<std::size_t>(unit)];
}

std::string amounts_json(const Report& report, const std::vector<Amount>& amounts) {
  JsonLine json;
  for (std::size_t i = 0; i < amounts.size(); ++i)
    json.raw(report.columns[i].name, amount_json(report.columns[i].unit, amounts[i]));
  return json.done();
}

constexpr const char* style =
    "body{font:14px/1.4 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:1.5em;color:#111}"
    "h1{font-size:1.4em;margin:0 0 .2em}p{margin:.2em 0 1em;color:#444}"
    "table{border-collapse:collapse;margin-bottom:1.5em;width:100%}"
    "th,td{border:1px solid #999;padding:2px 6px;text-align:right;vertical-align:bottom}"
    "th:first-child,td:first-child{text-align:left;white-space:nowrap}"
    "thead th{background:#eee}tr.above td{font-weight:bold}small{color:#555}"
    "@media print{@page{size:A4 landscape;margin:10mm}body{margin:0;font-size:10px}"
    "table{page-break-inside:auto}tr{page-break-inside:avoid}thead{display:table-header-group}}";

// So many figures stand beside each other on a page.
constexpr std::size_t columns_of_table = 10;

std::string html_table(const Report& report, bool chinese, std::size_t from, std::size_t to) {
  std::string out = "<table><thead><tr><th>" + std::string(chinese ? "单位" : "unit") + "</th>";
  for (std::size_t i = from; i < to; ++i)
    out += "<th>" + html_text(report.columns[i].title(chinese)) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (const Line& line : report.lines) {
    out += line.level == "village" ? "<tr>" : "<tr class=\"above\">";
    out += "<td>" + html_text(line.name) + "</td>";
    for (std::size_t i = from; i < to; ++i) {
      const Unit unit = report.columns[i].unit;
      out += "<td>" + amount_text(unit, line.now[i]) + " <small>" +
             amount_text(unit, line.earlier[i]) + "</small></td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table>\n";
}

}  // namespace

std::string amount_text(Unit unit, const Amount& amount) {
  if (unit == Unit::count) return whole(amount.value);
  if (unit == Unit::fen) return with_decimals(amount.value / 100, 2);
  if (amount.weight == 0) return "-";
  return unit == Unit::mean ? with_decimals(share_of(unit, amount), 2)
                            : with_decimals(share_of(unit, amount), 1) + "%";
}

std::string amount_json(Unit unit, const Amount& amount) {
  if (!is_share(unit)) return whole(amount.value);
  return amount.weight == 0 ? "null" : with_decimals(share_of(unit, amount), 4);
}

std::string report_json(const Report& report, const ReportMeta& meta) {
  std::string figures = "[";
  for (const Column& column : report.columns) {
    if (figures.size() > 1) figures += ",";
    figures += JsonLine()
                   .text("name", column.name)
                   .text("unit", unit_name(column.unit))
                   .text("title", column.title(meta.chinese))
                   .done();
  }
  std::string units = "[";
  for (const Line& line : report.lines) {
    if (units.size() > 1) units += ",";
    units += JsonLine()
                 .text("code", line.code)
                 .text("name", line.name)
                 .text("level", line.level)
                 .raw("now", amounts_json(report, line.now))
                 .raw("before", amounts_json(report, line.earlier))
                 .done();
  }
  return JsonLine()
      .text("period", report.period.name)
      .text("from", day_text(report.period.from))
      .text("until", day_text(report.period.until))
      .text("previous", report.previous.name)
      .number("position", meta.position)
      .text("digest", meta.digest)
      .raw("figures", figures + "]")
      .raw("units", units + "]")
      .done();
}

std::string report_csv(const Report& report, const ReportMeta& meta) {
  std::string out = "\xEF\xBB\xBF";
  out += meta.chinese ? "代码,单位,层级" : "code,unit,level";
  for (const Column& column : report.columns) {
    const std::string title = column.title(meta.chinese);
    out += "," + csv_field(title) + "," + csv_field(title + " " + report.previous.name);
  }
  out += "\r\n";
  for (const Line& line : report.lines) {
    out += csv_field(line.code) + "," + csv_field(line.name) + "," + csv_field(line.level);
    for (std::size_t i = 0; i < report.columns.size(); ++i) {
      const Unit unit = report.columns[i].unit;
      out += "," + csv_field(amount_text(unit, line.now[i])) + "," +
             csv_field(amount_text(unit, line.earlier[i]));
    }
    out += "\r\n";
  }
  return out;
}

std::string report_html(const Report& report, const ReportMeta& meta) {
  const bool zh = meta.chinese;
  std::string out = "<!DOCTYPE html>\n<html lang=\"" + std::string(zh ? "zh-CN" : "en") +
                    "\"><head><meta charset=\"utf-8\"><title>" + html_text(meta.title) +
                    "</title><style>" + style + "</style></head><body>\n<h1>" +
                    html_text(meta.title) + "</h1>\n<p>" + day_text(report.period.from) + " – " +
                    day_text(report.period.until) + (zh ? "；小字为 " : "; small: ") +
                    report.previous.name + (zh ? "；位置 " : "; position ") +
                    std::to_string(meta.position) + (zh ? "，校验 " : ", digest ") +
                    html_text(meta.digest) + "</p>\n";
  for (std::size_t from = 0; from < report.columns.size(); from += columns_of_table) {
    const std::size_t to = std::min(from + columns_of_table, report.columns.size());
    out += html_table(report, zh, from, to);
  }
  return out + "</body></html>\n";
}

}  // namespace doorstep::figures
