// Forms on two phones with replica files and a township between them, over whole sessions
// (SEMANTICS B3).
#include <doctest/doctest.h>

#include <set>

#include "engine/ports/random.hpp"
#include "tests/client/village_replica.hpp"
#include "tests/support/test_link.hpp"

namespace doorstep::test {
namespace {

/// One volunteer: a phone of the simulated village, with a replica file for a store.
struct Volunteer {
  Volunteer(SyncWorld& in, const std::string& name)
      : world(&in), phone(&in.add_phone(name, {"X"})) {
    const DeviceState state = phone->store->state().value();
    file = std::make_unique<VillageReplica>(
        MemoryDeviceStore::Identity{state.device, state.keys, state.hub, state.hub_key});
    tick();
  }
  void tick() {
    world->pass(1000);
    file->clock.now = world->clocks(*phone);
  }
  void sync() {
    tick();
    TestLink link(*world, *phone, file->store());
    link.run();
    REQUIRE(link.up_to_date);
  }
  Form open(std::uint64_t house) {
    auto form = file->replica().open_form("household", key_value(numbered(house)));
    REQUIRE_MESSAGE(form.ok(), (form.ok() ? "" : form.error().text()));
    return *std::move(form);
  }
  void type_number(std::uint64_t house, const std::string& number) {
    tick();
    const auto done =
        file->replica().execute("UPDATE household SET phone = ? WHERE id = ?",
                                {{"", Value::text(number)}, {"", key_value(numbered(house))}});
    REQUIRE(done.ok());
  }
  void remove(std::uint64_t house) {
    tick();
    const auto done = file->replica().execute("DELETE FROM household WHERE id = ?",
                                              {{"", key_value(numbered(house))}});
    REQUIRE(done.ok());
  }
  std::string shown(std::uint64_t house, std::string_view column) {
    const auto row = file->row("household", numbered(house));
    return row ? field(world->schema, "household", *row, column).display() : "gone";
  }

  SyncWorld* world;
  Phone* phone;
  std::unique_ptr<VillageReplica> file;
};

struct TwoVolunteers {
  explicit TwoVolunteers(std::uint64_t seed, std::uint64_t houses) : world(seed) {
    std::vector<SyncWorld::Write> rows;
    for (std::uint64_t house = 1; house <= houses; ++house) {
      rows.push_back({"household", numbered(house),
                      image_of(world.schema, "household",
                               {{"village_code", Value::text("X")},
                                {"address", Value::text("a" + std::to_string(house))},
                                {"phone", Value::text("p" + std::to_string(house))}})});
    }
    world.write(office, rows);
    test::sync(world, office);
    for (Volunteer* one : {&wang, &li}) one->sync();
  }
  void all_sync() {
    for (Volunteer* one : {&wang, &li, &wang, &li}) one->sync();
  }
  /// Every value on record at the township that is not shown.
  std::set<std::string> losers() {
    ConflictQuery every;
    every.count_max = 10000;
    std::set<std::string> found;
    for (const Conflict& conflict : world.hub->snapshot().value()->conflicts(every).value()) {
      found.insert(conflict.loser.value.display());
    }
    return found;
  }

