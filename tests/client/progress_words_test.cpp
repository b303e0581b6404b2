// What a terminal of 80 columns shows while a sync goes on, in both languages.
#include <doctest/doctest.h>

#include "client-sdk/src/progress_words.hpp"

namespace doorstep::test {

TEST_CASE("a first load in one line: counts, bytes, an estimate of both, and how long") {
  SyncProgress load;
  load.pulled = 3000;
  load.pull_total = 10'000;
  load.pulled_before = 2000;
  load.bytes = 250'000;
  load.bytes_left = 600'000;
  load.percent = 41;
  load.seconds_left = 35;
  CHECK(progress_line(load, Language::english) ==
        "[######..........]  41%  received 5000/12000  250.0 kB of ~850.0 kB  ~35 s");
  CHECK(progress_line(load, Language::chinese) ==
        "[######..........]  41%  已收 5000/12000  250.0 kB，共约 850.0 kB  约 35 秒");
}

TEST_CASE("the line fits 80 columns however large the village is") {
  SyncProgress huge;
  huge.pushed = 123'456;
  huge.push_total = 1'234'567;
  huge.pulled = 12'345'678;
  huge.pull_total = 98'765'432;
  huge.bytes = 987'600'000'000;
  huge.bytes_left = 9'876'000'000'000;
  huge.percent = 99;
  huge.seconds_left = 86'400;
  for (const Language language : {Language::english, Language::chinese}) {
    const std::string line = progress_line(huge, language);
    CAPTURE(line);
    CHECK(columns_of(line) <= progress_columns_max);
    CHECK(line.find("123456/1234567") != std::string::npos);
  }
  CHECK(columns_of("已收 5") == 6);
}

TEST_CASE("before anybody knows what is to come the line says what has come") {
  SyncProgress push;
  push.pushed = 3;
  push.push_total = 40;
  push.bytes = 900;
  push.percent = 5;
  CHECK(progress_line(push, Language::english) == "[................]   5%  sent 3/40  900 bytes");
}

}  // namespace doorstep::test
