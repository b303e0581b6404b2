// What a role may not write is refused while it is written (SEMANTICS C4, D3).
#include <doctest/doctest.h>

#include <utility>

#include "schema/loader.hpp"
#include "tests/client/phone.hpp"

namespace doorstep::test {
namespace {

// As in small.toml, with two roles: a reader of supplies who sees no phone numbers, and a keeper.
constexpr const char* roles = R"toml(
[roles.volunteer]
household = { read = true, write = true, hidden = ["phone"] }
visit = "read"
supply = "read"
[roles.keeper]
household = "write"
visit = "write"
supply = "write"
request = "write"
)toml";

struct RolePhone {
  Folder folder;
  SetClock clock;
  SeededRandom random{1};
  std::shared_ptr<Replica> replica;

  explicit RolePhone(const std::string& role) {
    NewReplica made = enrolment();
    made.schema = small_schema_text() + roles;
    made.role = role;
    REQUIRE(create_replica(folder.file("a.db"), made).ok());
    ReplicaSeams seams;
    seams.clock = &clock;
    seams.random = &random;
    auto opened = open_replica(folder.file("a.db"), {}, seams);
    REQUIRE_MESSAGE(opened.ok(), opened.error().text());
    replica = *std::move(opened);
  }
  std::string refused(const std::string& sql) const {
    const auto done = replica->execute(sql, {});
    return done ? "" : done.error().text();
  }
};

}  // namespace

TEST_CASE("what a volunteer's role may not write is refused on the phone, with table and column") {
  const RolePhone phone("volunteer");
  CHECK(phone.refused("INSERT INTO household (id, village, head) VALUES (x'01', 'v1', 'Wang')") !=
        "");  // no uuid
  CHECK(phone.refused("INSERT INTO household (id, village, head)"
                      " VALUES (uuid7(), 'v1', 'Wang')") == "");
  const std::pair<const char*, const char*> cases[] = {
      {"INSERT INTO supply (code, village) VALUES ('rice', 'v1')", "table supply"},
      {"INSERT INTO request (id, village) VALUES (uuid7(), 'v1')", "table request"},
      {"INSERT INTO visit (id, household_id) SELECT uuid7(), id FROM household", "table visit"},
      {"UPDATE household SET phone = '139'", "table household, column phone"},
      {"UPDATE household SET head = 'Li', phone = '139'", "table household, column phone"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.first);
    const std::string reason = phone.refused(one.first);
    CHECK(reason.find("role_denied") != std::string::npos);
    CHECK(reason.find(one.second) != std::string::npos);
  }
  const auto shown = phone.replica->query("SELECT head, phone FROM household", {});
  REQUIRE(shown.ok());
  CHECK(print(*shown) == "Wang|-");
  CHECK(phone.replica->status().value().pending == 1);
  CHECK(phone.refused("DELETE FROM household") == "");
}

TEST_CASE("another role on the same schema writes what the volunteer may not") {
  const RolePhone keeper("keeper");
  CHECK(keeper.refused("INSERT INTO household (id, village, phone)"
                       " VALUES (uuid7(), 'v1', '139')") == "");
  CHECK(keeper.refused("INSERT INTO visit (id, household_id)"
                       " SELECT uuid7(), id FROM household") == "");
  CHECK(keeper.refused("INSERT INTO supply (code, village) VALUES ('rice', 'v1')") == "");
  const RolePhone stranger("emperor");
  CHECK(stranger.refused("INSERT INTO supply (code, village) VALUES ('rice', 'v1')")
            .find("role_denied") != std::string::npos);
}

TEST_CASE("a role that hides what it cannot do without is no schema") {
  const auto complaint = [](const std::string& role) {
    const auto loaded = load_schema(small_schema_text() + role, "small.toml");
    return loaded ? std::string() : loaded.error().text();
  };
  CHECK(complaint(roles).empty());
  CHECK(complaint("[roles.a]\nhousehold = { read = true, hidden = [\"village\"] }\n")
            .find("where a row belongs") != std::string::npos);
  CHECK(complaint("[roles.a]\nrequest = { read = true, hidden = [\"claimed_by\"] }\n")
            .find("the rest of its group is not") != std::string::npos);
  CHECK(complaint("[roles.a]\nrequest = { read = true, hidden = [\"claimed_by\", \"claimed_on\"] }"
                  "\n")
            .empty());
  CHECK(complaint("[roles.a]\nvisit = \"read\"\n").find("hang on") != std::string::npos);
}

}  // namespace doorstep::test
