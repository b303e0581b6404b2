// Rows of the sample as they are written, one after another.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/sample/dice.hpp"
#include "schema/sample/village_sample.hpp"

namespace doorstep::sample {

class RowWriter {
 public:
  void begin(std::string table, Value key, std::string key_column = "id") {
    rows_.push_back({std::move(table), std::move(key_column), std::move(key), {}});
  }
  /// A column of the row begun last; NULLs are left out.
  void put(std::string column, Value value) {
    if (!value.is_null()) rows_.back().columns.emplace_back(std::move(column), std::move(value));
  }
  void put(std::string column, std::string_view text) { put(std::move(column), Value::text(text)); }
  void put(std::string column, Day day) {
    put(std::move(column), Value::text(figures::day_text(day)));
  }
  void put(std::string column, int number) { put(std::move(column), Value::integer(number)); }

  [[nodiscard]] std::vector<SampleRow> take() { return std::exchange(rows_, {}); }

 private:
  std::vector<SampleRow> rows_;
};

}  // namespace doorstep::sample
