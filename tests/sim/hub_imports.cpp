// What was rescued from a phone's damaged file is carried to the township and taken in, as
// `doorstepd import-rescued` does.
#include "engine/session/import_rescued.hpp"
#include "tests/sim/sim_hub.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {

bool SimHub::take_in(const RescuedWork& work, const DeviceId& device) {
  RescueImport request{work, {}, now(), token()};
  auto done = import_rescued(*store_, request);
  if (!done && done.error().code == ErrorCode::device_unknown) {
    // The file does not say whose it is; who brings it does.
    request.device = device;
    done = import_rescued(*store_, request);
  }
  if (died()) return false;
  witness_.hub_committed(*store_);
  if (!done) {
    context_.trace.note("hub", "does not take in what was rescued: " + done.error().text());
    if (!disk_.faulty()) context_.wrong("the hub refuses a sealed file: " + done.error().text());
    return false;
  }
  context_.counts.imported += done->waiting;
  context_.trace.note("hub", "takes in " + std::to_string(done->waiting) + " rescued, " +
                                 std::to_string(done->known) + " known, " +
                                 std::to_string(done->damaged) + " damaged");
  witness_.took_in(work, *done);
  return true;
}

}  // namespace doorstep::sim
