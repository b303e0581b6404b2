// The township takes a newer schema: what server/commands/schema.cpp does in a process of its own,
// and how hub_core.cpp notices.
#include "tests/sim/sim_hub.hpp"
#include "tests/sim/sim_vfs.hpp"
#include "tests/sim/village.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {

void SimHub::upgrade() {
  const std::uint32_t version = witness_.hub_version() + 1;
  if (version > village_versions) return;
  const Status done = [&]() -> Status {
    DS_ASSIGN(const auto beside, SqliteHubStore::open("hub", load_village));
    DS_ASSIGN(const auto commit, beside->begin());
    DS_TRY(commit->put_schema(village(version), now()));
    return commit->commit(now(), token());
  }();
  if (died()) return;
  witness_.hub_committed(*store_);
  if (!done && witness_.hub_version() < version) {
    context_.trace.note("hub", "is not upgraded: " + done.error().text());
    if (!disk_.faulty()) context_.wrong("the hub cannot be upgraded: " + done.error().text());
    return;
  }
  ++context_.counts.upgrades;
  after(soon(), [this] { tell_schema(); });
}

void SimHub::tell_schema() {
  Fingerprint newest;
  {
    const auto look = store_->snapshot();
    if (died() || !look) return;
    newest = (*look)->schemas().newest().fingerprint();
  }
  for (const ConnectionNumber number : registry_.all())
    input(number, hub_input::SchemaChanged{newest});
  tell_all(registry_.all(), false);
}

}  // namespace doorstep::sim
