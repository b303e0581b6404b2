#include "engine/session/said_by_hub.hpp"

#include <string>

namespace doorstep {

void log_applied(LogSink& log, const Applied& applied) {
  if (!applied.differing.empty()) {
    log.write(LogLevel::error, "digest_mismatch", {{"scope", applied.differing.front().code}});
  }
  if (!applied.healed.empty()) {
    log.write(LogLevel::warning, "healed", {{"tables", std::to_string(applied.healed.size())}});
  }
}

Error said_by_hub(const ErrorMessage& message) {
  if (const auto code = error_code_of(message.code))
    return error(*code, "the hub: " + message.detail);
  return error(ErrorCode::internal,
               "the hub: error " + std::to_string(message.code) + ", " + message.detail);
}

}  // namespace doorstep
