#include "engine/core/uuid.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace doorstep;

namespace {

constexpr std::array<std::uint8_t, 10> zeros{};
std::array<std::uint8_t, 10> ones() {
  std::array<std::uint8_t, 10> out{};
  out.fill(0xFF);
  return out;
}

}  // namespace

TEST_CASE(
    "a UUIDv7 holds its time, version and variant where RFC 9562 puts them (example of appendix "
    "A.6)") {
  const std::array<std::uint8_t, 10> random = {0x0C, 0xC3, 0x18, 0xC4, 0xDC,
                                               0x0C, 0x0C, 0x07, 0x39, 0x8F};
  const Uuid id = uuid7({0x017F22E279B0}, random);
  CHECK(format_uuid(id) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST_CASE("a clock before 1970 or after the year 10889 still gives a well-formed id") {
  CHECK(format_uuid(uuid7({-1}, zeros)) == "00000000-0000-7000-8000-000000000000");
  CHECK(format_uuid(uuid7({std::int64_t{1} << 50}, ones())) ==
        "ffffffff-ffff-7fff-bfff-ffffffffffff");
}

TEST_CASE("ids of one phone rise strictly, within a millisecond and when its clock goes back") {
  UuidSource source;
  Uuid last{};
  for (int i = 0; i < 20'000; ++i) {
    const Instant now{i < 10'000 ? 1'000'000 : 1'000'000 - i};
    const Uuid id = source.next(now, i % 2 == 0 ? zeros : ones());
    REQUIRE(last < id);
    last = id;
  }
}

TEST_CASE("an id is read with or without hyphens, in either case, and nothing else is an id") {
  const auto id = parse_uuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
  REQUIRE(id);
  CHECK(format_uuid(*id) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  CHECK(parse_uuid("017f22e279b07cc398c4dc0c0c07398f") == id);
  for (const char* bad :
       {"", "017f22e2", "017f22e279b0-7cc3-98c4-dc0c-0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
        "----17f22e2-79b0-7cc3-98c4-dc0c0c07"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_uuid(bad));
  }
}
