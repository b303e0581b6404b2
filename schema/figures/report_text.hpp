// A report as people and machines take it. Pure.
#pragma once

#include <string>

#include "schema/figures/report.hpp"

namespace doorstep::figures {

struct ReportMeta {
  std::string title;           ///< of a page
  std::uint64_t position = 0;  ///< of the hub, which the figures were computed from
  std::string digest;          ///< of the scope there
  bool chinese = false;
};

/// 12; 123.45 for fen, in yuan; 4.67 for a mean; 68.7% for a percent. A mean of nothing is "-".
[[nodiscard]] std::string amount_text(Unit unit, const Amount& amount);
/// The same as a JSON number: fen stay fen; null for a mean of nothing.
[[nodiscard]] std::string amount_json(Unit unit, const Amount& amount);

/// A column as it was closed, of a unit whose period it is; else empty.
[[nodiscard]] std::string closed_text(const Report& report, const Line& line, std::size_t column);
/// Who closed it and when; empty for a unit without.
[[nodiscard]] std::string closed_note(const Line& line, bool chinese);

/// One object: period, previous, position, digest, figures (name, unit, title), units (code, name,
/// level, `now` and `before` as objects by figure, and `closed` where the period was closed).
[[nodiscard]] std::string report_json(const Report& report, const ReportMeta& meta);
/// RFC 4180, UTF-8 with a byte order mark, for spreadsheets: a line for each unit, two columns for
/// each figure (now, before), three where a unit's period was closed.
[[nodiscard]] std::string report_csv(const Report& report, const ReportMeta& meta);
/// One page for printing, without scripts or anything from elsewhere.
[[nodiscard]] std::string report_html(const Report& report, const ReportMeta& meta);

}  // namespace doorstep::figures
