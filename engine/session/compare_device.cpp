#include "engine/session/compare_device.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/core/bucket.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/limits.hpp"
#include "engine/session/hub_refill.hpp"
#include "engine/wire/comparison_codec.hpp"

namespace doorstep {
namespace {

using What = CellDifference::What;
using Why = CellDifference::Why;

// A row of the device; nullopt: it has none of this key.
using DeviceRows = std::map<RowKey, std::optional<RowImage>>;

// First step: which buckets differ, and the hub's rows in as many of them as are looked at.
class BucketComparison {
 public:
  BucketComparison(HubSnapshot& snapshot, const SchemaView& view,
                   const ComparisonQuestion& question)
      : snapshot_(snapshot),
        question_(question),
        schema_(snapshot.schemas().newest()),
        view_(view) {}

  Result<ComparisonAnswer> run() {
    ComparisonAnswer answer;
    answer.number = question_.said.number;
    Compare ask{answer.number, Compare::Step::rows};
    for (std::size_t i = 0; i < schema_.tables().size(); ++i) {
      const TableId id{static_cast<std::uint16_t>(i)};
      const BucketSums* const theirs = find_sums(*question_.said.sums, schema_.table(id).name);
      if (theirs == nullptr || !view_.shows(id)) continue;
      DS_ASSIGN(BucketList list, differing(id, *theirs));
      answer.buckets += list.buckets.size();
      const std::size_t room = limits::compared_buckets_max - answer.buckets_compared;
      if (list.buckets.size() > room) list.buckets.resize(room);
      if (list.buckets.empty()) continue;
      answer.buckets_compared += list.buckets.size();
      DS_ASSIGN(BucketRows rows, rows_in(id, std::move(list)));
      ask.tables.push_back(std::move(rows));
    }
    if (!ask.tables.empty() || question_.said.pending > 0) {
      answer.ask = std::move(ask);
    } else {
      answer.found.head = snapshot_.head();
      answer.found.cursor = question_.said.cursor;
    }
    return answer;
  }

 private:
  Result<BucketList> differing(TableId id, const BucketSums& theirs) {
    const Table& table = schema_.table(id);
    BucketSums ours{table.name, theirs.bits, {}};
    ours.sums.resize(std::size_t{1} << ours.bits);
    DS_TRY(snapshot_.scan(
        id, question_.visible, [](const RowId&) { return true; },
        [&](const StoredRow& row) -> Status {
          add_to_bucket(table, row.id, image_in(view_, row), ours);
          return {};
        }));
    return differing_buckets(ours, theirs);
  }

  Result<BucketRows> rows_in(TableId id, BucketList list) {
    const Table& table = schema_.table(id);
    std::map<RowId, std::uint64_t> found;
    const auto wanted = [&](const RowId& row) {
      return std::binary_search(list.buckets.begin(), list.buckets.end(),
                                bucket_of(table, row, list.bits));
    };
    DS_TRY(snapshot_.scan(id, question_.visible, wanted, [&](const StoredRow& row) -> Status {
      found[row.id] = digest_of_row(table, row.id, image_in(view_, row)).low;
      return {};
    }));
    BucketRows rows{std::move(list), {}, {}};
    for (const auto& [row, sum] : found) {
      rows.rows.push_back(row);
      rows.sums.push_back(sum);
    }
    return rows;
  }

  HubSnapshot& snapshot_;
  const ComparisonQuestion& question_;
  const Schema& schema_;
  const SchemaView& view_;
};

// Second step: cell by cell.
class RowComparison {
 public:
  RowComparison(HubSnapshot& snapshot, const SchemaView& view, const ComparisonQuestion& question)
      : snapshot_(snapshot),
        question_(question),
        schema_(snapshot.schemas().newest()),
        view_(view) {}

  Result<DeviceComparison> run() {
    const Compared& said = question_.said;
    found_.head = snapshot_.head();
    found_.cursor = said.cursor;
    found_.buckets = question_.buckets;
    found_.buckets_compared = question_.buckets_compared;
    found_.pending = said.pending;
    found_.left_out = said.left_out;
    DS_ASSIGN(const DeviceRows held, rows_of(said.rows));
    DS_ASSIGN(const DeviceRows shown, rows_of(said.shown));
    for (const auto& [key, image] : held) {
      DS_TRY(look_up(key));
      // What own work covers is told as it is shown, unless nothing explains what is below it.
      compare(key, image, nullptr, shown.contains(key));
    }
    for (const auto& [key, image] : shown) {
      DS_TRY(look_up(key));
      const auto below = held.find(key);
      compare(key, image, below == held.end() ? &unknown_ : &below->second, false);
    }
    return std::move(found_);
  }

