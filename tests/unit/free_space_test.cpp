// A phone tells the township how full it is.
#include <doctest/doctest.h>

#include <limits>

#include "engine/core/size_text.hpp"
#include "engine/session/device_hello.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/message.hpp"

using namespace doorstep;

namespace {

Hello hello_with(std::function<std::optional<std::uint64_t>()> read_free_bytes) {
  DeviceSession::Options options;
  options.read_clocks = [] { return ClockProbe{}; };
  options.read_free_bytes = std::move(read_free_bytes);
  DeviceState own;
  own.keys = key_pair_of({});
  return hello_of(own, {}, options);
}

}  // namespace

TEST_CASE("a phone says how much its storage still holds, and nothing when it cannot say") {
  CHECK(hello_with([] { return 20'000'000; }).free_bytes == 20'000'000);
  CHECK(hello_with([] { return 0; }).free_bytes == 0);
  CHECK(hello_with([] { return std::nullopt; }).free_bytes == std::nullopt);
  CHECK(hello_with({}).free_bytes == std::nullopt);
}

TEST_CASE("free space that no storage has is not believed") {
  Hello hello;
  hello.free_bytes = std::numeric_limits<std::int64_t>::max();
  CHECK(std::get<Hello>(decode(encode(hello)).value()) == hello);
  ++*hello.free_bytes;
  CHECK(decode(encode(hello)).error().code == ErrorCode::malformed);
}

TEST_CASE("a number of bytes reads as phones write it, and is never rounded up") {
  CHECK(size_text(0) == "0 bytes");
  CHECK(size_text(999) == "999 bytes");
  CHECK(size_text(1'000) == "1.0 kB");
  CHECK(size_text(20'099'999) == "20.0 MB");
  CHECK(size_text(9'663'676'416) == "9.6 GB");
  CHECK(size_text(2'999'999'999'999) == "2.9 TB");
  CHECK(size_text(std::numeric_limits<std::uint64_t>::max()) == "18446744.0 TB");
}