  SyncWorld world;
  Phone& office = world.add_phone("office", {"X"});
  Volunteer wang{world, "Wang"};
  Volunteer li{world, "Li"};
};

}  // namespace

TEST_CASE(
    "B3: Wang has the family's form open when Li's number comes in live; he saves the address, "
    "then "
    "a number of his own: Li's is not written over unseen, it is on record") {
  TwoVolunteers v(1, 1);
  Form form = v.wang.open(1);
  CHECK(form.shown("phone")->as_text() == "p1");

  // Wang's phone is live while Li writes and syncs.
  TestLink live(v.world, *v.wang.phone, v.wang.file->store(),
                {.live = true, .cut_after = std::nullopt});
  live.run();
  v.li.type_number(1, "222");
  v.li.sync();
  live.committed();
  live.run();
  REQUIRE(v.wang.shown(1, "phone") == "\"222\"");
  live.cut();

  // An app hands every field over, the number as it stands on the screen.
  v.wang.tick();
  REQUIRE(form.set("address", Value::text("by the bridge")).ok());
  REQUIRE(form.set("phone", Value::text("p1")).ok());
  REQUIRE(v.wang.file->replica().save(form).ok());
  v.all_sync();
  for (Volunteer* one : {&v.wang, &v.li}) {
    CHECK(one->shown(1, "phone") == "\"222\"");
    CHECK(one->shown(1, "address") == "\"by the bridge\"");
  }
  CHECK(v.losers().empty());

  // Then a number of his own, over the one that he sees.
  v.wang.tick();
  REQUIRE(form.set("phone", Value::text("333")).ok());
  REQUIRE(v.wang.file->replica().save(form).ok());
  v.all_sync();
  for (Volunteer* one : {&v.wang, &v.li}) CHECK(one->shown(1, "phone") == "\"333\"");
  CHECK(v.losers() == std::set<std::string>{"\"222\""});
  // Li is told what became of hers.
  const auto told = v.li.file->replica().conflicts().value();
  REQUIRE(told.size() == 1);
  CHECK(told[0].column == "phone");
  CHECK(told[0].winner == Value::text("333"));
  CHECK(told[0].loser == Value::text("222"));
}

TEST_CASE(
    "B3: Wang claims a family on a form that showed nobody: Li's claim, already here, stands") {
  TwoVolunteers v(2, 1);
  Form form = v.wang.open(1);
  Form of_li = v.li.open(1);
  REQUIRE(of_li.set("claimed_by", Value::text("Li")).ok());
  REQUIRE(v.li.file->replica().save(of_li).ok());
  v.li.sync();
  v.wang.sync();
  REQUIRE(v.wang.shown(1, "claimed_by") == "\"Li\"");
  REQUIRE(form.set("claimed_by", Value::text("Wang")).ok());
  REQUIRE(v.wang.file->replica().save(form).ok());
  v.all_sync();
  for (Volunteer* one : {&v.wang, &v.li}) CHECK(one->shown(1, "claimed_by") == "\"Li\"");
  CHECK(v.losers() == std::set<std::string>{"\"Wang\""});
}

TEST_CASE(
    "B3, B6: Li deletes a family whose form Wang has open: his edit brings it back whole, and a "
    "person decides") {
  TwoVolunteers v(3, 1);
  Form form = v.wang.open(1);
  v.li.remove(1);
  v.li.sync();
  v.wang.sync();
  REQUIRE(v.wang.shown(1, "phone") == "gone");
  REQUIRE(form.set("phone", Value::text("333")).ok());
  REQUIRE(v.wang.file->replica().save(form).ok());
  CHECK(v.wang.shown(1, "phone") == "\"333\"");
  v.all_sync();
  for (Volunteer* one : {&v.wang, &v.li}) {
    CHECK(one->shown(1, "phone") == "\"333\"");
    CHECK(one->shown(1, "address") == "\"a1\"");
    const auto open = one->file->replica().conflicts().value();
    REQUIRE(open.size() == 1);
    CHECK(open[0].state == "open");
    CHECK(open[0].column.empty());
  }
}

namespace {

/// Two volunteers with forms that stay open over syncs and over each other's work. Every value is
/// written once; what it was typed over is what its author had on the screen.
class OpenFormsHistory {
 public:
  explicit OpenFormsHistory(std::uint64_t seed) : village_(seed, 2), random_(seed * 7919 + 3) {}

