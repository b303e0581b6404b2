// The hub's log, as far as the simulation reads it.
#pragma once

#include <string>

#include "engine/ports/log_sink.hpp"
#include "tests/sim/context.hpp"

namespace doorstep::sim {

class HubLog final : public LogSink {
 public:
  explicit HubLog(Context& context) : context_(context) {}
  void write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields) override {
    if (event == "collected") ++context_.counts.collected;
    if (level == LogLevel::debug) return;
    std::string text = "logs " + std::string(event);
    for (const LogField& field : fields)
      text += " " + std::string(field.first) + "=" + field.second;
    context_.trace.note("hub", text);
  }

 private:
  Context& context_;
};

}  // namespace doorstep::sim
