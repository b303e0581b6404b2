#include "server/report/kept_parts.hpp"

#include <utility>

namespace doorstep {
namespace {

void bind_all(sqlite::Statement& statement, const figures::Parameters& parameters) {
  for (const auto& [name, value] : parameters) {
    const int index = statement.parameter_index((":" + name).c_str());
    if (index > 0) statement.bind(index, std::string_view(value));
  }
}

}  // namespace

Status KeptParts::keep(const figures::Part& part, const figures::Parameters& parameters) {
  DS_TRY(db_.run("DROP TABLE IF EXISTS temp." + part.name));
  large_.erase(part.name);
  DS_ASSIGN(auto make,
            db_.prepare("CREATE TEMP TABLE " + part.name + " AS WITH RECURSIVE " + part.head +
                        " AS (\n" + turned(part.select) + ") SELECT * FROM " + part.name));
  bind_all(make, parameters);
  DS_ASSIGN(const bool row, make.step());
  static_cast<void>(row);
  if (!part.head.starts_with(part.name + "(id,")) return {};
  DS_ASSIGN(const auto rows, db_.one("SELECT count(*) FROM temp." + part.name));
  if (!rows || rows->as_integer() < large_from_) return {};
  DS_TRY(db_.run("CREATE INDEX temp." + part.name + "_by_id ON " + part.name + " (id)"));
  large_[part.name] = rows->as_integer();
  return {};
}

Result<figures::QueryResult> KeptParts::run(const std::string& sql,
                                            const figures::Parameters& parameters) {
  DS_ASSIGN(auto statement, db_.prepare(turned(sql)));
  bind_all(statement, parameters);
  figures::QueryResult result;
  for (int i = 0; i < statement.column_count(); ++i)
    result.columns.emplace_back(statement.column_name(i));
  for (;;) {
    DS_ASSIGN(const bool more, statement.step());
    if (!more) return result;
    std::vector<Value>& row = result.rows.emplace_back();
    row.reserve(result.columns.size());
    for (int i = 0; i < statement.column_count(); ++i) row.push_back(statement.value(i));
  }
}

/// "FROM everyone CROSS JOIN help_given ON" begins with the smaller one.
std::string KeptParts::turned(std::string sql) {
  for (const auto& [part, rows] : large_) {
    const std::string before = "FROM " + part + " CROSS JOIN ";
    for (std::size_t at = sql.find(before); at != std::string::npos;
         at = sql.find(before, at + 1)) {
      const std::size_t begins = at + before.size();
      const std::size_t ends = sql.find_first_of(" (\n", begins);
      if (ends == std::string::npos || ends == begins || sql.compare(ends, 4, " ON ") != 0)
        continue;
      const std::string table = sql.substr(begins, ends - begins);
      if (!is_smaller(table, rows)) continue;
      sql.replace(at, ends - at, "FROM " + table + " CROSS JOIN " + part);
    }
  }
  return sql;
}

bool KeptParts::is_smaller(const std::string& table, std::int64_t rows) {
  auto known = rows_.find(table);
  if (known == rows_.end()) {
    const auto counted = db_.one("SELECT count(*) FROM " + table);
    const bool number = counted && *counted && (*counted)->kind() == Value::Kind::integer;
    known = rows_.emplace(table, number ? (*counted)->as_integer() : rows).first;
  }
  return known->second < rows;
}

}  // namespace doorstep
