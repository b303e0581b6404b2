// schema/errors_zh.def beside schema/errors.def.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "schema/error_text.hpp"

namespace doorstep::test {
namespace {

const std::vector<std::string>& codes() {
  static const std::vector<std::string> all{
#define DS_ERROR(name, number, retry, message, action) #name,
#include "schema/errors.def"
#undef DS_ERROR
  };
  return all;
}

const std::vector<std::string>& codes_in_chinese() {
  static const std::vector<std::string> all{
#define DS_ERROR_ZH(name, message, action) #name,
#include "schema/errors_zh.def"
#undef DS_ERROR_ZH
  };
  return all;
}

bool has_han(std::string_view text) {
  for (const char c : text) {
    if (const auto byte = static_cast<unsigned char>(c); byte >= 0xE4 && byte <= 0xE9) return true;
  }
  return false;
}

TEST_CASE("errors: every code of the catalogue has its Chinese text, in the same order") {
  CHECK(codes_in_chinese() == codes());
}

TEST_CASE("errors: a secretary reads what is wrong and what to do in her language") {
  CHECK(message_of(ErrorCode::too_many_tries, Language::chinese) == "输错代码的次数太多");
  CHECK(action_of(ErrorCode::too_many_tries, Language::chinese) == "请等十分钟再试");
  CHECK(message_of(ErrorCode::too_many_tries, Language::english) == "too many wrong codes");
#define DS_ERROR(name, number, retry, message, action)              \
  CHECK(has_han(message_of(ErrorCode::name, Language::chinese)));   \
  CHECK(has_han(action_of(ErrorCode::name, Language::chinese)));    \
  CHECK(message_of(ErrorCode::name, Language::english) == message); \
  CHECK(action_of(ErrorCode::name, Language::english) == action);
#include "schema/errors.def"
#undef DS_ERROR
}

}  // namespace
}  // namespace doorstep::test
