#include "engine/core/merge_finish.hpp"

#include "engine/core/defect.hpp"
#include "engine/core/merge_conflict.hpp"

namespace doorstep {

MergeResult finish_batch(const Schema& schema, const RowSet& stored, MergeBatch& batch,
                         std::vector<Outcome> outcomes, Position commit) {
  MergeResult result;
  result.outcomes = std::move(outcomes);
  ConflictMap records;
  const auto rows = batch.rows();
  result.rows.reserve(rows.size());
  for (const auto& [key, touched] : rows) {
    WorkingRow& working = *touched;
    if (!working.row) continue;
    const StoredRow* before = stored.find(key);
    add_conflicts(schema, before, working, commit, records);
    if (before != nullptr && *before == *working.row) continue;
    const bool told = !DS_DEFECT("departure_missing");
    if (before != nullptr && before->scope != working.row->scope && told) {
      result.departures.push_back({key, before->scope, working.row->scope, commit});
    }
    result.digests.replace(schema, before, &*working.row);
    result.rows.push_back(*std::move(working.row));
  }
  for (auto& [id, record] : records) result.conflicts.push_back(std::move(record));
  return result;
}

}  // namespace doorstep
