// The hub's log: one line an event on standard error, as "time level event key=value ..." or, for
// machines, as a JSON object with the same keys.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "engine/core/time.hpp"
#include "engine/ports/log_sink.hpp"

namespace doorstep {

enum class LogForm : std::uint8_t { text, json };

/// Thread-safe; events below `lowest` are dropped.
[[nodiscard]] std::unique_ptr<LogSink> make_stderr_log(LogForm form, LogLevel lowest);

/// The line as it is written, without a line break. A value with spaces, quotes or control
/// characters is quoted in the text form.
[[nodiscard]] std::string format_event(LogForm form, Instant at, LogLevel level,
                                       std::string_view event, std::span<const LogField> fields);

[[nodiscard]] std::string_view name_of(LogLevel level);

}  // namespace doorstep
