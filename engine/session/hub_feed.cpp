// What a hub says of its feed: which scopes a device sees, and rows in their wire form.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/core/limits.hpp"
#include "engine/ports/feed_order.hpp"
#include "engine/session/begin_epoch.hpp"
#include "engine/session/hub_greeting.hpp"
#include "engine/session/hub_refill.hpp"
#include "engine/session/hub_session.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

using BlockKey = std::tuple<TableId, ScopeId, bool, std::vector<ColumnId>>;

// Rows that travel as one block: same table, scope, and columns.
struct Group {
  BlockKey key;
  std::vector<const StoredRow*> rows;
};

bool is_new(const FeedRequest& request, const Table& table, const Column& column) {
  if (request.new_columns.empty()) return false;
  return std::binary_search(request.new_columns.begin(), request.new_columns.end(),
                            NewColumn{table.name, column.name});
}

// A device and what it is to be told of.
struct Listener {
  const Schema& schema;
  const SchemaView& view;
  const FeedRequest& request;
};

// A table whose columns are all new is new itself.
bool is_new_table(const Listener& device, TableId id) {
  if (device.request.new_columns.empty()) return false;
  const Table& table = device.schema.table(id);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const bool shown = device.view.shows(id, ColumnId{static_cast<std::uint16_t>(i)});
    if (shown && !is_new(device.request, table, table.columns[i])) return false;
  }
  return true;
}

// The columns that the device lacks; nullopt when it lacks the row. A new column that holds nothing
// is not lacked.
std::optional<std::vector<ColumnId>> newer_columns(const Listener& device, const StoredRow& row) {
  const Table& table = device.schema.table(row.table);
  const FeedRequest& request = device.request;
  const bool new_scope =
      std::binary_search(request.new_scopes.begin(), request.new_scopes.end(), row.scope);
  if (new_scope || row.since > request.cursor || is_new_table(device, row.table))
    return std::nullopt;
  std::vector<ColumnId> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnId column{static_cast<std::uint16_t>(i)};
    if (!device.view.shows(row.table, column)) continue;
    const bool gained = is_new(request, table, table.columns[i]) && !row.image.values[i].is_null();
    if (gained || row.changed(column) > request.cursor) columns.push_back(column);
  }
  return columns;
}

std::vector<ColumnId> columns_with_values(const Listener& device, TableId table,
                                          const std::vector<const StoredRow*>& rows) {
  std::vector<ColumnId> columns;
  for (std::size_t i = 0; i < device.schema.table(table).columns.size(); ++i) {
    if (!device.view.shows(table, ColumnId{static_cast<std::uint16_t>(i)})) continue;
    const bool any = std::any_of(rows.begin(), rows.end(), [&](const StoredRow* row) {
      return !row->image.values[i].is_null();
    });
    if (any) columns.push_back(ColumnId{static_cast<std::uint16_t>(i)});
  }
  return columns;
}

RowBlock block_of(const Listener& device, const Group& group) {
  const auto& [table_id, scope, whole, changed] = group.key;
  const Table& table = device.schema.table(table_id);
  const std::vector<ColumnId> columns =
      whole ? columns_with_values(device, table_id, group.rows) : changed;
  RowBlock block;
  block.table = table.name;
  block.scope = scope;
  block.whole = whole;
  for (const ColumnId column : columns) block.columns.push_back(table.column(column).name);
  block.rows.reserve(group.rows.size());
  block.cells.reserve(group.rows.size() * columns.size());
  for (const StoredRow* row : group.rows) {
    block.rows.push_back(row->id);
    for (const ColumnId column : columns) block.cells.push_back(row->image.values[column.index]);
  }
  return block;
}

std::vector<RowBlock> row_blocks(const Listener& device, const FeedBatch& batch) {
  std::vector<Group> groups;
  std::map<BlockKey, std::size_t> places;
  for (const StoredRow& row : batch.rows) {
    if (!row.live || !device.view.shows(row.table)) continue;
    if (DS_DEFECT("echo_missing") && row.base.author == device.request.device) continue;
    const auto columns = newer_columns(device, row);
    if (columns && columns->empty())
      continue;  // moved in the feed without a change to what is shown
    BlockKey key{row.table, row.scope, !columns, columns.value_or(std::vector<ColumnId>{})};
    const auto [place, fresh] = places.try_emplace(key, groups.size());
    if (fresh) groups.push_back({std::move(key), {}});
    groups[place->second].rows.push_back(&row);
  }
  std::vector<RowBlock> blocks;
  blocks.reserve(groups.size());
  for (const Group& group : groups) blocks.push_back(block_of(device, group));
  return blocks;
}

