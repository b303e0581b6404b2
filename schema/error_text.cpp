#include "schema/error_text.hpp"

namespace doorstep {

std::string_view message_of(ErrorCode code, Language language) {
  if (language == Language::chinese) {
    switch (code) {
#define DS_ERROR_ZH(name, message, action) \
  case ErrorCode::name:                    \
    return message;
#include "schema/errors_zh.def"
#undef DS_ERROR_ZH
    }
  }
  return message_of(code);
}

std::string_view action_of(ErrorCode code, Language language) {
  if (language == Language::chinese) {
    switch (code) {
#define DS_ERROR_ZH(name, message, action) \
  case ErrorCode::name:                    \
    return action;
#include "schema/errors_zh.def"
#undef DS_ERROR_ZH
    }
  }
  return action_of(code);
}

}  // namespace doorstep
