// Two phones that have synced and gone, and a hub that remembers both.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/session/parting.hpp"
#include "tests/support/test_link.hpp"

namespace doorstep::test {

/// A and B in village X hold the Wang household.
struct Parted {
  const RowId wang = numbered(1);
  SyncWorld world;
  Phone& a = world.add_phone("A", {"X"});
  Phone& b = world.add_phone("B", {"X"});

  Parted() {
    world.insert(a, "household", wang,
                 {{"village_code", Value::text("X")},
                  {"address", Value::text("lane 1")},
                  {"phone", Value::text("100")}});
    for (int round = 0; round < 2; ++round) {
      for (Phone* phone : {&a, &b}) CHECK(sync(world, *phone).up_to_date);
    }
  }
  [[nodiscard]] static LinkOptions calling(bool live = false) {
    LinkOptions options;
    options.live = live;
    options.says_who_calls = true;
    return options;
  }
  TestLink call(Phone& phone) { return sync(world, phone, calling()); }
  [[nodiscard]] static DeviceId id_of(const Phone& phone) { return phone.store->state()->device; }
  [[nodiscard]] DeviceSession::Options options_of(const Phone& phone) {
    DeviceSession::Options options;
    options.read_clocks = [this, &phone] { return world.clocks(phone); };
    return options;
  }
  /// What a phone says of itself if it calls now.
  [[nodiscard]] Calling call_of(const Phone& phone) {
    return calling_now(*phone.store, options_of(phone), world.random.id<Nonce>()).value().value();
  }
  /// What the hub remembers of a phone.
  [[nodiscard]] Parting left_by(const Phone& phone) {
    return world.partings.of(call_of(phone).caller.name).value();
  }
};

template <class Said>
bool says(const std::vector<Message>& messages) {
  return std::any_of(messages.begin(), messages.end(),
                     [](const Message& message) { return std::holds_alternative<Said>(message); });
}

}  // namespace doorstep::test
