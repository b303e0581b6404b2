// An app may stop its sync at any moment, also before it has reached anybody.
#include <doctest/doctest.h>

#include <doorstep/sync.hpp>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

TEST_CASE(
    "a volunteer leaves the app while it is still calling: the sync ends, and her visit goes with "
    "the next") {
  const ScratchFolder folder("stopped-sync");
  TownshipHub hub(folder.file("hub"));
  REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
  hub.serve();
  const Phone wang(folder.file("wang.db"), "Wang");
  REQUIRE(wang.enrol(hub).status == 0);
  REQUIRE(wang.sql("insert into member_home (id, village_code, name) values"
                   " (uuid7(), '431224103212', '会员之家')")
              .status == 0);

  {
    doorstep::SyncOptions options;
    options.live = true;
    const auto sync = doorstep::Sync::open(wang.file(), options);
    REQUIRE(sync.ok());
    // It stays in force: the call is given up as soon as there is one to give up.
    (*sync)->stop();
    const auto ended = (*sync)->run();
    CHECK_MESSAGE(ended.ok(), (ended ? "" : ended.error().text()));
    CHECK((*sync)->report().pushed == 0);
    CHECK_FALSE((*sync)->report().up_to_date);
  }
  CHECK(wang.status().number("pending") == 1);
  CHECK(wang.sync().status == 0);
  CHECK(wang.status().number("pending") == 0);
  CHECK(plain_read(hub.database(), "select name from member_home") == "会员之家");
}