 private:
  // Tables and columns that are not known here are left out.
  Result<DeviceRows> rows_of(const std::vector<RowBlock>& blocks) const {
    DeviceRows rows;
    for (const RowBlock& block : blocks) {
      const auto id = schema_.find_table(block.table);
      const std::size_t width = block.columns.size();
      if (block.cells.size() != block.rows.size() * width) {
        return error(ErrorCode::malformed, "cells of " + block.table);
      }
      if (!id || !view_.shows(*id)) continue;
      const Table& table = schema_.table(*id);
      for (std::size_t r = 0; r < block.rows.size(); ++r) {
        std::optional<RowImage>& row = rows[{*id, block.rows[r]}];
        if (!block.whole) continue;
        row.emplace().values.resize(table.columns.size());
        for (std::size_t c = 0; c < width; ++c) {
          const auto column = table.find_column(block.columns[c]);
          if (column) row->values[column->index] = block.cells[r * width + c];
        }
      }
    }
    return rows;
  }

  Status look_up(const RowKey& key) {
    DS_ASSIGN(stored_, snapshot_.row(key));
    in_sight_ =
        stored_ && stored_->live &&
        std::binary_search(question_.visible.begin(), question_.visible.end(), stored_->scope);
    return {};
  }

  // Whether the device, where it stands, cannot know of it yet.
  [[nodiscard]] Why behind(Position changed) const {
    return changed > question_.said.cursor ? Why::behind : Why::unexplained;
  }

  // When the row came into the device's sight, or left it.
  [[nodiscard]] Position row_changed() const {
    if (!stored_) return {};
    return stored_->live || !stored_->death ? stored_->since : stored_->death->position;
  }

  // `below`: of a row that is told as it is shown, what the device holds as the hub's there. Its
  // absence means that the two agree there.
  void compare(const RowKey& key, const std::optional<RowImage>& theirs,
               const std::optional<RowImage>* below, bool only_unexplained) {
    const Table& table = schema_.table(key.table);
    const auto add_as = [&](CellDifference cell, bool own) {
      if (below != nullptr && own) cell.why = Why::pending;
      if (!only_unexplained || cell.why == Why::unexplained) add(std::move(cell));
    };
    const bool told = below != nullptr && below != &unknown_;
    if (!in_sight_ || !theirs) {
      if (!in_sight_ && !theirs) return;
      const What what = in_sight_ ? What::missing : What::surplus;
      return add_as({table.name, key.row, "", what, behind(row_changed()), {}, {}},
                    !told || below->has_value() != theirs.has_value());
    }
    const RowImage ours = image_in(view_, *stored_);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const ColumnId column{static_cast<std::uint16_t>(i)};
      const Value& value = theirs->values[i];
      if (ours.values[i] == value || !view_.shows(key.table, column)) continue;
      add_as({table.name, key.row, table.columns[i].name, What::changed,
              behind(stored_->changed(column)), ours.values[i], value},
             !told || !*below || (*below)->values[i] != value);
    }
  }

  void add(CellDifference cell) {
    if (is_known(cell)) return;
    if (found_.cells.size() < limits::compared_cells_max) {
      found_.cells.push_back(std::move(cell));
    } else {
      ++found_.left_out;
    }
  }

  // A damaged cell of a row with own work elsewhere in it was told already.
  [[nodiscard]] bool is_known(const CellDifference& cell) const {
    return std::any_of(found_.cells.begin(), found_.cells.end(), [&](const CellDifference& one) {
      return one.table == cell.table && one.row == cell.row && one.column == cell.column &&
             one.device == cell.device;
    });
  }

  HubSnapshot& snapshot_;
  const ComparisonQuestion& question_;
  const Schema& schema_;
  const SchemaView& view_;
  DeviceComparison found_;
  const std::optional<RowImage> unknown_;
  std::optional<StoredRow> stored_;  // the row that is looked at
  bool in_sight_ = false;            // live, where the device sees it
};

}  // namespace

Result<ComparisonAnswer> compare_device(HubSnapshot& snapshot, const ComparisonQuestion& question) {
  DS_ASSIGN(const auto device, snapshot.device(question.device));
  if (!device) return error(ErrorCode::device_unknown, question.device.hex());
  const SchemaView& view = snapshot.schemas().view_of(question.schema, device->role);
  if (question.said.sums) return BucketComparison(snapshot, view, question).run();
  ComparisonAnswer answer;
  answer.number = question.said.number;
  DS_ASSIGN(answer.found, RowComparison(snapshot, view, question).run());
  return answer;
}

Result<ComparisonRecord> ask_comparison(HubStore& store, const DeviceId& device, Instant now,
                                        const CommitToken& token) {
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(const auto known, commit->comparison(device));
  if (known && known->waits()) return *known;
  ComparisonRecord record = known.value_or(ComparisonRecord{device, 0, {}, 0, {}, {}});
  ++record.asked;
  record.asked_at = now;
  DS_TRY(commit->put_comparison(record));
  DS_TRY(commit->commit(now, token));
  return record;
}

Status keep_comparison(HubStore& store, const DeviceId& device, std::uint64_t number,
                       const DeviceComparison& found, Instant now, const CommitToken& token) {
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(auto record, commit->comparison(device));
  if (!record || number <= record->answered || number > record->asked) return {};
  record->answered = number;
  record->answered_at = now;
  record->answer = encode_comparison(found);
  DS_TRY(commit->put_comparison(*record));
  return commit->commit(now, token);
}

}  // namespace doorstep
