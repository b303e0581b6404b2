#include "server/commands/report_figures.hpp"

#include <fstream>
#include <iterator>

namespace doorstep::commands {

Result<std::string> top_unit(const figures::RunQuery& run) {
  DS_ASSIGN(const auto found,
            run("SELECT code FROM org_unit WHERE parent_code IS NULL OR NOT EXISTS (SELECT 1 FROM "
                "org_unit AS above WHERE above.code = org_unit.parent_code) ORDER BY code LIMIT 2",
                {}));
  if (found.rows.size() != 1)
    return error(ErrorCode::not_found, "one unit above all others; name it with --scope");
  return std::string(found.rows[0][0].as_text());
}

Result<figures::FigureSet> figures_of(const std::string& file) {
  if (file.empty()) return figures::parse_figures(figures::village_figures_text());
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) return error(ErrorCode::not_found, file);
  return figures::parse_figures(text);
}

}  // namespace doorstep::commands
