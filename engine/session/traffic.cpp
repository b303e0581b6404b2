#include "engine/session/traffic.hpp"

namespace doorstep {
namespace {

constexpr std::array<std::string_view, traffic_reason_count> names = {
    "greeting", "push", "resent", "outcomes", "rows", "repair", "kept", "other"};

}  // namespace

std::string_view name_of(TrafficReason reason) { return names[static_cast<std::size_t>(reason)]; }

}  // namespace doorstep
