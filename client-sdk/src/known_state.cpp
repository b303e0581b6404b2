#include "client-sdk/src/known_state.hpp"

#include <utility>

#include "client-sdk/src/fresh_inserts.hpp"

namespace doorstep {

Result<const ReplicaState*> KnownState::begin() {
  written_.reset();
  DS_ASSIGN(const auto ask, db_->kept("PRAGMA data_version"));
  DS_ASSIGN(const bool found, ask->step());
  const std::int64_t version = found ? ask->integer(0) : 0;
  if (!known_ || !found || version != version_) {
    known_.reset();
    Known read;
    DS_ASSIGN(read.state, load_state(*db_));
    DS_ASSIGN(read.newest_insert, FreshInserts::newest(*db_));
    known_ = std::move(read);
    version_ = version;
  }
  return &known_->state;
}

void KnownState::committed() {
  if (written_) known_ = std::exchange(written_, std::nullopt);
}

}  // namespace doorstep
