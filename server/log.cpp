#include "server/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>

#include "engine/core/json_line.hpp"
#include "server/hub_time.hpp"

namespace doorstep {
namespace {

bool needs_quotes(std::string_view value) {
  return value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=';
         });
}

class StderrLog final : public LogSink {
 public:
  StderrLog(LogForm form, LogLevel lowest)
      : form_(form),
        lowest_(lowest),
        logger_("doorstepd", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_pattern("%v");
    logger_.flush_on(spdlog::level::trace);
    logger_.set_level(spdlog::level::trace);
  }

  void write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields) override {
    if (level < lowest_) return;
    try {
      logger_.info("{}",
                   format_event(form_, time_.now(), level, event, {fields.begin(), fields.size()}));
    } catch (
        ...) {  // NOLINT(bugprone-empty-catch): a log that cannot be written must not stop the hub
    }
  }

 private:
  LogForm form_;
  LogLevel lowest_;
  SystemTime time_;
  spdlog::logger logger_;
};

}  // namespace

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

std::string format_event(LogForm form, Instant at, LogLevel level, std::string_view event,
                         std::span<const LogField> fields) {
  if (form == LogForm::json) {
    JsonLine line;
    line.text("at", to_rfc3339(at)).text("level", name_of(level)).text("event", event);
    for (const LogField& field : fields) line.text(field.first, field.second);
    return line.done();
  }
  std::string line = to_rfc3339(at);
  for (const std::string_view part : {name_of(level), event}) line.append(" ").append(part);
  for (const LogField& field : fields) {
    line.append(" ").append(field.first).append("=");
    line += needs_quotes(field.second) ? json_string(field.second) : field.second;
  }
  return line;
}

std::unique_ptr<LogSink> make_stderr_log(LogForm form, LogLevel lowest) {
  return std::make_unique<StderrLog>(form, lowest);
}

}  // namespace doorstep
