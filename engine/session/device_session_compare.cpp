// What a device tells its hub of itself beside its work: how its rows compare with the hub's, when
// somebody there asks, and what reconciles have healed. A part of DeviceSession.
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/session/device_session_state.hpp"

namespace doorstep {

Status DeviceSession::State::on_compare(const Compare& asked) {
  if (phase == DevicePhase::challenge || phase == DevicePhase::welcome) {
    return error(ErrorCode::unexpected_message, "a comparison before welcome");
  }
  if (successor) return {};  // it goes on as another, whom nobody has asked about
  switch (asked.step) {
    case Compare::Step::sums:
      compare_waits = asked;
      return answer_comparison();
    case Compare::Step::rows: {
      if (comparing != asked.number) return {};
      DS_ASSIGN(Compared said, store.compare(asked));
      send(std::move(said));
      return {};
    }
    case Compare::Step::done:
      return comparing == asked.number ? end_comparison() : Status();
  }
  return {};
}

// What it says of its rows is of one moment. The hub sends no more than it has credit for, and gets
// none for what waits.
Status DeviceSession::State::hold_back(const Message& message) {
  if (held_back.size() > limits::changes_in_flight_max) {
    return error(ErrorCode::credit_exceeded, "changes");
  }
  held_back.push_back(message);
  return {};
}

Status DeviceSession::State::end_comparison() {
  comparing.reset();
  while (!held_back.empty() && !comparing && phase != DevicePhase::closed) {
    Message message = std::move(held_back.front());
    held_back.pop_front();
    DS_TRY(on_message(std::move(message)));
  }
  return unfinished && phase != DevicePhase::closed ? finish() : Status();
}

// What is still to come would show as missing: of that the checkpoint after it speaks.
Status DeviceSession::State::answer_comparison() {
  if (!compare_waits) return {};
  DS_ASSIGN(const DeviceState own, own_state());
  const bool whole = own.cursor != Position{} && !own.restoring && own.held == own.expected &&
                     own.new_columns.empty();
  if (!whole) return {};
  DS_ASSIGN(Compared said, store.compare(*compare_waits));
  comparing = compare_waits->number;
  compare_waits.reset();
  send(std::move(said));
  return {};
}

// One at a time: what is healed meanwhile is told when this one is noted.
Status DeviceSession::State::send_healed() {
  if (heal_waits || options.bytes_max) return {};
  DS_ASSIGN(auto report, store.heal_report());
  heal_waits = report.has_value();
  if (report) send(std::move(*report));
  return {};
}

Status DeviceSession::State::on_heal_noted(const HealNoted& noted) {
  DS_TRY(store.heal_noted(noted));
  heal_waits = false;
  DS_TRY(send_healed());
  return unfinished ? finish() : Status();
}

}  // namespace doorstep
