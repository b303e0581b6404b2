// doorstep-sample: prints the sample village as SQL or JSON lines.
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "schema/figures/period.hpp"
#include "schema/sample/row_text.hpp"
#include "schema/sample/village_sample.hpp"

namespace {

constexpr std::chrono::sys_days earliest = std::chrono::year{1971} / 1 / 1;

int print(std::ostream& out, const doorstep::sample::SampleOptions& options, bool json) {
  for (const auto& row : doorstep::sample::make_village_sample(options)) {
    out << (json ? doorstep::sample::json_text(row) : doorstep::sample::sql_text(row)) << '\n';
  }
  out.flush();
  if (out) return 0;
  std::cerr << "doorstep-sample: writing failed; check the disk and the file's permissions\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  doorstep::sample::SampleOptions options;
  std::string reference = "2024-12-31";
  std::string file;
  bool json = false;
  bool sql = false;
  CLI::App app{
      "The sample village Dushi: 339 households, 1,232 residents and a year of work.\n"
      "Same seed, same bytes.\n\n"
      "  doorstep-sample --seed 7 --out village.sql\n"
      "  doorstep-sample --json | head"};
  app.add_option("--seed", options.seed, "Any number (default 1)");
  app.add_option("--reference", reference,
                 "The day that ages are counted at and the year ends on (2024-12-31)");
  auto* sql_flag = app.add_flag("--sql", sql, "INSERT statements, one a line (the default)");
  app.add_flag("--json", json, "JSON objects, one a line")->excludes(sql_flag);
  app.add_option("--out", file, "Write here instead of to standard output");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    return app.exit(failure) == 0 ? 0 : 2;
  }
  const auto day = doorstep::figures::parse_day(reference);
  if (!day || *day < earliest) {
    std::cerr << "doorstep-sample: --reference wants a date YYYY-MM-DD from 1971 on\n";
    return 2;
  }
  options.reference = *day;
  if (file.empty()) return print(std::cout, options, json);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  return print(out, options, json);
}
