#include "engine/core/row.hpp"

#include <doctest/doctest.h>

using namespace doorstep;

TEST_CASE("a column without an entry of its own changed when its row was last written as a whole") {
  StoredRow row;
  row.base.position = Position{10};
  row.cells = {{ColumnId{1}, Position{12}, {}, {}, {}}, {ColumnId{4}, Position{11}, {}, {}, {}}};
  CHECK(row.changed(ColumnId{0}) == Position{10});
  CHECK(row.changed(ColumnId{1}) == Position{12});
  CHECK(row.changed(ColumnId{4}) == Position{11});
  CHECK(row.changed(ColumnId{5}) == Position{10});
  CHECK(row.find_cell(ColumnId{2}) == nullptr);
  REQUIRE(row.find_cell(ColumnId{4}) != nullptr);
  CHECK(row.find_cell(ColumnId{4})->changed == Position{11});
}
