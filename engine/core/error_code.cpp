#include "engine/core/error_code.hpp"

#include <algorithm>
#include <array>

namespace doorstep {
namespace {

struct Entry {
  ErrorCode code;
  bool retry;
  std::string_view name;
  std::string_view message;
  std::string_view action;
};

constexpr std::array entries = {
#define DS_ERROR(name, number, retry, message, action) \
  Entry{ErrorCode::name, retry, #name, message, action},
#include "schema/errors.def"
#undef DS_ERROR
};

const Entry& entry_of(ErrorCode code) {
  const auto* found = std::find_if(entries.begin(), entries.end(),
                                   [&](const Entry& entry) { return entry.code == code; });
  return found != entries.end() ? *found : entries.back();
}

}  // namespace

std::string_view name_of(ErrorCode code) { return entry_of(code).name; }
std::string_view message_of(ErrorCode code) { return entry_of(code).message; }
std::string_view action_of(ErrorCode code) { return entry_of(code).action; }
bool is_retryable(ErrorCode code) { return entry_of(code).retry; }

std::optional<ErrorCode> error_code_of(std::uint64_t number) {
  for (const Entry& entry : entries) {
    if (static_cast<std::uint64_t>(entry.code) == number) {
      return entry.code;
    }
  }
  return std::nullopt;
}

}  // namespace doorstep
