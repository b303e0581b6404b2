// The batches of a long pull, kept in the replica until its checkpoint comes.
#include "client-sdk/src/replica_file.hpp"
#include "client-sdk/src/sqlite_device_store.hpp"
#include "engine/ports/fault.hpp"
#include "engine/ports/feed_order.hpp"

namespace doorstep {

Status SqliteDeviceStore::stage(Changes changes) {
  if (!changes.next || changes.checkpoint) {
    return error(ErrorCode::unexpected_message, "a batch with a checkpoint cannot be staged");
  }
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file_.db));
  DS_ASSIGN(const ReplicaState state, locked_state());
  DS_ASSIGN(const auto staged, staged_.through());
  const bool fits = changes.refill || continues(*changes.next, state.cursor, staged.point);
  if (changes.from != state.cursor || !fits) {
    return error(ErrorCode::unexpected_message, "a batch that does not continue the cursor");
  }
  if (changes.refill) DS_TRY(staged_.clear());
  DS_ASSIGN(const std::int64_t number,
            staged_.put(changes, rows_in(changes) + (changes.refill ? 0 : staged.rows)));
  DS_FAULT("replica.stage.before_commit");
  DS_TRY(transaction.commit());
  staged_.keep(file_.schema, number, std::move(changes));
  return {};
}

Status SqliteDeviceStore::drop_staged() {
  DS_TRY(staged_.clear());
  return shrink_when_idle(file_.db);
}

}  // namespace doorstep
