#include "server/console/error_answer.hpp"

#include "engine/core/json_line.hpp"

namespace doorstep::console {

unsigned http_status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_signed_in:
    case ErrorCode::code_unknown:
      return 401;
    case ErrorCode::not_your_role:
    case ErrorCode::foreign_request:
      return 403;
    case ErrorCode::not_found:
    case ErrorCode::device_unknown:
    case ErrorCode::row_unknown:
      return 404;
    case ErrorCode::method_refused:
      return 405;
    case ErrorCode::duplicate_state:
    case ErrorCode::quarantine_state:
    case ErrorCode::device_revoked:
    case ErrorCode::copy_not_admitted:
    case ErrorCode::already_resent:
    case ErrorCode::ranked_back:
      return 409;
    case ErrorCode::message_too_large:
      return 413;
    case ErrorCode::too_many_tries:
      return 429;
    case ErrorCode::busy:
    case ErrorCode::hub_busy:
    case ErrorCode::disk_full:
      return 503;
    case ErrorCode::io_error:
    case ErrorCode::read_only:
    case ErrorCode::corrupt:
    case ErrorCode::sql_error:
    case ErrorCode::internal:
      return 500;
    default:
      return 400;
  }
}

std::string error_json(const Error& reason, Language language, std::string_view field) {
  JsonLine line;
  line.text("name", name_of(reason.code))
      .number("code", static_cast<std::uint64_t>(reason.code))
      .text("message", message_of(reason.code, language))
      .text("detail", reason.detail)
      .text("todo", action_of(reason.code, language));
  if (field.empty()) {
    line.null("field");
  } else {
    line.text("field", field);
  }
  return line.done();
}

ConsoleAnswer error_answer(const Error& reason, Language language, std::string_view field) {
  ConsoleAnswer answer =
      ConsoleAnswer::json(JsonLine().raw("error", error_json(reason, language, field)).done());
  answer.status = http_status_of(reason.code);
  return answer;
}

}  // namespace doorstep::console
