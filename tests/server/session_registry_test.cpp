#include <doctest/doctest.h>

#include <array>

#include "server/session_registry.hpp"

namespace doorstep {
namespace {

const ScopeId dushi{"431224103212"};
const ScopeId hengyan{"431224103213"};
const ScopeId town{"431224103"};

DeviceId device(std::uint8_t n) {
  DeviceId id;
  id.bytes[0] = n;
  return id;
}

std::vector<ConnectionNumber> watching(const SessionRegistry& registry, const ScopeId& scope) {
  const std::array<ScopeId, 1> touched{scope};
  return registry.watching(touched);
}

}  // namespace

TEST_CASE("a commit in one village wakes its own phones and not the neighbour's") {
  SessionRegistry registry;
  registry.put(1, device(1), {town, dushi});
  registry.put(2, device(2), {town, hengyan});
  CHECK(watching(registry, dushi) == std::vector<ConnectionNumber>{1});
  CHECK(watching(registry, hengyan) == std::vector<ConnectionNumber>{2});
  CHECK(watching(registry, town) == std::vector<ConnectionNumber>{1, 2});
  CHECK(watching(registry, ScopeId{"4312"}).empty());
}

TEST_CASE("a commit in several scopes of one phone wakes it once") {
  SessionRegistry registry;
  registry.put(7, device(1), {town, dushi, hengyan});
  const std::array<ScopeId, 3> touched{town, dushi, hengyan};
  CHECK(registry.watching(touched) == std::vector<ConnectionNumber>{7});
}

TEST_CASE("a connection that ended, or came back with other scopes, leaves nothing behind") {
  SessionRegistry registry;
  registry.put(1, device(1), {dushi});
  registry.put(2, device(1), {dushi});
  CHECK(registry.of_device(device(1)) == std::vector<ConnectionNumber>{1, 2});
  registry.put(1, device(1), {hengyan});
  CHECK(watching(registry, dushi) == std::vector<ConnectionNumber>{2});
  registry.remove(2);
  registry.remove(2);
  CHECK(watching(registry, dushi).empty());
  CHECK(registry.devices() == std::vector<DeviceId>{device(1)});
  registry.remove(1);
  CHECK(registry.devices().empty());
  CHECK(registry.all().empty());
}

}  // namespace doorstep
