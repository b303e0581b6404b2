#include "engine/session/check_history.hpp"

#include "engine/core/defect.hpp"

#include <string>

namespace doorstep {

bool has_lost_acknowledged(const Welcome& welcome, const DeviceState& own) {
  return welcome.merged < own.acknowledged && own.unheld < own.acknowledged;
}

Status check_history(DeviceStore& store, const Welcome& welcome, const DeviceState& own) {
  if (DS_DEFECT("copy_unnoticed")) return {};
  if (welcome.merged > own.last) {
    return error(ErrorCode::device_forked,
                 "the hub has transaction " + std::to_string(welcome.merged.value) +
                     ", this device's newest is " + std::to_string(own.last.value));
  }
  // What a checkpoint has confirmed is no longer kept here; the hub checks the chain of what
  // follows it.
  if (welcome.merged <= own.included) return {};
  DS_ASSIGN(const Push newest, store.outbox(Sequence{welcome.merged.value - 1}, 1));
  const bool held = newest.first == welcome.merged && newest.bodies.size() == 1;
  if (held && newest.head != welcome.head) {
    return error(ErrorCode::device_forked,
                 "transaction " + std::to_string(welcome.merged.value) + " is another at the hub");
  }
  return {};
}

}  // namespace doorstep
