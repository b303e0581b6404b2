#include "server/report/closed_text.hpp"

#include <array>
#include <utility>

#include "engine/core/json_line.hpp"
#include "engine/core/time.hpp"
#include "schema/figures/report_text.hpp"
#include "schema/figures/text_marks.hpp"
#include "server/text_table.hpp"

namespace doorstep {
namespace {

using figures::Closing;
using figures::csv_field;
using figures::Difference;
using figures::html_text;

/// To the minute, in China.
std::string minute_in_china(const std::optional<Instant>& at) {
  constexpr std::int64_t ahead_ms = std::int64_t{8} * 3'600'000;
  if (!at) return "";
  std::string text = to_rfc3339({at->ms + ahead_ms}).substr(0, 16);
  text[10] = ' ';
  return text;
}

std::string difference_text(const Difference& one) {
  using figures::Unit;
  if (one.column.unit == Unit::count || one.column.unit == Unit::fen) {
    const double by = one.now.value - one.closed.value;
    return (by > 0 ? "+" : "") + amount_text(one.column.unit, {by, 0});
  }
  if (one.closed.weight == 0 || one.now.weight == 0) return "";
  const double by = one.now.value / one.now.weight - one.closed.value / one.closed.weight;
  return (by > 0 ? "+" : "") + amount_text(one.column.unit, {by, 1});
}

std::string what_text(const LateRow& row, bool chinese) {
  static constexpr std::array<std::pair<const char*, const char*>, 5> names = {
      {{"new", "新增"},
       {"changed", "修改"},
       {"moved here", "迁入"},
       {"moved away", "迁出"},
       {"deleted", "删除"}}};
  const auto& [english, zh] = names[static_cast<std::size_t>(row.what)];
  std::string text = chinese ? zh : english;
  for (std::size_t i = 0; i < row.columns.size() && row.what == LateRow::What::changed; ++i)
    text += (i == 0 ? ": " : ", ") + row.columns[i];
  if (!row.elsewhere.empty()) text += " → " + row.elsewhere;
  return text;
}

std::string key_text(const LateRow& row) {
  return row.row.kind() == Value::Kind::blob ? to_hex(row.row.as_blob()) : row.row.display();
}

std::string closing_line(const Closing& closing, bool first, bool chinese) {
  const std::string position = std::to_string(closing.position);
  std::string text = chinese ? closing.by + " 于 " + closing.on + (first ? " 结账" : " 更正结账") +
                                   "（位置 " + position + "）"
                             : (first ? "closed on " : "amended on ") + closing.on + " by " +
                                   closing.by + " (position " + position + ")";
  if (!closing.why.empty()) text += (chinese ? "：" : ": ") + closing.why;
  return text;
}

std::string closings_json(const figures::ClosedPeriod& closed) {
  std::string json = "[";
  for (const Closing& one : closed.closings) {
    if (json.size() > 1) json += ",";
    json += JsonLine()
                .text("id", one.id)
                .text("on", one.on)
                .text("by", one.by)
                .text("why", one.why)
                .number("position", one.position)
                .text("digest", one.digest)
                .done();
  }
  return json + "]";
}

std::string late_json(const ClosedReport& report, const LateRow& row) {
  std::string columns = "[";
  for (const std::string& column : row.columns)
    columns += (columns.size() > 1 ? "," : "") + json_string(column);
  return JsonLine()
      .text("table", row.table)
      .value("row", row.row)
      .text("what", name_of(row.what))
      .raw("columns", columns + "]")
      .text("elsewhere", row.elsewhere)
      .text("stated", row.stated)
      .text("about", row.about)
      .text("why", row.why)
      .text("by", row.author)
      .time("written_at", row.written)
      .time("claimed_at", row.claimed)
      .time("arrived_at", row.arrived)
      .number("position", row.position.number())
      .boolean("amended", report.is_amended(row))
      .done();
}

const char* no_position(bool chinese) {
  return chinese ? "结账时的位置不属于这台服务器：不能列出之后到达的记录"
                 : "closed at a position that this hub does not have: what came later is not known";
}

std::vector<std::string> late_header(bool chinese) {
  if (chinese) return {"表", "变化", "日期", "对象", "填写手机", "填写", "到达", "原因", "已更正"};
  return {"TABLE", "WHAT", "STATED", "ABOUT", "BY", "WRITTEN", "ARRIVED", "WHY", "AMENDED"};
}

std::vector<std::string> late_cells(const ClosedReport& report, const LateRow& row, bool chinese) {
  const char* amended = chinese ? "是" : "yes";
  return {chinese ? row.chinese : row.english,
          what_text(row, chinese),
          row.stated,
          row.about,
          row.author,
          minute_in_china(row.written),
          minute_in_china(row.arrived),
          row.why,
          report.is_amended(row) ? amended : ""};
}

std::vector<std::string> figure_header(bool amended, bool chinese) {
  std::vector<std::string> header = chinese ? std::vector<std::string>{"指标", "结账时"}
                                            : std::vector<std::string>{"FIGURE", "CLOSED"};
  if (amended) header.emplace_back(chinese ? "更正" : "AMENDED");
  header.emplace_back(chinese ? "现在" : "NOW");
  header.emplace_back(chinese ? "差" : "DIFFERENCE");
  return header;
}

std::vector<std::string> figure_cells(const Difference& one, bool amended, bool chinese) {
  std::vector<std::string> cells{one.column.title(chinese),
                                 amount_text(one.column.unit, one.closed)};
  if (amended) cells.push_back(amount_text(one.column.unit, one.stated));
  cells.push_back(amount_text(one.column.unit, one.now));
  cells.push_back(difference_text(one));
  return cells;
}

/// States of today are no amendment of what was closed.
std::vector<const Difference*> amendments_of(const ClosedReport& report) {
  std::vector<const Difference*> found;
  for (const Difference& one : report.differences) {
    if (!one.is_now) found.push_back(&one);
  }
  return found;
}

std::string html_row(const std::vector<std::string>& cells, const char* cell) {
  std::string out = "<tr>";
  for (const std::string& one : cells)
    out.append("<").append(cell).append(">").append(html_text(one)).append("</").append(cell) +=
        ">";
  return out + "</tr>\n";
}

std::string html_of(const ClosedReport& report, bool chinese) {
  const bool amended = report.closed.closings.size() > 1;
  std::string out =
      "<h1>" + html_text(report.unit_name + " " + report.closed.period) + "</h1>\n<p>";
  for (const Closing& one : report.closed.closings)
    out += html_text(closing_line(one, &one == &report.closed.first(), chinese)) + "<br>";
  out += "</p>\n<table><thead>" + html_row(figure_header(amended, chinese), "th") +
         "</thead><tbody>\n";
  for (const Difference* one : amendments_of(report))
    out += html_row(figure_cells(*one, amended, chinese), "td");
  out += "</tbody></table>\n";
  if (!report.is_known) return out + "<p>" + no_position(chinese) + "</p>\n";
  out += "<table><thead>" + html_row(late_header(chinese), "th") + "</thead><tbody>\n";
  for (const LateRow& row : report.late) out += html_row(late_cells(report, row, chinese), "td");
  return out + "</tbody></table>\n";
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string out;
  for (const std::string& cell : cells) out += (out.empty() ? "" : ",") + csv_field(cell);
  return out + "\r\n";
}

}  // namespace

std::string closed_json(const ClosedReport& report, bool chinese) {
  std::string differences = "[";
  for (const Difference& one : report.differences) {
    if (differences.size() > 1) differences += ",";
    differences += JsonLine()
                       .text("figure", one.column.name)
                       .text("title", one.column.title(chinese))
                       .raw("closed", amount_json(one.column.unit, one.closed))
                       .raw("stated", amount_json(one.column.unit, one.stated))
                       .raw("now", amount_json(one.column.unit, one.now))
                       .boolean("dated", !one.is_now)
                       .done();
  }
  std::string late = "[";
  for (const LateRow& row : report.late)
    late += (late.size() > 1 ? "," : "") + late_json(report, row);
  return JsonLine()
      .text("unit", report.closed.unit)
      .text("name", report.unit_name)
      .text("period", report.closed.period)
      .raw("closings", closings_json(report.closed))
      .boolean("known", report.is_known)
      .raw("differences", differences + "]")
      .raw("late", late + "]")
      .done();
}

std::string closed_csv(const std::vector<ClosedReport>& reports, bool chinese) {
  std::string out = "\xEF\xBB\xBF";
  out +=
      chinese
          ? "单位,期间,类别,名称,结账时,更正,现在,记录,变化,日期,对象,填写手机,填写,到达,原因\r\n"
          : "unit,period,kind,name,closed,amended,now,row,what,stated,about,by,written,"
            "arrived,why\r\n";
  for (const ClosedReport& report : reports) {
    const std::string& unit = report.closed.unit;
    const std::string& period = report.closed.period;
    for (const Closing& one : report.closed.closings) {
      const bool first = &one == &report.closed.first();
      out += csv_line({unit, period, first ? "closing" : "amendment", "", "", "", "", one.id, "",
                       one.on, "", one.by, "", "", one.why});
    }
    for (const Difference* one : amendments_of(report)) {
      const figures::Unit of = one->column.unit;
      out += csv_line({unit, period, "figure", one->column.title(chinese),
                       amount_text(of, one->closed), amount_text(of, one->stated),
                       amount_text(of, one->now), "", "", "", "", "", "", "", ""});
    }
    for (const LateRow& row : report.late) {
      out += csv_line({unit, period, "row", chinese ? row.chinese : row.english, "", "", "",
                       key_text(row), what_text(row, chinese), row.stated, row.about, row.author,
                       minute_in_china(row.written), minute_in_china(row.arrived), row.why});
    }
  }
  return out;
}

std::string closed_html(const std::vector<ClosedReport>& reports, bool chinese) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"" + std::string(chinese ? "zh-CN" : "en") +
                    "\"><head><meta charset=\"utf-8\"><title>" +
                    (chinese ? "已结账的期间" : "closed periods") + "</title><style>" +
                    std::string(figures::page_style()) + "</style></head><body>\n";
  for (const ClosedReport& report : reports) out += html_of(report, chinese);
  return out + "</body></html>\n";
}

std::string closed_lines(const ClosedReport& report, bool chinese) {
  const bool amended = report.closed.closings.size() > 1;
  std::string out = report.unit_name + " " + report.closed.period + '\n';
  for (const Closing& one : report.closed.closings)
    out += "  " + closing_line(one, &one == &report.closed.first(), chinese) + '\n';
  const auto differences = amendments_of(report);
  if (differences.empty()) {
    out += chinese ? "  各项数字与结账时相同。\n" : "  Every figure is as it was closed.\n";
  } else {
    TextTable table(figure_header(amended, chinese));
    for (const Difference* one : differences) table.add(figure_cells(*one, amended, chinese));
    out += '\n' + table.text();
  }
  if (!report.is_known) return out + "  " + no_position(chinese) + '\n';
  if (report.late.empty()) return out;
  TextTable table(late_header(chinese));
  for (const LateRow& row : report.late) table.add(late_cells(report, row, chinese));
  return out + '\n' + table.text();
}

}  // namespace doorstep
