// A replica file that turned out to be a copy of another phone's (SEMANTICS C5): what becomes of
// its work, and at which step it may be killed.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doorstep/rejected.hpp>

#include "engine/ports/fault.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

const RowId wang = row_id(1);

Successor new_self() {
  Successor successor;
  successor.device.bytes[0] = 77;
  successor.keys = key_pair_of(Nonce{{7}});
  return successor;
}

// Household Wang is loaded; what the phone then wrote (phone 222) the other copy never had.
struct CopiedPhone {
  Folder folder;
  Phone phone{folder.file("a.db")};
  SmallHub hub;

  CopiedPhone() {
    hub.put("household", wang,
            {{"village", Value::text("v1")},
             {"head", Value::text("Wang")},
             {"phone", Value::text("111")}});
    apply(phone, hub.commit());
    phone.run("UPDATE household SET phone = '222'");
  }
  void set_aside(std::uint64_t sequence) {
    Ack ack = rejecting(sequence, sequence, ErrorCode::device_forked);
    ack.items.front().outcome.kind = Outcome::Kind::quarantined;
    acknowledge(phone, ack);
  }
  /// The other copy's newest, of which this one knows nothing.
  [[nodiscard]] Changes others_news() {
    hub.change("household", wang, {{"phone", Value::text("333")}});
    Changes news = hub.commit();
    news.checkpoint->included = Sequence{9};
    return news;
  }
  [[nodiscard]] DeviceId device() { return phone.store().state()->device; }
};

}  // namespace

TEST_CASE_FIXTURE(CopiedPhone,
                  "C5: what was set aside is sent again under the new id, and an app that was open "
                  "all the while goes on in the new chain") {
  const DeviceId before = device();
  REQUIRE(phone.store().remember_successor(new_self()).ok());
  set_aside(1);
  CHECK(phone.read("SELECT phone FROM household") == "111");
  CHECK(apply(phone, others_news()).differing.empty());
  REQUIRE(phone.store().become_successor().value());
  CHECK(phone.read("SELECT phone FROM household") == "333");
  CHECK(phone.replica().status()->device == new_self().device);
  CHECK(phone.replica().status()->earlier_devices == std::vector{before});
  const auto rejected = phone.replica().rejected();
  REQUIRE(rejected->size() == 1);
  CHECK(rejected->front().sequence == Sequence{1});
  CHECK(rejected->front().reason.code == ErrorCode::device_forked);
  CHECK(phone.replica().receipt(Sequence{1})->state == Receipt::State::needs_attention);

  const auto again = phone.replica().retry(Sequence{1});
  REQUIRE_MESSAGE(again.ok(), again.error().text());
  REQUIRE(again->resent.size() == 1);
  CHECK(again->resent[0].now == Sequence{2});
  CHECK(phone.read("SELECT phone FROM household") == "222");
  const Push push = phone.store().outbox({}, 1 << 20).value();
  CHECK(push.first == Sequence{1});
  REQUIRE(push.bodies.size() == 1);
  CHECK(push.head == chain_hash({}, new_self().device, Sequence{1}, push.bodies[0]));
  // The hub counts from the new beginning, the phone goes on with its own numbers.
  acknowledge(phone, ack_through(1));
  CHECK(phone.replica().receipt(Sequence{2})->state == Receipt::State::at_township);
  CHECK(phone.replica().receipt(Sequence{1})->state == Receipt::State::at_township);
  hub.change("household", wang, {{"phone", Value::text("222")}});
  Changes own = hub.commit();
  own.checkpoint->included = Sequence{1};
  CHECK(apply(phone, own).differing.empty());
  CHECK(phone.replica().status()->up_to_date);
  CHECK(phone.replica().rejected()->empty());
}

TEST_CASE_FIXTURE(CopiedPhone,
                  "C5: a phone that is killed at any step of becoming another is the old one that "
                  "knows whom it becomes, or the new one") {
  const DeviceId before = device();
  REQUIRE(phone.store().remember_successor(new_self()).ok());
  set_aside(1);
  const Changes news = others_news();
  phone.close();
  for (const char* point :
       {"replica.apply.before_commit", "replica.become.before_commit", "done"}) {
    CAPTURE(point);
    const pid_t child = ::fork();
    if (child == 0) {
      install_fault_plan([point](std::string_view reached) {
        if (reached == point) ::_exit(42);
      });
      auto store = open_device_store(phone.path(), {}, phone.seams());
      if (!store) ::_exit(1);
      Successor other = new_self();
      other.device.bytes[0] = 78;  // never taken: one is remembered already
      if (!(*store)->remember_successor(other)) ::_exit(2);
      static_cast<void>((*store)->apply(news));  // the second time it is there already
      if (!(*store)->become_successor()) ::_exit(3);
      fault_point("done");
      ::_exit(4);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 42);
    phone.restart();
    const DeviceState state = phone.store().state().value();
    const bool became = std::string_view(point) == "done";
    CHECK(state.device == (became ? new_self().device : before));
    CHECK(state.successor.has_value() == !became);
    if (state.successor) CHECK(state.successor->device == new_self().device);
    CHECK(phone.replica().verify()->problems.empty());
    CHECK(phone.replica().rejected()->size() == 1);
    phone.close();
  }
  phone.restart();
  CHECK(phone.read("SELECT phone FROM household") == "333");
  phone.run("UPDATE household SET phone = '444'");
  CHECK(phone.store().outbox({}, 1).value().first == Sequence{1});
}

TEST_CASE_FIXTURE(CopiedPhone,
                  "C5: a phone that is killed while it notes whom it becomes notes it later") {
  phone.close();
  const pid_t child = ::fork();
  if (child == 0) {
    install_fault_plan([](std::string_view reached) {
      if (reached == "replica.fork.before_commit") ::_exit(42);
    });
    auto store = open_device_store(phone.path(), {}, phone.seams());
    if (store && (*store)->remember_successor(new_self())) ::_exit(1);
    ::_exit(2);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 42);
  phone.restart();
  CHECK_FALSE(phone.store().state()->successor);
  REQUIRE(phone.store().remember_successor(new_self()).ok());
  CHECK(phone.store().state()->successor->device == new_self().device);
  CHECK(phone.sent().size() == 1);
}

}  // namespace doorstep::test
