#include "client-sdk/src/staged_batches.hpp"

#include <utility>

#include "engine/core/limits.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

ScanPoint point_of(const sqlite::Statement& row) {
  return {row.position(0), std::string(row.text(1)), row.unsigned_integer(2), row.position(3),
          row.id<Fingerprint>(4)};
}

Result<Changes> batch_of(ByteView stored) {
  DS_ASSIGN(const Bytes bytes, body_of(stored));
  DS_ASSIGN(Message message, decode(bytes));
  auto* changes = std::get_if<Changes>(&message);
  if (changes == nullptr) return error(ErrorCode::corrupt, "ds_stage");
  return std::move(*changes);
}

std::vector<Digest> digests_of(const Schema& schema, const RowBlock& block) {
  const auto table_id = schema.find_table(block.table);
  const std::size_t width = block.columns.size();
  if (!table_id || !block.whole || block.cells.size() != block.rows.size() * width) return {};
  const Table& table = schema.table(*table_id);
  std::vector<Digest> digests;
  digests.reserve(block.rows.size());
  for (const RowId& row : block.rows) digests.push_back(digest_of_key(table, row));
  for (std::size_t i = 0; i < width; ++i) {
    if (!table.find_column(block.columns[i])) continue;
    for (std::size_t r = 0; r < block.rows.size(); ++r) {
      digests[r] +=
          digest_of_cell(table.name, block.rows[r], block.columns[i], block.cells[r * width + i]);
    }
  }
  return digests;
}

}  // namespace

Result<StagedBatches::Through> StagedBatches::through() {
  DS_ASSIGN(const auto last, db_->kept("SELECT position, \"table\", ordinal, started, asked, rows"
                                       " FROM ds_stage ORDER BY number DESC LIMIT 1"));
  DS_ASSIGN(const bool any, last->step());
  Through staged;
  if (!any) return staged;
  staged.point = point_of(*last);
  staged.rows = last->unsigned_integer(5);
  return staged;
}

Result<std::optional<Refill>> StagedBatches::refill() {
  DS_ASSIGN(const auto first, db_->kept("SELECT message FROM ds_stage WHERE reconcile = 1"));
  DS_ASSIGN(const bool staged, first->step());
  if (!staged) return std::optional<Refill>();
  DS_ASSIGN(Changes batch, batch_of(first->blob(0)));
  return std::move(batch.refill);
}

Result<std::int64_t> StagedBatches::put(const Changes& batch, std::uint64_t rows) {
  const Bytes message = encode(batch);
  std::optional<Bytes> packed;
  if (message.size() <= limits::transaction_bytes_max) packed = packer_.packed(message);
  DS_ASSIGN(
      const auto put,
      db_->kept(
          "INSERT INTO ds_stage (message, position, \"table\", ordinal, started, asked, reconcile,"
          " rows) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING number"));
  put->bind(1, ByteView(packed ? *packed : message));
  put->bind(2, batch.next->position);
  put->bind(3, std::string_view(batch.next->table));
  put->bind_unsigned(4, batch.next->ordinal);
  put->bind(5, batch.next->started);
  put->bind(6, batch.next->asked.view());
  put->bind(7, std::int64_t{batch.refill ? 1 : 0});
  put->bind_unsigned(8, rows);
  DS_ASSIGN(const bool done, put->step());
  if (!done) return error(ErrorCode::internal, "ds_stage");
  return put->integer(0);
}

void StagedBatches::keep(const Schema& schema, std::int64_t number, Changes batch) {
  if (decoded_.size() >= limits::staged_in_memory_max) return;
  ReadyBatch ready;
  for (const RowBlock& block : batch.rows) ready.digests.push_back(digests_of(schema, block));
  ready.changes = std::move(batch);
  decoded_.push_back({number, std::move(ready)});
}

Result<std::vector<StagedBatches::Place>> StagedBatches::places() {
  DS_ASSIGN(const auto read, db_->kept("SELECT position, \"table\", ordinal, started, asked, number"
                                       " FROM ds_stage ORDER BY number"));
  std::vector<Place> found;
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) return found;
    found.push_back({read->integer(5), point_of(*read)});
  }
}

// Another process may have staged something else under that number.
std::optional<ReadyBatch> StagedBatches::kept(const Place& place) {
  while (!decoded_.empty() && decoded_.front().number < place.number) decoded_.pop_front();
  if (decoded_.empty() || decoded_.front().number != place.number) return std::nullopt;
  ReadyBatch batch = std::move(decoded_.front().batch);
  decoded_.pop_front();
  if (batch.changes.next != place.through) return std::nullopt;
  return batch;
}

Result<Changes> StagedBatches::read(std::int64_t number) {
  DS_ASSIGN(const auto one, db_->kept("SELECT message FROM ds_stage WHERE number = ?1"));
  one->bind(1, number);
  DS_ASSIGN(const bool found, one->step());
  if (!found) return error(ErrorCode::corrupt, "ds_stage");
  return batch_of(one->blob(0));
}

Status StagedBatches::take_all(const std::function<Status(ReadyBatch)>& use) {
  DS_ASSIGN(const std::vector<Place> all, places());
  for (const Place& place : all) {
    std::optional<ReadyBatch> batch = kept(place);
    if (!batch) {
      DS_ASSIGN(Changes read_again, read(place.number));
      batch = ReadyBatch{std::move(read_again), {}};
    }
    DS_ASSIGN(const auto remove, db_->kept("DELETE FROM ds_stage WHERE number = ?1"));
    remove->bind(1, place.number);
    DS_TRY(remove->run());
    DS_TRY(use(*std::move(batch)));
  }
  return {};
}

Status StagedBatches::clear() {
  decoded_.clear();
  DS_ASSIGN(const auto remove, db_->kept("DELETE FROM ds_stage"));
  return remove->run();
}

}  // namespace doorstep
