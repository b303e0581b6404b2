// A first load of many batches, as it stands on the phone until its checkpoint (SEMANTICS A2).
#include <doctest/doctest.h>

#include "engine/core/limits.hpp"
#include "engine/wire/codec.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

Value text(std::string_view value) { return Value::text(value); }

struct Village {
  Village() : phone(folder.file("a.db")) {}
  // Households on the hub, told in one batch.
  Changes batch(std::uint8_t first, std::uint8_t count, const std::string& head) {
    for (std::uint8_t i = 0; i < count; ++i) {
      hub.put("household", row_id(static_cast<std::uint8_t>(first + i)),
              {{"village", text("v1")}, {"head", text(head)}, {"phone", text("139")}});
    }
    return hub.batch();
  }
  std::string households() { return phone.read("SELECT count(*) FROM household"); }
  std::string heads() { return phone.read("SELECT head FROM household ORDER BY head"); }

  Folder folder;
  Phone phone;
  SmallHub hub;
};

}  // namespace

TEST_CASE("a first load of more batches than stay in memory, killed on the way, is whole") {
  Village v;
  constexpr auto batches = static_cast<std::uint8_t>(limits::staged_in_memory_max + 8);
  for (std::uint8_t i = 0; i < batches; ++i) {
    REQUIRE(v.phone.store().stage(v.batch(static_cast<std::uint8_t>(1 + 2 * i), 2, "Wang")).ok());
    if (i == 3) v.phone.restart();
  }
  CHECK(v.households() == "0");
  CHECK(v.phone.store().state()->staged_rows == std::uint64_t{2} * batches);
  const Applied applied = apply(v.phone, v.hub.commit());
  CHECK(applied.differing.empty());
  CHECK(applied.rows_written == std::uint64_t{2} * batches);
  CHECK(v.households() == std::to_string(2 * batches));
  CHECK(v.phone.read("SELECT count(*) FROM ds_stage") == "0");
  CHECK(v.phone.replica().verify()->problems.empty());
}

TEST_CASE("what is staged is packed in the file: a long load does not double it") {
  Village v;
  std::size_t plain = 0;
  for (std::uint8_t i = 0; i < 4; ++i) {
    const Changes batch = v.batch(static_cast<std::uint8_t>(1 + 60 * i), 60, std::string(900, 'w'));
    plain += encode(batch).size();
    REQUIRE(v.phone.store().stage(batch).ok());
  }
  const std::string packed = v.phone.read("SELECT sum(length(message)) FROM ds_stage");
  CHECK(std::stoull(packed) < plain / 4);
  CHECK(apply(v.phone, v.hub.commit()).differing.empty());
  CHECK(v.households() == "240");
}

TEST_CASE("a row that two batches of a load name shows what the later one said") {
  Village v;
  REQUIRE(v.phone.store().stage(v.batch(1, 1, "Wang")).ok());
  REQUIRE(v.phone.store().stage(v.batch(1, 1, "Wang Fang")).ok());
  CHECK(apply(v.phone, v.hub.commit()).differing.empty());
  CHECK(v.heads() == "Wang Fang");
  CHECK(v.phone.replica().verify()->problems.empty());
}

TEST_CASE("another process pulls anew meanwhile: what this one remembers of its batches is over") {
  Village v;
  REQUIRE(v.phone.store().stage(v.batch(1, 1, "Li")).ok());
  auto other = open_device_store(v.phone.path(), {}, v.phone.seams());
  REQUIRE(other.ok());
  REQUIRE((*other)->drop_staged().ok());
  REQUIRE((*other)->stage(v.batch(2, 1, "Zhao")).ok());
  apply(v.phone, v.hub.commit());
  CHECK(v.heads() == "Zhao");
}

TEST_CASE("an ack that names no commit does not get the commit of the one before") {
  Village v;
  REQUIRE(v.phone.store().stage(v.batch(1, 1, "Wang")).ok());
  apply(v.phone, v.hub.commit());
  v.phone.run("UPDATE household SET phone = '222'");
  v.phone.run("UPDATE household SET phone = '333'");
  Ack first = ack_through(1);
  first.position = Position::of(1, 7);
  acknowledge(v.phone, first);
  Ack second = ack_through(2);
  second.position = {};
  acknowledge(v.phone, second);
  CHECK(v.phone.read("SELECT last, position IS NULL FROM ds_receipt ORDER BY last") == "1|0\n2|1");
}

}  // namespace doorstep::test
