#include "server/report/late_rows.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/core/group.hpp"
#include "engine/ports/feed_order.hpp"
#include "server/explain.hpp"

namespace doorstep {
namespace {

constexpr std::size_t rows_a_read = 2000;
constexpr std::size_t bytes_a_read = std::size_t{4} << 20U;

/// Asks for rows of one table whether they count.
class Judge {
 public:
  static Result<Judge> prepare(sqlite::Database& db, const Table& table,
                               const figures::LateRows& kind,
                               const figures::Parameters& parameters) {
    std::string names = '"' + table.key + '"';
    std::string marks = "?1";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      names += ",\"" + table.columns[i].name + '"';
      marks += ",?" + std::to_string(i + 2);
    }
    DS_ASSIGN(auto statement,
              db.prepare("WITH this(" + names + ") AS (SELECT " + marks + ")\n" + kind.select));
    if (statement.column_count() != 3)
      return error(ErrorCode::malformed, "late " + kind.table + " has not 3 columns");
    return Judge(table, kind, std::move(statement), parameters);
  }

  /// Fills in what the row says; false when it does not count in the period.
  Result<bool> ask(const StoredRow& stored, LateRow& late) {
    late.row = value_of_key(table_, stored.id);
    statement_.bind_copy(1, late.row);
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      const bool known = i < stored.image.values.size();
      statement_.bind_copy(static_cast<int>(i) + 2, known ? stored.image.values[i] : Value());
    }
    for (const auto& [name, value] : parameters_) {
      const int index = statement_.parameter_index((":" + name).c_str());
      if (index > 0) statement_.bind(index, std::string_view(value));
    }
    DS_ASSIGN(const bool counts, statement_.step());
    if (counts) {
      const std::array<std::string*, 3> into = {&late.stated, &late.about, &late.why};
      for (int i = 0; i < 3; ++i) {
        const Value value = statement_.value(i);
        if (!value.is_null())
          *into[static_cast<std::size_t>(i)] =
              value.kind() == Value::Kind::text ? std::string(value.as_text()) : value.display();
      }
    }
    statement_.reset();
    late.table = kind_.table;
    late.chinese = kind_.chinese;
    late.english = kind_.english;
    return counts;
  }
  /// Columns that count and have changed after the commit with this number.
  [[nodiscard]] std::vector<ColumnId> changed(const StoredRow& row, std::uint64_t after) const {
    std::vector<ColumnId> columns;
    for (const std::string& name : kind_.columns) {
      const auto id = table_.find_column(name);
      if (id && row.changed(*id).number() > after) columns.push_back(*id);
    }
    return columns;
  }
  [[nodiscard]] const Table& table() const { return table_; }

 private:
  Judge(const Table& table, const figures::LateRows& kind, sqlite::Statement statement,
        const figures::Parameters& parameters)
      : table_(table), kind_(kind), statement_(std::move(statement)), parameters_(parameters) {}
  const Table& table_;
  const figures::LateRows& kind_;
  sqlite::Statement statement_;
  const figures::Parameters& parameters_;
};

/// Who wrote a cell last, as far as it is on record.
CellVersion version_of(const Table& table, const StoredRow& row, ColumnId column) {
  const CellState* cell = row.find_cell(lead_of(table, column));
  if (cell == nullptr) return row.base;
  std::optional<CellVersion> newest;
  const auto take = [&](const CellVersion& version) {
    if (!newest || version.position > newest->position) newest = version;
  };
  for (const Contribution& one : cell->contributions) take(one.version);
  for (const ElementMark& mark : cell->elements) take(mark.version);
  if (cell->decision) take(*cell->decision);
  return newest.value_or(row.base);
}

struct Found {
  LateRow late;
  RowKey key;
  CellVersion version;
};

class Search {
 public:
  Search(const LateSearch& search, const figures::Period& period, std::uint64_t after)
      : search_(search),
        parameters_(figures::parameters_of("", period)),
        after_(after),
        schema_(search.snapshot.schemas().newest()) {}

