// One family, registered twice by phones that did not see each other, at a hub in memory or in a
// file.
#pragma once

#include <doctest/doctest.h>

#include "tests/server/hub_store_fixture.hpp"
#include "tests/support/twin_village.hpp"

namespace doorstep::test {

/// Makes the hubs of a world in memory.
struct InMemory {
  [[nodiscard]] SyncWorld::MakeHub maker() const { return {}; }
};

/// Makes them in a file.
struct InSqlite {
  TemporaryFolder folder;
  [[nodiscard]] SyncWorld::MakeHub maker() const {
    return [this](const Schema& schema, const HubIdentity& identity) {
      return SqliteHubStore::create(folder.path() / "hub", schema, identity).value();
    };
  }
};

#define BOTH_STORES InMemory, InSqlite

/// Two phones register the Wang household offline, with the head's name spelled differently, and
/// log a visit each; both sync.
template <class Store>
struct Twins {
  Store store;
  TwinWorld world{1, store.maker()};
  Phone& a = world.add_phone("陈大山", {"X"});
  Phone& b = world.add_phone("王丽", {"X"});
  RowId wang = world.household(a, 1, "王建国", "二组15号");
  RowId visit_a = world.visit(a, 11, wang, "血压 120/80");
  RowId twin = world.household(b, 2, "汪健国", "二组 １５号");
  RowId visit_b = world.visit(b, 12, twin, "血压 130/85");

  Twins() { settle(world); }
  void check_equal() {
    settle(world);
    CHECK(world.difference(a) == "");
    CHECK(world.difference(b) == "");
    CHECK(world.stray_reference() == "");
  }
};

}  // namespace doorstep::test
