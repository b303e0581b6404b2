#include "tests/server/unit_pushes.hpp"

#include <doctest/doctest.h>

#include "engine/wire/codec.hpp"
#include "schema/loader.hpp"
#include "server/village_schema.hpp"
#include "tests/server/test_hub.hpp"

namespace doorstep::test {

UnitPushes::UnitPushes() : memory(load_schema(village_schema_text(), "village.toml").value(), {}) {
  initialise_crypto();
  DeviceRecord record;
  record.id = device = random.id<DeviceId>();
  record.role = "township_secretary";
  record.scopes = {{dushi + "1"}, {dushi + "2"}, {dushi + "3"}};
  auto commit = memory.begin();
  REQUIRE((*commit)->put_device(record).ok());
  REQUIRE((*commit)->commit(ManualTime().now(), random.id<CommitToken>()).ok());
}

PushRequest UnitPushes::next_push(std::size_t transactions) {
  PushRequest request;
  request.device = device;
  request.push.first = last.next();
  for (std::size_t i = 0; i < transactions; ++i) {
    Transaction transaction;
    transaction.view = memory.schema().fingerprint();
    RowChange change;
    change.table = memory.schema().find_table("org_unit").value();
    change.kind = RowChange::Kind::insert;
    last = last.next();
    change.row = RowId::from(dushi + std::to_string(last.value)).value();
    transaction.changes = {change};
    const Bytes& body =
        request.push.bodies.emplace_back(encode_transaction(memory.schema(), transaction));
    head = chain_hash(head, device, last, body);
  }
  request.push.head = head;
  request.clock_met = ManualTime().now();
  return request;
}

}  // namespace doorstep::test