  Result<std::vector<LateRow>> run(const std::string& unit) {
    DS_TRY(prepare());
    DS_ASSIGN(FeedRequest request, request_of(unit));
    for (bool complete = false; !complete;) {
      DS_ASSIGN(FeedBatch batch, search_.snapshot.feed(request));
      for (const Departure& departure : batch.departures) departures_.push_back(departure);
      for (const StoredRow& row : batch.rows) DS_TRY(row.live ? look_at(row) : look_at_dead(row));
      complete = batch.complete;
      request.scan = batch.next;
    }
    for (const Departure& departure : departures_) DS_TRY(look_at(departure));
    drop_moves_inside();
    std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      return a.late.position.number() < b.late.position.number();
    });
    std::vector<LateRow> rows;
    for (Found& one : found_) {
      DS_TRY(name_writer(one));
      rows.push_back(std::move(one.late));
    }
    return rows;
  }

 private:
  Status prepare() {
    for (const figures::LateRows& kind : search_.kinds) {
      const auto id = schema_.find_table(kind.table);
      if (!id) return error(ErrorCode::unknown_table, kind.table);
      DS_ASSIGN(Judge judge, Judge::prepare(search_.db, schema_.table(*id), kind, parameters_));
      judges_.emplace(id->index, std::move(judge));
    }
    return {};
  }

  Result<FeedRequest> request_of(const std::string& unit) {
    DS_ASSIGN(const auto tree, search_.snapshot.scope_tree());
    std::vector<ScopeId> below{ScopeId{unit}};
    for (std::size_t i = 0; i < below.size(); ++i) {
      for (const auto& [code, parent] : tree) {
        if (parent == below[i]) below.push_back(code);
      }
    }
    inside_.insert(below.begin(), below.end());
    // What is decided above holds here too, such as a festival of the township.
    std::set<ScopeId> scopes = inside_;
    ScopeId at{unit};
    for (std::size_t i = 0; i < tree.size(); ++i) {
      const auto above = std::find_if(tree.begin(), tree.end(),
                                      [&](const auto& node) { return node.first == at; });
      if (above == tree.end() || above->second.code.empty()) break;
      at = above->second;
      scopes.insert(at);
    }
    FeedRequest request;
    request.scopes.assign(scopes.begin(), scopes.end());
    // Numbers go on through the epochs of a hub.
    request.cursor = Position::of(1, after_);
    request.rows_max = rows_a_read;
    request.bytes_max = bytes_a_read;
    for (std::uint16_t i = 0; i < schema_.tables().size(); ++i) {
      if (!judges_.contains(i)) request.hidden_tables.push_back(schema_.tables()[i].name);
    }
    request.scan = scan_start(request);
    return request;
  }

  Status look_at(const StoredRow& row) {
    const auto judge = judges_.find(row.table.index);
    if (judge == judges_.end() || row.position.number() <= after_) return {};
    const Table& table = judge->second.table();
    LateRow late;
    CellVersion version = row.base;
    if (row.since.number() > after_ && row.base.position.number() > after_) {
      late.what = LateRow::What::added;
    } else if (const auto columns = judge->second.changed(row, after_); !columns.empty()) {
      late.what = LateRow::What::changed;
      for (const ColumnId column : columns) {
        late.columns.push_back(table.column(column).name);
        const CellVersion one = version_of(table, row, column);
        if (one.position.number() > after_) version = one;
      }
      const bool moved = row.since.number() > after_ &&
                         table.scope.kind == ScopeRule::Kind::column &&
                         columns.front() == table.scope.column;
      if (moved) late.what = LateRow::What::moved_in;
    } else {
      return {};
    }
    return take(judge->second, row, version, std::move(late));
  }

  Status look_at_dead(const StoredRow& row) {
    const auto judge = judges_.find(row.table.index);
    const bool was_there = row.since.number() <= after_ && row.position.number() > after_;
    if (judge == judges_.end() || !was_there || row.collected) return {};
    LateRow late;
    late.what = LateRow::What::removed;
    return take(judge->second, row, row.death.value_or(row.base), std::move(late));
  }

  Status look_at(const Departure& departure) {
    const auto judge = judges_.find(departure.key.table.index);
    if (judge == judges_.end() || departure.position.number() <= after_ ||
        inside_.contains(departure.to) || !inside_.contains(departure.from))
      return {};
    const Table& table = judge->second.table();
    if (table.scope.kind != ScopeRule::Kind::column) return {};
    DS_ASSIGN(const auto row, search_.snapshot.row(departure.key));
    if (!row || row->since.number() <= after_) return {};
    LateRow late;
    late.what = LateRow::What::moved_out;
    late.elsewhere = departure.to.code;
    return take(judge->second, *row, version_of(table, *row, table.scope.column), std::move(late));
  }

  Status take(Judge& judge, const StoredRow& row, const CellVersion& version, LateRow late) {
    DS_ASSIGN(const bool counts, judge.ask(row, late));
    if (!counts) return {};
    late.position = row.death ? row.position : version.position;
    late.written = version.stamp.latest();
    found_.push_back({std::move(late), row.key(), version});
    return {};
  }

  /// From one village of the unit to another: nothing that the unit counts has changed.
  void drop_moves_inside() {
    std::set<std::pair<RowKey, Position>> inside;
    for (const Departure& departure : departures_) {
      if (inside_.contains(departure.from) && inside_.contains(departure.to))
        inside.emplace(departure.key, departure.position);
    }
    std::erase_if(found_, [&](const Found& one) {
      return one.late.what == LateRow::What::moved_in &&
             inside.contains({one.key, one.late.position});
    });
  }

  Status name_writer(Found& one) {
    DS_ASSIGN(one.late.author, author_name(search_.snapshot, search_.identity, one.version));
    DS_ASSIGN(const auto writer, writer_of(search_.snapshot, one.version));
    if (writer) one.late.claimed = writer->claimed;
    DS_ASSIGN(one.late.arrived, search_.snapshot.committed_at(one.late.position));
    return {};
  }

  const LateSearch& search_;
  figures::Parameters parameters_;
  std::uint64_t after_;
  const Schema& schema_;
  std::map<std::uint16_t, Judge> judges_;
  std::set<ScopeId> inside_;
  std::vector<Departure> departures_;
  std::vector<Found> found_;
};

}  // namespace

std::string_view name_of(LateRow::What what) {
  static constexpr std::array<std::string_view, 5> names = {"added", "changed", "moved_in",
                                                            "moved_out", "removed"};
  return names[static_cast<std::size_t>(what)];
}

Result<std::vector<LateRow>> find_late_rows(const LateSearch& search, const std::string& unit,
                                            const figures::Period& period, std::uint64_t after) {
  return Search(search, period, after).run(unit);
}

}  // namespace doorstep
