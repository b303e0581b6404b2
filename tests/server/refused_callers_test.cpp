// Callers that do not speak the protocol: they hear why, and others are served meanwhile.
#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "tests/server/callers.hpp"

namespace doorstep::test {

TEST_CASE("garbage instead of a message gets an error code and an end, and others are served") {
  TestHub hub;
  hub.start();
  TestPhone phone(1);
  phone.connect(hub.url());
  phone.client().send(Bytes{0, 0xFF, 0xFF, 0xFF});
  CHECK(refusal(phone) == ErrorCode::malformed);
  check_still_serving(hub, 2);
}

TEST_CASE("an empty frame and a text frame are malformed") {
  TestHub hub;
  hub.start();
  TestPhone empty(1);
  empty.connect(hub.url());
  empty.client().send({});
  CHECK(refusal(empty) == ErrorCode::malformed);

  TestPhone chatty(2);
  chatty.connect(hub.url());
  chatty.client().send_text("hello");
  CHECK(refusal(chatty) == ErrorCode::malformed);
  check_still_serving(hub, 3);
}

TEST_CASE("who has not said who he is may send little; who has, a frame of the documented size") {
  TestHub hub;
  hub.start();
  TestPhone stranger(1);
  stranger.connect(hub.url());
  const Bytes some(limits::hello_frame_bytes_max + 1, 0);
  stranger.client().send_beginning(limits::frame_bytes_max, some);
  CHECK(refusal(stranger) == ErrorCode::message_too_large);

  TestPhone member = enrolled_phone(hub, 2, "李秀英");
  const Bytes much(limits::frame_bytes_max + 1, 0);
  member.client().send_beginning(much.size(), much);
  CHECK(refusal(member) == ErrorCode::message_too_large);
  check_still_serving(hub, 3);
}

TEST_CASE("a frame that is said to be longer than any memory is refused, and others are served") {
  TestHub hub;
  hub.start();
  for (const std::size_t said : {std::size_t{1} << 40U, std::size_t{1} << 62U}) {
    CAPTURE(said);
    TestPhone stranger(1);
    stranger.connect(hub.url());
    const Bytes some(limits::hello_frame_bytes_max + 1, 0);
    stranger.client().send_beginning(said, some);
    CHECK(refusal(stranger) == ErrorCode::message_too_large);
  }
  check_still_serving(hub, 3);
}

TEST_CASE("who goes on and on after a refusal is cut off") {
  TestHub hub;
  ListenOptions impatient;
  impatient.closing_ms = 50;
  hub.start(impatient);
  for (const bool text : {false, true}) {
    CAPTURE(text);
    TestPhone stranger(1);
    stranger.connect(hub.url());
    const Bytes some(limits::hello_frame_bytes_max + 1, 'x');
    stranger.client().send_beginning(limits::frame_bytes_max, some, text);
    CHECK(refusal(stranger) == (text ? ErrorCode::malformed : ErrorCode::message_too_large));
    const Bytes more(1);
    while (stranger.client().goes_on(more)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  check_still_serving(hub, 3);
}

TEST_CASE("a caller who connects and says nothing is let go, and others are served meanwhile") {
  TestHub hub;
  ListenOptions impatient;
  impatient.handshake_ms = 50;
  hub.start(impatient);
  RawSocket silent(hub.url());
  TestPhone speechless(1);  // past the upgrade its session's own time-out rules
  speechless.connect(hub.url());
  check_still_serving(hub, 2);
  CHECK(silent.read_to_end().empty());
}

TEST_CASE("bytes that are not HTTP end the connection, and others are served") {
  TestHub hub;
  hub.start();
  RawSocket socket(hub.url());
  socket.send(std::string(10'000, '\xEE'));
  CHECK(socket.read_to_end().find("200") == std::string::npos);
  check_still_serving(hub, 1);
}

}  // namespace doorstep::test
