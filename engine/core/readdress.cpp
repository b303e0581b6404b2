#include "engine/core/readdress.hpp"

#include <algorithm>

#include "engine/core/merge_batch.hpp"
#include "engine/core/merge_row.hpp"
#include "engine/core/policy.hpp"
#include "engine/core/redirect_cells.hpp"

namespace doorstep {
namespace {

/// The row that a value of a column refers to.
std::optional<RowKey> target_of(const Schema& schema, const Column& column, const Value& value) {
  if (!column.references || value.is_null()) return std::nullopt;
  const auto row = key_of(schema.table(*column.references), value);
  return row ? std::optional(RowKey{*column.references, *row}) : std::nullopt;
}

const Value* value_in(const CellChange& cell) { return std::get_if<Value>(&cell.edit); }

class Readdressing {
 public:
  Readdressing(const Schema& schema, const Aliases& aliases, IncomingTransaction& transaction,
               Position commit)
      : schema_(schema), aliases_(aliases), transaction_(transaction), commit_(commit) {}

  Readdressed run() {
    std::vector<RowChange> kept;
    for (RowChange& change : transaction_.content.changes) {
      if (change.table.index < schema_.tables().size() && !take(change)) continue;
      kept.push_back(std::move(change));
    }
    transaction_.content.changes = std::move(kept);
    return std::move(out_);
  }

 private:
  /// False: the change is taken out.
  bool take(RowChange& change) {
    const RowKey key{change.table, change.row};
    const auto found = aliases_.find(key);
    if (found != aliases_.end()) {
      const RowId living = found->second.back();
      if (change.kind == RowChange::Kind::remove) {
        out_.deletes.push_back({key, {key.table, living}});
        transaction_.kept.insert({key.table, living});
        return false;
      }
      log_write(key, found->second, change);
      address(change, living);
    }
    if (change.kind != RowChange::Kind::remove) refer(change);
    return true;
  }

  /// Once for the alias itself and once for each row on the way, so that either can be taken apart.
  void log_write(const RowKey& alias, const std::vector<RowId>& hops, const RowChange& change) {
    RedirectedWrite write;
    write.version = {commit_, transaction_.id.device, transaction_.stamp};
    write.content = transaction_.content;
    write.content.changes = {change};
    write.loser = alias;
    for (const RowId& hop : hops) {
      write.content.changes.front().row = write.loser.row;
      out_.writes.push_back(write);
      write.loser.row = hop;
    }
  }

  /// Her values are an alias's: she has seen none of this row's. What she took out of a set she
  /// saw there, and it came along with its marks.
  void address(RowChange& change, const RowId& living) {
    const Table& table = schema_.table(change.table);
    out_.addressed.insert({change.table, living});
    change.row = living;
    change.kind = RowChange::Kind::update;
    for (CellChange& cell : change.cells) {
      if (cell.column.index >= table.columns.size()) continue;
      const auto shape = rules_of(table.column(cell.column).policy).shape;
      if (shape != PolicyRules::Shape::elements) cell.observed = Position{};
    }
  }

  void refer(RowChange& change) {
    const Table& table = schema_.table(change.table);
    for (CellChange& cell : change.cells) {
      if (cell.column.index >= table.columns.size() || value_in(cell) == nullptr) continue;
      const auto target = target_of(schema_, table.column(cell.column), *value_in(cell));
      const auto found = target ? aliases_.find(*target) : aliases_.end();
      if (found == aliases_.end()) continue;
      const std::vector<RowId>& hops = found->second;
      cell.edit = value_of_key(schema_.table(target->table), hops.back());
      RowId alias = target->row;
      for (const RowId& hop : hops) {
        out_.references.push_back({{target->table, alias},
                                   {change.table, change.row},
                                   cell.column,
                                   transaction_.id.device,
                                   commit_});
        alias = hop;
      }
    }
  }

  const Schema& schema_;
  const Aliases& aliases_;
  IncomingTransaction& transaction_;
  Position commit_;
  Readdressed out_;
};

/// Columns in which the row never held anything.
void see_blanks(const StoredRow& row, RowChange& change) {
  for (CellChange& cell : change.cells) {
    if (cell.column.index >= row.image.values.size() || cell.observed != Position{}) continue;
    const bool blank =
        row.image.values[cell.column.index].is_null() && row.find_cell(cell.column) == nullptr;
    if (blank) cell.observed = row.base.position;
  }
}

}  // namespace

std::set<RowKey> rows_named(const Schema& schema,
                            std::span<const IncomingTransaction> transactions) {
  std::set<RowKey> named;
  for (const IncomingTransaction& transaction : transactions) {
    for (const RowChange& change : transaction.content.changes) {
      if (change.table.index >= schema.tables().size()) continue;
      const Table& table = schema.table(change.table);
      named.insert({change.table, change.row});
      for (const CellChange& cell : change.cells) {
        if (cell.column.index >= table.columns.size() || value_in(cell) == nullptr) continue;
        const auto target = target_of(schema, table.column(cell.column), *value_in(cell));
        if (target) named.insert(*target);
      }
    }
  }
  return named;
}

std::set<RowKey> rows_named(const Schema& schema, const StoredRow& row) {
  std::set<RowKey> named;
  const Table& table = schema.table(row.table);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (!column.references) continue;
    if (const auto target = target_of(schema, column, row.image.values[i])) named.insert(*target);
    const CellState* cell = row.find_cell({static_cast<std::uint16_t>(i)});
    if (cell == nullptr) continue;
    for (const Contribution& one : cell->contributions) {
      if (const auto target = target_of(schema, column, one.value)) named.insert(*target);
    }
  }
  return named;
}

Readdressed readdress(const Schema& schema, const Aliases& aliases,
                      IncomingTransaction& transaction, Position commit) {
  return Readdressing(schema, aliases, transaction, commit).run();
}

void settle_readdressed(const RowSet& rows, const Readdressed& readdressed,
                        IncomingTransaction& transaction) {
  for (RowChange& change : transaction.content.changes) {
    const RowKey key{change.table, change.row};
    if (!readdressed.addressed.contains(key) || !rows.knows(key)) continue;
    if (const StoredRow* row = rows.find(key)) see_blanks(*row, change);
  }
}

std::vector<RedirectedReference> readdress(const Schema& schema, const Aliases& aliases,
                                           StoredRow& row) {
  std::vector<RedirectedReference> moved;
  const Table& table = schema.table(row.table);
  const Position place = row.position;
  for (const auto& [alias, hops] : aliases) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const ColumnId column{static_cast<std::uint16_t>(i)};
      if (table.column(column).references != alias.table) continue;
      for (const CellVersion& version :
           repoint(schema, row, column, alias.row, hops.back(), row.position)) {
        RowId from = alias.row;
        for (const RowId& hop : hops) {
          moved.push_back(
              {{alias.table, from}, row.key(), column, version.author, version.position});
          from = hop;
        }
      }
    }
  }
  row.position = place;
  return moved;
}

Conflict overruled_delete(const Schema& schema, const StoredRow& row, const CellVersion& death,
                          Position commit) {
  Conflict conflict =
      overruled_delete(schema.table(row.table), row, {Value::null(), row.base}, death);
  conflict.scope = row.scope;
  conflict.position = commit;
  return conflict;
}

}  // namespace doorstep
