#include "engine/core/conflict.hpp"

#include <doctest/doctest.h>

#include <set>

#include "engine/core/outcome.hpp"

using namespace doorstep;

TEST_CASE("the same loser is one record for ever, and any other loser is another") {
  const RowId wang = *RowId::from(std::string_view("wang"));
  const CellVersion loser{Position{7}, DeviceId{{1}}, Stamp::at({5})};
  const ConflictId id = conflict_id_of("resident", wang, "phone", loser);
  CellVersion restamped = loser;
  restamped.stamp = Stamp::at({9});
  CHECK(conflict_id_of("resident", wang, "phone", restamped) == id);
  CHECK_FALSE(id.is_none());
  const std::set<ConflictId> different = {
      id,
      conflict_id_of("household", wang, "phone", loser),
      conflict_id_of("resident", *RowId::from(std::string_view("li")), "phone", loser),
      conflict_id_of("resident", wang, "name", loser),
      conflict_id_of("resident", wang, "", loser),
      conflict_id_of("resident", wang, "phone", {Position{8}, DeviceId{{1}}, {}}),
      conflict_id_of("resident", wang, "phone", {Position{7}, DeviceId{{2}}, {}})};
  CHECK(different.size() == 7);
}

TEST_CASE("conflict states and outcomes have the names that SQL and --json show") {
  for (const char* name : {"auto", "open", "decided"}) {
    const auto state = conflict_state_of(name);
    REQUIRE(state);
    CHECK(name_of(*state) == name);
  }
  CHECK_FALSE(conflict_state_of("automatic"));
  CHECK(name_of(Outcome::Kind::accepted) == "accepted");
  CHECK(name_of(Outcome::Kind::merged) == "merged");
  CHECK(name_of(Outcome::Kind::rejected) == "rejected");
  CHECK(name_of(Outcome::Kind::depends_on) == "depends_on");
  CHECK(name_of(Outcome::Kind::quarantined) == "quarantined");
  CHECK(name_of(Outcome::Kind::not_yet) == "not_yet");
}
