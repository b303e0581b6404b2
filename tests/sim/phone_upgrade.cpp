// The app's new version, with a newer schema.
#include "tests/sim/phone_window.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/village.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {

// The app brings its schema along (to), or takes the one that the hub sent (none said); as it runs,
// or when its new version starts (again).
void SimPhone::upgrade(const Line& line) {
  if (line.number("again") != 0) {
    stop_politely();
    start();
    if (!up()) return;
  }
  const std::uint32_t before = window_->version();
  const auto wanted = static_cast<std::uint32_t>(line.number("to")) % (village_versions + 1);
  if (wanted != 0 && wanted <= before) return;
  const auto done =
      wanted == 0 ? replica_->upgrade_schema() : replica_->apply_schema(village(wanted).source());
  if (died()) return;
  if (done) {
    if (done->from != done->to) witness_.upgraded(*this);
    return;
  }
  context_.trace.note(name_, "is not upgraded: " + done.error().text());
  const ErrorCode code = done.error().code;
  // The hub sent none yet, or only older ones than the app has brought since.
  const bool none = wanted == 0 && (code == ErrorCode::not_found ||
                                    (code == ErrorCode::schema_refused && before > 1));
  if (!none && !disk_.faulty())
    context_.wrong(name_ + " cannot be upgraded: " + done.error().text());
}

}  // namespace doorstep::sim
