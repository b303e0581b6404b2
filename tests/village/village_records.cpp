#include "tests/village/village_records.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdio>

#include "engine/sqlite/database.hpp"
#include "schema/loader.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::test {

std::string text(const Record& row, const std::string& column) {
  const auto found = row.find(column);
  REQUIRE_MESSAGE(found != row.end(), column);
  const Value& value = found->second;
  if (value.kind() == Value::Kind::text) return std::string(value.as_text());
  if (value.kind() == Value::Kind::blob) return to_hex(value.as_blob());
  return "";
}

std::int64_t number(const Record& row, const std::string& column) {
  const Value& value = row.at(column);
  return value.kind() == Value::Kind::integer ? value.as_integer() : 0;
}

std::string shifted(const std::string& day, int years, int days) {
  using namespace std::chrono;
  const auto part = [&](std::size_t at, std::size_t size) {
    return std::stoi(day.substr(at, size));
  };
  const year_month_day date = year(part(0, 4) + years) / month(static_cast<unsigned>(part(5, 2))) /
                              static_cast<unsigned>(part(8, 2));
  // A day that is not there is the first of the next month.
  const sys_days whole = sys_days(date) + std::chrono::days(days);
  const year_month_day out(whole);
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u", static_cast<int>(out.year()),
                static_cast<unsigned>(out.month()), static_cast<unsigned>(out.day()));
  return buffer.data();
}

Records read_records(const std::string& file) {
  const Schema schema = load_schema_file(source_dir() / "schema/village.toml").value();
  sqlite::OpenOptions options;
  options.read_only = true;
  auto db = sqlite::Database::open(file, options).value();
  REQUIRE(db.run("BEGIN").ok());
  Records records;
  for (const Table& table : schema.tables()) {
    std::vector<Record>& rows = records[table.name];
    auto all = db.prepare("SELECT * FROM " + table.name).value();
    while (all.step().value()) {
      Record& row = rows.emplace_back();
      for (int i = 0; i < all.column_count(); ++i)
        row[std::string(all.column_name(i))] = all.value(i);
    }
  }
  return records;
}

}  // namespace doorstep::test
