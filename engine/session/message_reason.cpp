#include "engine/session/message_reason.hpp"

namespace doorstep {
namespace {

using Reason = TrafficReason;

struct ReasonOf {
  Reason operator()(const Push&) const { return Reason::push; }
  Reason operator()(const Ack&) const { return Reason::outcomes; }
  Reason operator()(const Pull& pull) const {
    return pull.sums || pull.refill ? Reason::repair : Reason::rows;
  }
  Reason operator()(const Credit&) const { return Reason::rows; }
  Reason operator()(const Changes& changes) const {
    return changes.refill ? Reason::repair : Reason::rows;
  }
  Reason operator()(const Restart&) const { return Reason::rows; }
  Reason operator()(const Compare&) const { return Reason::repair; }
  Reason operator()(const Compared&) const { return Reason::repair; }
  Reason operator()(const Healed&) const { return Reason::repair; }
  Reason operator()(const HealNoted&) const { return Reason::repair; }
  Reason operator()(const Salvage&) const { return Reason::kept; }
  Reason operator()(const Salvaged&) const { return Reason::kept; }
  Reason operator()(const Busy&) const { return Reason::other; }
  Reason operator()(const ErrorMessage&) const { return Reason::other; }
  Reason operator()(const OverBudget&) const { return Reason::other; }
  template <class Greeting>
  Reason operator()(const Greeting&) const {
    return Reason::greeting;
  }
};

}  // namespace

TrafficReason reason_of(const Message& message) { return std::visit(ReasonOf{}, message); }

}  // namespace doorstep
