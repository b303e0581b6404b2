// What an app says of an error, in the language of whoever holds the phone.
#include <doctest/doctest.h>
#include <doorstep/wording.hpp>

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace doorstep::test {
namespace {

/// What LC_ALL, LC_MESSAGES and LANG were comes back at the end.
class Locale {
 public:
  Locale() {
    for (const char* name : names) {
      const char* value = std::getenv(name);
      before_.emplace_back(value == nullptr ? std::nullopt : std::optional<std::string>(value));
    }
    set("", "", "");
  }
  ~Locale() {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (before_[i]) {
        ::setenv(names.at(i), before_[i]->c_str(), 1);
      } else {
        ::unsetenv(names.at(i));
      }
    }
  }
  Locale(const Locale&) = delete;
  Locale& operator=(const Locale&) = delete;
  static void set(const char* all, const char* messages, const char* lang) {
    ::setenv("LC_ALL", all, 1);
    ::setenv("LC_MESSAGES", messages, 1);
    ::setenv("LANG", lang, 1);
  }

 private:
  static constexpr std::array names{"LC_ALL", "LC_MESSAGES", "LANG"};
  std::vector<std::optional<std::string>> before_;
};

}  // namespace

TEST_CASE("a full phone is said in the volunteer's own language, with what to do") {
  CHECK(wording_of(ErrorCode::disk_full, Language::chinese).what == "存储已满");
  CHECK(wording_of(ErrorCode::disk_full, Language::chinese).then ==
        "请腾出一些空间；以前写入的内容都还在");
  CHECK(wording_of(ErrorCode::disk_full, Language::english).what == "the storage is full");
  CHECK(wording_of(ErrorCode::disk_full, Language::english).then ==
        "free some space; nothing written before is lost");
  // Only those meet it who set phones up.
  CHECK(wording_of(ErrorCode::second_sqlite, Language::chinese).what ==
        message_of(ErrorCode::second_sqlite));
}

TEST_CASE("the language is the environment's, and English where none is said") {
  const Locale locale;
  CHECK(language_of_environment() == Language::english);
  Locale::set("", "", "zh_CN.UTF-8");
  CHECK(language_of_environment() == Language::chinese);
  Locale::set("", "en_GB.UTF-8", "zh_CN.UTF-8");
  CHECK(language_of_environment() == Language::english);
  Locale::set("zh_TW.UTF-8", "en_GB.UTF-8", "C");
  CHECK(language_of_environment() == Language::chinese);
}

}  // namespace doorstep::test
