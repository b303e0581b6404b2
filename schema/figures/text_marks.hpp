// What marks text needs so that a page shows it and a spreadsheet keeps it as it is. Pure.
#pragma once

#include <string>
#include <string_view>

namespace doorstep::figures {

/// For a page: & < > and " as entities.
[[nodiscard]] std::string html_text(std::string_view text);
/// For a spreadsheet: quoted where it must be; what begins like a formula gets an apostrophe.
[[nodiscard]] std::string csv_field(std::string_view text);
/// The style of a page for printing.
[[nodiscard]] std::string_view page_style();

}  // namespace doorstep::figures