std::vector<RemovalBlock> removal_blocks(const Listener& device, const FeedBatch& batch) {
  std::vector<RemovalBlock> blocks;
  std::map<std::tuple<TableId, ScopeId, ScopeId>, std::size_t> places;
  const auto add = [&](const RowKey& key, const ScopeId& from, const ScopeId& to) {
    if (!device.view.shows(key.table)) return;
    const auto [place, fresh] = places.try_emplace({key.table, from, to}, blocks.size());
    if (fresh) {
      RemovalBlock block;
      block.table = device.schema.table(key.table).name;
      block.scope = from;
      if (!to.empty()) block.to = to;
      blocks.push_back(std::move(block));
    }
    blocks[place->second].rows.push_back(key.row);
  };
  for (const StoredRow& row : batch.rows) {
    if (!row.live) add(row.key(), row.scope, {});
  }
  for (const Departure& departure : batch.departures)
    add(departure.key, departure.from, departure.to);
  return blocks;
}

}  // namespace

std::vector<ScopeId> visible_scopes(std::span<const ScopeId> granted,
                                    std::span<const std::pair<ScopeId, ScopeId>> tree) {
  std::map<ScopeId, ScopeId> parent_of;
  std::multimap<ScopeId, ScopeId> children_of;
  for (const auto& [code, parent] : tree) {
    if (parent.empty()) continue;
    parent_of.emplace(code, parent);
    children_of.emplace(parent, code);
  }
  std::set<ScopeId> below;
  std::vector<ScopeId> open(granted.begin(), granted.end());
  while (!open.empty()) {
    const ScopeId scope = std::move(open.back());
    open.pop_back();
    if (!below.insert(scope).second) continue;
    const auto [first, last] = children_of.equal_range(scope);
    for (auto it = first; it != last; ++it) open.push_back(it->second);
  }
  std::set<ScopeId> visible = below;
  for (const ScopeId& scope : granted) {
    // A tree that bites its own tail ends at the first scope seen twice on the way up.
    std::set<ScopeId> passed{scope};
    for (auto up = parent_of.find(scope); up != parent_of.end() && passed.insert(up->second).second;
         up = parent_of.find(up->second)) {
      visible.insert(up->second);
    }
  }
  return {visible.begin(), visible.end()};
}

Changes changes_of(const Schema& schema, const SchemaView& view, const FeedBatch& batch,
                   const FeedRequest& request) {
  const Listener device{schema, view, request};
  Changes changes;
  changes.from = request.cursor;
  changes.removals = removal_blocks(device, batch);
  changes.rows = row_blocks(device, batch);
  changes.conflicts.reserve(batch.conflicts.size());
  for (const Conflict& conflict : batch.conflicts) {
    const TableId table = conflict.key.table;
    if (!view.shows(table) || (conflict.column && !view.shows(table, *conflict.column))) continue;
    changes.conflicts.push_back(record_of(schema, conflict));
  }
  changes.remaining = batch.remaining;
  return changes;
}

namespace {

void note_hidden(const Schema& schema, const SchemaView& view, FeedRequest& request) {
  for (std::uint16_t i = 0; i < schema.tables().size(); ++i) {
    const Table& table = schema.table(TableId{i});
    if (!view.shows(TableId{i})) {
      request.hidden_tables.push_back(table.name);
      continue;
    }
    for (std::uint16_t column = 0; column < table.columns.size(); ++column) {
      if (view.shows(TableId{i}, ColumnId{column})) continue;
      request.partly_hidden.push_back(table.name);
      break;
    }
  }
}

// What a reconcile states anew stands before what the feed says after it.
void append(Changes& changes, Changes more) {
  std::move(more.rows.begin(), more.rows.end(), std::back_inserter(changes.rows));
  std::move(more.conflicts.begin(), more.conflicts.end(), std::back_inserter(changes.conflicts));
  changes.removals = std::move(more.removals);
  changes.remaining = more.remaining;
}

}  // namespace

