#include "engine/core/result.hpp"

namespace doorstep {

std::string Error::text() const {
  std::string out(message_of(code));
  if (!detail.empty()) {
    out += ": ";
    out += detail;
  }
  out += " (";
  out += name_of(code);
  out += "). ";
  out += action_of(code);
  return out;
}

}  // namespace doorstep
