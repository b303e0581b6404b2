// Structured log events as a port: a level, a stable event name, key/value pairs. The engine
// decides what is worth saying; shells decide where it goes.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace doorstep {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

using LogField = std::pair<std::string_view, std::string>;

class LogSink {
 public:
  virtual ~LogSink() = default;
  /// Must not throw or block for long. Called from the caller's thread.
  virtual void write(LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) = 0;
};

class NullLogSink final : public LogSink {
 public:
  void write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

}  // namespace doorstep
