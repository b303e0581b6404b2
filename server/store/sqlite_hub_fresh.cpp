#include "server/store/sqlite_hub_fresh.hpp"

#include <algorithm>
#include <utility>

#include "engine/wire/codec.hpp"
#include "server/store/sqlite_hub_rows.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep {

bool KeyGap::holds(const RowId& id) const {
  return begin_ && *begin_ < id && (!end_ || id < *end_);
}

Status KeyGap::look_beyond(HubConnection& hub, const HubSql& sql, TableId table_id,
                           const RowId& absent, const RowId& next) {
  constexpr std::size_t longest_pause = 64;
  if (to_skip_ > 0) {
    --to_skip_;
    return {};
  }
  const Table& table = sql.schema.table(table_id);
  DS_ASSIGN(const HubQuery find, hub.query(sql.tables[table_id.index].next_keys));
  bind_key(*find, 1, table, absent);
  find->bind(2, std::string_view(table.name));
  DS_ASSIGN(const bool found, find->step());
  DS_ASSERT(found);
  begin_ = absent;
  end_.reset();
  for (int column = 0; column < 3; ++column) {
    if (find->is_null(column)) continue;
    DS_ASSIGN(const RowId key, row_id_at(*find, column));
    end_ = end_ ? std::min(*end_, key) : key;
  }
  pause_ = holds(next) ? 0 : std::min(2 * pause_ + 1, longest_pause);
  to_skip_ = pause_;
  return {};
}

Status FreshRows::put(const StoredRow& row) {
  if (!waiting_.empty() && waiting_.front()->table != row.table) DS_TRY(finish());
  waiting_.push_back(&row);
  return waiting_.size() < sql_.tables[row.table.index].rows_at_once ? Status() : put_together();
}

// As many as the statement takes.
Status FreshRows::put_together() {
  const HubTableSql& table = sql_.tables[waiting_.front()->table.index];
  DS_ASSIGN(const HubQuery put, hub_.query(table.insert_several));
  std::vector<Bytes> exceptions;
  exceptions.reserve(waiting_.size());
  int parameter = 1;
  for (const StoredRow* row : waiting_) {
    exceptions.push_back(encode_exceptions(sql_.schema, *row));
    DS_ASSIGN(parameter, bind_row(hub_, sql_, *put, parameter, *row, exceptions.back()));
  }
  waiting_.clear();
  return put->run();
}

Status FreshRows::finish() {
  for (const StoredRow* row : std::exchange(waiting_, {})) {
    DS_TRY(put_row(hub_, sql_, *row, true));
  }
  return {};
}

}  // namespace doorstep