Result<FeedAnswer> answer_feed(HubSnapshot& snapshot, const FeedQuestion& question) {
  FeedAnswer answer;
  answer.head = snapshot.head();
  const SchemaHistory& schemas = snapshot.schemas();
  DS_ASSIGN(const auto device, snapshot.device(question.request.device));
  if (!device) return error(ErrorCode::device_unknown, question.request.device.hex());
  const SchemaView& view = schemas.view_of(question.schema, device->role);
  DS_ASSIGN(answer.below_floor, is_below_floor(snapshot, question));
  if (answer.below_floor) return answer;
  FeedRequest request = question.request;
  note_hidden(schemas.newest(), view, request);
  if (question.sums || question.refill) {
    DS_ASSIGN(Restated restated, restate(snapshot, view, question));
    answer.drifted = std::move(restated.drifted);
    answer.changes = changes_of(schemas.newest(), view, restated.batch, FeedRequest{});
    answer.changes.refill = std::move(restated.refill);
    answer.next = restated.next;
    if (!restated.after) return answer;
    request.cursor = restated.position;
    request.scan = *restated.after;
  }
  DS_ASSIGN(FeedBatch batch, snapshot.feed(request));
  if (!batch.complete && batch.own_left_out.rows > 0) {
    // Only what is one message with its checkpoint leaves anything out (SEMANTICS A6).
    request.own_left_out = false;
    DS_ASSIGN(batch, snapshot.feed(request));
  }
  append(answer.changes, changes_of(schemas.newest(), view, batch, request));
  answer.changes.own_left_out = batch.own_left_out;
  answer.complete = batch.complete;
  answer.next = batch.next;
  if (!answer.complete) return answer;
  // Only a checkpoint needs the rest.
  DS_ASSIGN(const auto token, snapshot.token(answer.head));
  if (token) answer.token = *token;
  // Checkpoints speak of what the device is granted at their position, for rights are judged by it.
  if (question.granted_since && device->granted_since != *question.granted_since) {
    return error(ErrorCode::busy, "other scopes were granted");
  }
  answer.included = device->merged;
  if (answer.included > question.acknowledged) {
    DS_ASSIGN(answer.outcomes,
              snapshot.transactions(device->id, question.acknowledged, answer.included));
  }
  const bool all = DS_DEFECT("view_digest_over_all_columns");
  DS_ASSIGN(answer.digests, snapshot.digests(question.request.scopes, all ? SchemaView() : view));
  DS_ASSIGN(answer.backed_up, snapshot.backed_up());
  return answer;
}

Result<HelloAnswer> answer_hello(HubSnapshot& snapshot, const Hello& hello) {
  HelloAnswer answer;
  answer.head = snapshot.head();
  answer.epoch = answer.head.epoch();
  DS_ASSIGN(answer.device, snapshot.device(hello.device));
  if (!answer.device) return answer;
  if (hello.cursor.value != 0) {
    DS_ASSIGN(answer.cursor_token, snapshot.token(hello.cursor));
  }
  DS_ASSIGN(answer.unaware, is_unaware_of_reset(snapshot, *answer.device, hello));
  if (const Sequence known = acknowledged_by(hello); known < answer.device->merged) {
    DS_ASSIGN(answer.outcomes, snapshot.transactions(hello.device, known, answer.device->merged));
  }
  DS_ASSIGN(const auto tree, snapshot.scope_tree());
  answer.visible = visible_scopes(answer.device->scopes, tree);
  DeviceRecord since = *answer.device;
  while (!since.predecessor.is_none() && answer.before.size() < limits::predecessors_max) {
    answer.before.push_back({since.predecessor, since.enrolled});
    DS_ASSIGN(auto earlier, snapshot.device(since.predecessor));
    if (!earlier) break;
    since = *std::move(earlier);
  }
  DS_ASSIGN(const auto comparison, snapshot.comparison(hello.device));
  if (comparison && comparison->waits()) answer.compare = comparison->asked;
  const Schema& newest = snapshot.schemas().newest();
  answer.schema = newest.fingerprint();
  answer.schema_known = snapshot.schemas().find(hello.schema) != nullptr;
  const bool held = hello.schema == answer.schema || hello.schema_held == answer.schema;
  if (!held) answer.schema_text = newest.source();
  return answer;
}

}  // namespace doorstep
