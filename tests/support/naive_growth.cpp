// A newer form, said plainly (see naive_model.hpp): in the columns that it adds every row has a
// NULL that nobody wrote, as if the insert had left them out.
#include "tests/support/naive_model.hpp"

namespace doorstep::test {
namespace {

NaiveWrite nothing_said(const NaiveRow& row, std::size_t columns) {
  NaiveWrite blank = row.writes.at(ColumnId{0}).front();
  blank.values.assign(columns, Value::null());
  blank.amount.reset();
  blank.edit = {};
  blank.what = Decision::none;
  blank.left_out = blank.begins_life = true;
  blank.to_dead = blank.joined = blank.no_mark = false;
  blank.addressed_to = {};
  blank.meant.clear();
  return blank;
}

}  // namespace

void NaiveHub::grow(const Schema& schema, Position commit) {
  begin_commit();
  const Schema& before = *schema_;
  schema_ = &schema;
  for (auto& [key, row] : rows_) {
    const std::size_t first = before.table(key.table).columns.size();
    for (std::size_t i = first; i < schema.table(key.table).columns.size(); ++i) {
      const ColumnId cell{static_cast<std::uint16_t>(i)};
      const auto columns = cell_of(schema.table(key.table), cell);
      if (columns.front() != cell) continue;
      row.writes[cell] = {nothing_said(row, columns.size())};
      if (!row.death) continue;
      row.death->observed[cell] = row.death->position;
      row.death->after[cell] = 1;
    }
  }
  end_commit(commit);
}

}  // namespace doorstep::test
