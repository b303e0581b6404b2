#include "engine/ports/feed_order.hpp"

#include <algorithm>

#include "engine/core/defect.hpp"

namespace doorstep {

namespace {
constexpr std::size_t bytes_per_item = 16;  // positions, counts and marks beside the values
}

bool follows(const FeedKey& key, const ScanPoint& scan) {
  if (key.position != scan.position) return key.position > scan.position;
  if (scan.table.empty()) return false;
  if (key.part != scan.table) return key.part > scan.table;
  return key.ordinal > scan.ordinal;
}

ScanPoint scan_start(const FeedRequest& request) {
  ScanPoint start;
  start.asked = asked_fingerprint(request.new_scopes, request.new_columns);
  if (start.asked.is_none()) start.position = request.cursor;
  return start;
}

Position read_after(const FeedRequest& request, const ScopeId& scope, std::string_view part) {
  if (std::binary_search(request.new_scopes.begin(), request.new_scopes.end(), scope)) return {};
  const auto column = std::lower_bound(
      request.new_columns.begin(), request.new_columns.end(), part,
      [](const NewColumn& one, std::string_view table) { return one.table < table; });
  const bool gained = column != request.new_columns.end() && column->table == part;
  return gained ? Position{} : request.cursor;
}

bool continues(const ScanPoint& next, Position cursor, const std::optional<ScanPoint>& staged) {
  if (!staged) return next.position > cursor || !next.asked.is_none();
  if (next.started != staged->started || next.asked != staged->asked) return false;
  return follows({next.position, next.table, next.ordinal}, *staged);
}

Position started_of(const FeedRequest& request, Position head) {
  return request.scan.started != Position{} ? request.scan.started : head;
}

Position removals_after(const FeedRequest& request, Position head) {
  return request.cursor != Position{} ? request.cursor : started_of(request, head);
}

bool shows(const FeedRequest& request, const Conflict& conflict, Position removals_after) {
  if (conflict.withdrawn && conflict.position <= removals_after) return false;
  if (conflict.state != ConflictState::automatic) return true;
  const CellVersion& loser = conflict.loser.version;
  return loser.author == request.device ||
         std::any_of(request.before.begin(), request.before.end(), [&](const PastIdentity& one) {
           return one.device == loser.author && loser.position <= one.through;
         });
}

bool is_own_insert(const StoredRow& row, const DeviceId& device) {
  const bool untouched = row.cells.empty() || DS_DEFECT("met_row_left_out");
  return row.live && row.base.author == device && row.since == row.position &&
         row.base.position == row.position && untouched && !row.decision && row.overruled.empty();
}

std::uint64_t rows_in(const Changes& changes) {
  std::uint64_t rows = 0;
  for (const RowBlock& block : changes.rows) rows += block.rows.size();
  for (const RemovalBlock& block : changes.removals) rows += block.rows.size();
  return rows;
}

std::size_t feed_bytes(const StoredRow& row) {
  std::size_t bytes = bytes_per_item + row.id.view().size();
  if (!row.live) return bytes;
  for (const Value& value : row.image.values) bytes += 1 + value.payload_size();
  return bytes;
}

std::size_t feed_bytes(const Departure& departure) {
  return bytes_per_item + departure.key.row.view().size() + departure.to.code.size();
}

std::size_t feed_bytes(const Conflict& conflict) {
  return 4 * bytes_per_item + conflict.key.row.view().size() +
         conflict.winner.value.payload_size() + conflict.loser.value.payload_size();
}

}  // namespace doorstep
