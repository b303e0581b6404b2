// For the SDK's own writes of what was captured before: what triggers did then is among it.
#pragma once

#include "engine/sqlite/database.hpp"

namespace doorstep {

/// While it lives the connection runs no triggers.
class WithoutTriggers {
 public:
  explicit WithoutTriggers(sqlite::Database& db) : db_(db) { set(0); }
  ~WithoutTriggers() { set(1); }
  WithoutTriggers(const WithoutTriggers&) = delete;
  WithoutTriggers& operator=(const WithoutTriggers&) = delete;

 private:
  void set(int on);
  sqlite::Database& db_;
};

}  // namespace doorstep