  void step() {
    Volunteer& one = random_.below(2) == 0 ? village_.wang : village_.li;
    std::vector<Form>& forms = &one == &village_.wang ? of_wang_ : of_li_;
    const std::uint64_t choice = random_.below(10);
    const std::uint64_t house = 1 + random_.below(2);
    const bool here = one.shown(house, "phone") != "gone";
    if (choice < 2 || forms.empty()) {
      if (here) forms.push_back(one.open(house));
    } else if (choice < 6) {
      const std::uint64_t which = random_.below(forms.size());
      if (!save(one, forms[which])) forms.erase(forms.begin() + static_cast<std::ptrdiff_t>(which));
    } else if (choice < 7 && here) {
      typed_over_.insert(one.shown(house, "phone"));
      if (random_.below(2) == 0) {
        typed_over_.insert(one.shown(house, "address"));
        one.remove(house);
        ++removed_;
      } else {
        one.type_number(house, next_value());
      }
    } else if (choice < 8 && forms.size() > 2) {
      forms.erase(forms.begin());
    } else {
      one.sync();
      collect();
    }
  }
  void settle() {
    village_.all_sync();
    collect();
    CHECK(village_.wang.file->rows() == village_.li.file->rows());
    for (Volunteer* one : {&village_.wang, &village_.li}) {
      CHECK(one->file->replica().status().value().up_to_date);
      for (const std::uint64_t house : {1, 2}) {
        for (const char* column : {"phone", "address"}) standing_.insert(one->shown(house, column));
      }
    }
    for (const std::string& value : written_) {
      CAPTURE(value);
      const bool known =
          standing_.contains(value) || lost_.contains(value) || typed_over_.contains(value);
      CHECK_MESSAGE(known, "nobody saw it go, and it is on no record");
    }
  }
  [[nodiscard]] std::size_t lost() const { return lost_.size(); }
  [[nodiscard]] std::size_t outdated() const { return outdated_; }
  [[nodiscard]] std::size_t removed() const { return removed_; }
  [[nodiscard]] std::size_t put_back() const { return put_back_; }

 private:
  std::string next_value() {
    std::string value = "v" + std::to_string(++values_);
    written_.insert(Value::text(value).display());
    return value;
  }
  /// False when the form is of no use any more.
  bool save(Volunteer& one, Form& form) {
    one.tick();
    const bool gone = one.file->replica().news(form)->row_gone;
    const char* const column = random_.below(2) == 0 ? "phone" : "address";
    const std::string value = "v" + std::to_string(values_ + 1);
    const std::string over = form.shown(column)->display();
    REQUIRE(form.set(column, Value::text(value)).ok());
    const auto saved = one.file->replica().save(form);
    if (saved) {
      typed_over_.insert(over);
      static_cast<void>(next_value());
      put_back_ += gone ? 1U : 0U;
      return true;
    }
    REQUIRE(saved.error().code == ErrorCode::form_outdated);
    ++outdated_;
    const auto news = one.file->replica().refresh(form);
    REQUIRE(news.ok());
    CHECK_FALSE(news->empty());
    REQUIRE(form.reset(column).ok());
    return !gone;
  }
  void collect() { lost_.merge(village_.losers()); }

  TwoVolunteers village_;
  SeededRandom random_;
  std::vector<Form> of_wang_;
  std::vector<Form> of_li_;
  std::uint64_t values_ = 0;
  std::set<std::string> written_;
  std::set<std::string> typed_over_;
  std::set<std::string> lost_;
  std::set<std::string> standing_;
  std::size_t outdated_ = 0;
  std::size_t removed_ = 0;
  std::size_t put_back_ = 0;
};

}  // namespace

TEST_CASE(
    "B3: whatever is typed into forms that stay open over syncs, no value goes that nobody saw and "
    "that is on no record") {
  std::size_t lost = 0;
  std::size_t outdated = 0;
  std::size_t removed = 0;
  std::size_t put_back = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    OpenFormsHistory history(seed);
    for (int step = 0; step < 60; ++step) history.step();
    history.settle();
    lost += history.lost();
    outdated += history.outdated();
    removed += history.removed();
    put_back += history.put_back();
  }
  CHECK(lost > 50);
  CHECK(outdated > 20);
  CHECK(removed > 20);
  CHECK(put_back > 0);
}

}  // namespace doorstep::test
