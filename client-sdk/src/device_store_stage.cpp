// The batches of a long pull, kept in the replica until its checkpoint comes.
#include "client-sdk/src/replica_file.hpp"
#include "client-sdk/src/sqlite_device_store.hpp"
#include "engine/ports/fault.hpp"
#include "engine/ports/feed_order.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {

Result<SqliteDeviceStore::Staged> SqliteDeviceStore::staged_through() {
  DS_ASSIGN(
      auto stage,
      file_.db.prepare("SELECT position, \"table\", ordinal, started, asked, rows FROM ds_stage"
                       " ORDER BY number DESC LIMIT 1"));
  DS_ASSIGN(const bool any, stage.step());
  Staged staged;
  if (!any) return staged;
  staged.through =
      ScanPoint{stage.position(0), std::string(stage.text(1)), stage.unsigned_integer(2),
                stage.position(3), stage.id<Fingerprint>(4)};
  staged.rows = stage.unsigned_integer(5);
  return staged;
}

Status SqliteDeviceStore::stage(const Changes& changes) {
  if (!changes.next || changes.checkpoint) {
    return error(ErrorCode::unexpected_message, "a batch with a checkpoint cannot be staged");
  }
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file_.db));
  DS_ASSIGN(const ReplicaState state, locked_state());
  DS_ASSIGN(const auto staged, staged_through());
  const bool fits = changes.refill || continues(*changes.next, state.cursor, staged.through);
  if (changes.from != state.cursor || !fits) {
    return error(ErrorCode::unexpected_message, "a batch that does not continue the cursor");
  }
  if (changes.refill) DS_TRY(file_.db.run("DELETE FROM ds_stage"));
  const Bytes message = encode(changes);
  DS_ASSIGN(
      auto put,
      file_.db.prepare(
          "INSERT INTO ds_stage (message, position, \"table\", ordinal, started, asked, reconcile,"
          " rows) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
  put.bind(1, ByteView(message));
  put.bind(2, changes.next->position);
  put.bind(3, std::string_view(changes.next->table));
  put.bind_unsigned(4, changes.next->ordinal);
  put.bind(5, changes.next->started);
  put.bind(6, changes.next->asked.view());
  put.bind(7, std::int64_t{changes.refill ? 1 : 0});
  put.bind_unsigned(8, rows_in(changes) + (changes.refill ? 0 : staged.rows));
  DS_TRY(put.run());
  DS_FAULT("replica.stage.before_commit");
  return transaction.commit();
}

Result<std::optional<Refill>> SqliteDeviceStore::staged_refill() {
  DS_ASSIGN(auto first, file_.db.prepare("SELECT message FROM ds_stage WHERE reconcile = 1"));
  DS_ASSIGN(const bool staged, first.step());
  if (!staged) return std::optional<Refill>();
  DS_ASSIGN(Message message, decode(first.blob(0)));
  auto* changes = std::get_if<Changes>(&message);
  if (changes == nullptr) return error(ErrorCode::corrupt, "ds_stage");
  return std::move(changes->refill);
}

Result<std::vector<Changes>> SqliteDeviceStore::staged_batches() {
  DS_ASSIGN(auto read, file_.db.prepare("SELECT message FROM ds_stage ORDER BY number"));
  std::vector<Changes> batches;
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) return batches;
    DS_ASSIGN(Message message, decode(read.blob(0)));
    auto* changes = std::get_if<Changes>(&message);
    if (changes == nullptr) return error(ErrorCode::corrupt, "ds_stage");
    batches.push_back(std::move(*changes));
  }
}

Status SqliteDeviceStore::drop_staged() {
  DS_TRY(file_.db.run("DELETE FROM ds_stage"));
  return shrink_when_idle(file_.db);
}

}  // namespace doorstep
