#include "tests/server/callers.hpp"

#include <doctest/doctest.h>

namespace doorstep::test {

TestPhone phone_with(TestHub& hub, std::uint64_t seed, const std::string& code) {
  TestPhone phone(seed);
  phone.schema = hub.schema().fingerprint();
  phone.connect(hub.url());
  const auto answer = phone.enrol(code);
  REQUIRE(answer.has_value());
  REQUIRE(std::holds_alternative<Enrolled>(*answer));
  const auto welcome = phone.hello();
  REQUIRE(welcome.has_value());
  REQUIRE(std::holds_alternative<Welcome>(*welcome));
  return phone;
}

TestPhone enrolled_phone(TestHub& hub, std::uint64_t seed, const std::string& name) {
  return phone_with(hub, seed, hub.issue_code(name));
}

std::optional<ErrorCode> refusal(TestPhone& phone) {
  std::optional<ErrorCode> said;
  while (const auto message = phone.listen()) {
    if (const auto* refused = std::get_if<ErrorMessage>(&*message)) {
      said = error_code_of(refused->code);
    }
  }
  return said;
}

void check_still_serving(TestHub& hub, std::uint64_t seed) {
  TestPhone phone = enrolled_phone(hub, seed, "neighbour");
  const auto answer = phone.push(hub.schema(), hub.new_household(static_cast<std::uint8_t>(seed)));
  REQUIRE(answer.has_value());
  const auto* ack = std::get_if<Ack>(&*answer);
  REQUIRE(ack != nullptr);
  CHECK(ack->through == Sequence{1});
}

}  // namespace doorstep::test
