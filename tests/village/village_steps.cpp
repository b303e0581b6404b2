#include "tests/village/village_steps.hpp"

#include <doctest/doctest.h>

namespace doorstep::test {

std::string nth(Volunteer& volunteer, const std::string& table, int which,
                const std::string& condition) {
  return volunteer.read("select id from " + table + " where " + condition +
                        " order by id limit 1 offset " + std::to_string(which));
}

std::string give_up_refused(Volunteer& volunteer) {
  const auto refused = volunteer.replica().rejected().value();
  REQUIRE(refused.size() == 1);
  REQUIRE(refused[0].broken.has_value());
  REQUIRE(volunteer.replica().discard(refused[0].sequence).ok());
  return refused[0].broken->message;
}

}  // namespace doorstep::test
