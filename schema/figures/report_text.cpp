#include "schema/figures/report_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "engine/core/json_line.hpp"
#include "schema/figures/text_marks.hpp"

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

std::string closed_json(const Report& report, const ClosedFigures& closed) {
  JsonLine amounts;
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    if (closed.amounts[i])
      amounts.raw(report.columns[i].name, amount_json(report.columns[i].unit, *closed.amounts[i]));
  }
  return JsonLine()
      .text("on", closed.on)
      .text("by", closed.by)
      .number("position", closed.position)
      .number("amendments", std::uint64_t{closed.amendments})
      .raw("figures", amounts.done())
      .done();
}

bool has_closed(const Report& report) {
  return std::any_of(report.lines.begin(), report.lines.end(),
                     [](const Line& line) { return line.closed.has_value(); });
}

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
             amount_text(unit, line.earlier[i]) + "</small>";
      if (line.closed) out += "<br>[" + closed_text(report, line, i) + "]";
      out += "</td>";
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

std::string closed_text(const Report& report, const Line& line, std::size_t column) {
  if (!line.closed || !line.closed->amounts[column]) return "";
  return amount_text(report.columns[column].unit, *line.closed->amounts[column]);
}

std::string closed_note(const Line& line, bool chinese) {
  if (!line.closed) return "";
  const ClosedFigures& closed = *line.closed;
  const std::string amendments = std::to_string(closed.amendments);
  if (chinese) {
    return closed.by + " 于 " + closed.on + " 结账" +
           (closed.amendments > 0 ? "，更正 " + amendments + " 次" : "") +
           "；方括号内为结账时的数字";
  }
  return "closed on " + closed.on + " by " + closed.by +
         (closed.amendments > 0 ? ", amended " + amendments + " times" : "") +
         "; in brackets as it was closed";
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
    JsonLine unit;
    unit.text("code", line.code)
        .text("name", line.name)
        .text("level", line.level)
        .raw("now", amounts_json(report, line.now))
        .raw("before", amounts_json(report, line.earlier));
    if (line.closed) unit.raw("closed", closed_json(report, *line.closed));
    units += unit.done();
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
  const bool closed = has_closed(report);
  std::string out = "\xEF\xBB\xBF";
  out += meta.chinese ? "代码,单位,层级" : "code,unit,level";
  for (const Column& column : report.columns) {
    const std::string title = column.title(meta.chinese);
    out += "," + csv_field(title) + "," + csv_field(title + " " + report.previous.name);
    if (closed) out += "," + csv_field(title + (meta.chinese ? " 结账时" : " as closed"));
  }
  out += "\r\n";
  for (const Line& line : report.lines) {
    out += csv_field(line.code) + "," + csv_field(line.name) + "," + csv_field(line.level);
    for (std::size_t i = 0; i < report.columns.size(); ++i) {
      const Unit unit = report.columns[i].unit;
      out += "," + csv_field(amount_text(unit, line.now[i])) + "," +
             csv_field(amount_text(unit, line.earlier[i]));
      if (closed) out += "," + csv_field(line.closed ? closed_text(report, line, i) : "");
    }
    out += "\r\n";
  }
  return out;
}

std::string report_html(const Report& report, const ReportMeta& meta) {
  const bool zh = meta.chinese;
  std::string out = "<!DOCTYPE html>\n<html lang=\"" + std::string(zh ? "zh-CN" : "en") +
                    "\"><head><meta charset=\"utf-8\"><title>" + html_text(meta.title) +
                    "</title><style>" + std::string(page_style()) + "</style></head><body>\n<h1>" +
                    html_text(meta.title) + "</h1>\n<p>" + day_text(report.period.from) + " – " +
                    day_text(report.period.until) + (zh ? "；小字为 " : "; small: ") +
                    report.previous.name + (zh ? "；位置 " : "; position ") +
                    std::to_string(meta.position) + (zh ? "，校验 " : ", digest ") +
                    html_text(meta.digest) + "</p>\n";
  for (const Line& line : report.lines) {
    if (line.closed) out += "<p>" + html_text(line.name + ": " + closed_note(line, zh)) + "</p>\n";
  }
  for (std::size_t from = 0; from < report.columns.size(); from += columns_of_table) {
    const std::size_t to = std::min(from + columns_of_table, report.columns.size());
    out += html_table(report, zh, from, to);
  }
  return out + "</body></html>\n";
}

}  // namespace doorstep::figures
