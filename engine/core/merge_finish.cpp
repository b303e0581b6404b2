#include "engine/core/merge_finish.hpp"

#include "engine/core/defect.hpp"
#include "engine/core/merge_conflict.hpp"

namespace doorstep {

MergeResult finish_batch(const Schema& schema, const RowSet& stored, const MergeBatch& batch,
                         std::vector<Outcome> outcomes, Position commit) {
  MergeResult result;
  result.outcomes = std::move(outcomes);
  ConflictMap records;
  for (const auto& [key, working] : batch.rows()) {
    if (!working.row) continue;
    const StoredRow* before = stored.find(key);
    add_conflicts(schema, before, working, commit, records);
    if (before != nullptr && *before == *working.row) continue;
    const bool told = !DS_DEFECT("departure_missing");
    if (before != nullptr && before->scope != working.row->scope && told) {
      result.departures.push_back({key, before->scope, working.row->scope, commit});
    }
    result.digests.replace(schema, before, &*working.row);
    result.rows.push_back(*working.row);
  }
  for (auto& [id, record] : records) result.conflicts.push_back(std::move(record));
  return result;
}

}  // namespace doorstep
