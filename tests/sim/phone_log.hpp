// A phone's log, as far as the simulation reads it.
#pragma once

#include <utility>

#include "engine/ports/log_sink.hpp"
#include "tests/sim/context.hpp"

namespace doorstep::sim {

class PhoneLog final : public LogSink {
 public:
  explicit PhoneLog(Context& context) : context_(context) {}
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField>) override {
    if (event != "own_rows_pulled") return;
    ++context_.counts.own_pulled;
    own_differed_ = own_differed_ || level == LogLevel::warning;
  }
  /// Since it was asked last: were there own rows that the hub left out, as many as here, and yet
  /// the sums did not match?
  [[nodiscard]] bool own_differed() { return std::exchange(own_differed_, false); }

 private:
  Context& context_;
  bool own_differed_ = false;
};

}  // namespace doorstep::sim
