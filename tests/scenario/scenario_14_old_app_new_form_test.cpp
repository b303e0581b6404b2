// Old app, new form: three versions of the app in one village.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/scenario/township.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::test {
namespace {

std::string village_form() {
  std::ifstream file(source_dir() / "schema/village.toml");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

/// The village form as version 2: the health check is as it is, service orders have no ranked step
/// yet.
std::string form_2() { return with(village_form(), "\nversion = 1\n", "\nversion = 2\n"); }

/// Version 3: a service order goes through declared steps.
std::string form_3() {
  const std::string text = with(form_2(), "version = 2", "version = 3");
  const std::string item = "item_id = { type = \"uuid\", references = \"service_item\" }";
  const std::size_t line = text.find(item);
  REQUIRE(line != std::string::npos);
  std::string out = text;
  out.insert(text.find('\n', line) + 1,
             "step = { type = \"text\", policy = \"ranked\", states = [\"asked\", \"done\"] }\n");
  return out;
}

/// Version 4: the health check asks for the mood, and an order can be on its way.
std::string form_4() {
  std::string text = with(form_3(), "version = 3", "version = 4");
  text = with(text, "states = [\"asked\", \"done\"]",
              "states = [\"asked\", \"on the way\", \"done\"]");
  const std::size_t household = text.find("[tables.household]");
  const std::size_t remarks = text.find("\nremarks = ", household);
  REQUIRE(remarks != std::string::npos);
  text.insert(text.find('\n', remarks + 1) + 1, "heating = \"text\"\n");
  const std::size_t checks = text.find("[tables.health_check.columns]");
  const std::size_t notes = text.find("\nnotes = ", checks);
  REQUIRE(notes != std::string::npos);
  text.insert(text.find('\n', notes + 1) + 1, "mood = \"text\"\n");
  return text;
}

std::string file_of(const Township& township, const std::string& name, const std::string& text) {
  std::string path = township.file(name);
  std::ofstream(path) << text;
  return path;
}

const std::string the_household = " WHERE id = uuid('018f3a6e-0000-7000-8000-000000000001')";
const std::string the_order = " WHERE id = uuid('018f3a6e-0000-7000-8000-000000000003')";
const std::string the_check = " WHERE id = uuid('018f3a6e-0000-7000-8000-000000000004')";

/// A hub writes down who is on what when it has time, at the latest when it stops.
void write_it_down(Township& township) {
  township.hub().stop();
  township.hub().serve();
}

/// "李秀英: 3" for every device.
std::string versions(Township& township) {
  write_it_down(township);
  std::string out;
  for (const Json& device : township.lines({"devices"})) {
    out += (out.empty() ? "" : ", ") + device.text("name") + ": " + device.text("schema");
  }
  return out;
}

void register_zhang(Volunteer& li) {
  li.write(
      "INSERT INTO household (id, village_code, villager_group, head_name)"
      " VALUES (uuid('018f3a6e-0000-7000-8000-000000000001'), '431224103212', 3, '张桂兰')");
  li.write(
      "INSERT INTO resident (id, household_id, name) VALUES"
      " (uuid('018f3a6e-0000-7000-8000-000000000002'),"
      "  uuid('018f3a6e-0000-7000-8000-000000000001'), '张桂兰')");
  li.sync();
}

void upgrade_in_a_valley(const Township& township, Volunteer& wang) {
  // 王建国's app is updated in a valley without signal; he answers at once what 陈明 has answered.
  REQUIRE(wang.replica().upgrade_schema().ok());
  CHECK(wang.read("SELECT heating FROM household" + the_household) == "");
  CHECK(wang.status().columns_to_fill == 2);
  wang.write("UPDATE household SET heating = '空调'" + the_household);
  CHECK(wang.sync().up_to_date);
  CHECK(wang.status().columns_to_fill == 0);
  CHECK(wang.read("SELECT mood FROM health_check" + the_check) == "开朗");
  CHECK(township.read("SELECT count(*) FROM ds_conflict WHERE column_name = 'heating'") == "1");
  CHECK(township.read("SELECT loser FROM ds_conflict WHERE column_name = 'heating'") == "煤炉");
}

}  // namespace

TEST_CASE(
    "scenario-14-old-app-new-form: no phone is made to wait, none erases what it cannot see") {
  const ScratchFolder forms("scenario-14-forms");
  const std::string first = forms.file("village-v2.toml");
  std::ofstream(first) << form_2();
  Township township("桥江镇", first);
  Volunteer li(township, "李秀英");  // keeps the app of version 2 to the end
  register_zhang(li);

  // The township takes version 3 beside the running hub, a second volunteer enrols with it.
  township.command({"schema", "apply", file_of(township, "v3.toml", form_3())});
  Volunteer wang(township, "王建国");
  CHECK(wang.status().schema_version == 3);
  wang.sync();
  wang.write(
      "INSERT INTO service_order (id, household_id, service, state, step) VALUES"
      " (uuid('018f3a6e-0000-7000-8000-000000000003'),"
      "  uuid('018f3a6e-0000-7000-8000-000000000001'), '理发', 'ordered', 'asked')");
  wang.sync();

  // A dry run says what version 4 would do, then it is applied; a third volunteer has the new app.
  const std::string v4 = file_of(township, "v4.toml", form_4());
  write_it_down(township);
  const std::string plan = township.command({"schema", "apply", v4, "--dry-run"});
  CHECK(plan.find("column health_check.mood is added") != std::string::npos);
  CHECK(plan.find("state of service_order.step: on the way is added") != std::string::npos);
  CHECK(plan.find("王建国 (version 3)") != std::string::npos);
  township.command({"schema", "apply", v4});
  Volunteer chen(township, "陈明");
  chen.sync();
  chen.write(
      "INSERT INTO health_check (id, resident_id, checked_on, half_year, systolic_mmhg, mood)"
      " VALUES (uuid('018f3a6e-0000-7000-8000-000000000004'),"
      "  uuid('018f3a6e-0000-7000-8000-000000000002'), '2026-11-20', '2026H2', 138, '开朗')");
  chen.write("UPDATE household SET heating = '煤炉'" + the_household);
  chen.write("UPDATE service_order SET step = 'on the way'" + the_order);
  chen.sync();

  // Both older phones go on: they see what their form shows, and what they write erases nothing.
  CHECK(wang.sync().up_to_date);
  CHECK(wang.read("SELECT step FROM service_order" + the_order) == "on the way");
  CHECK(wang.read("SELECT systolic_mmhg FROM health_check" + the_check) == "138");
  wang.write("UPDATE service_order SET notes = '带了剪刀'" + the_order);
  wang.write("UPDATE household SET phone = '13900000002'" + the_household);
  CHECK(wang.sync().up_to_date);
  CHECK(li.sync().up_to_date);
  li.write("UPDATE household SET address = '祠堂后面'" + the_household);
  CHECK(li.sync().up_to_date);
  CHECK(chen.sync().up_to_date);
  CHECK(chen.read("SELECT phone, address, heating FROM household" + the_household) ==
        "13900000002|祠堂后面|煤炉");
  CHECK(chen.read("SELECT step, notes FROM service_order" + the_order) == "on the way|带了剪刀");
  CHECK(chen.read("SELECT mood FROM health_check" + the_check) == "开朗");

  // The supervisor sees who is on what; the phones know that there is something newer.
  CHECK(versions(township) == "李秀英: 2, 王建国: 3, 陈明: 4");
  CHECK(li.status().newer_schema == 4U);
  CHECK_FALSE(chen.status().newer_schema.has_value());

  upgrade_in_a_valley(township, wang);

  all_sync({&li, &wang, &chen});
  CHECK(versions(township) == "李秀英: 2, 王建国: 4, 陈明: 4");
  check_all_equal(township, {&wang, &chen});
  for (Volunteer* one : {&li, &wang, &chen}) CHECK(one->receipts().empty());
  CHECK(li.status().up_to_date);
  CHECK(li.replica().verify()->problems.empty());
  CHECK(township.command({"verify"}).find("problem") == std::string::npos);
}

}  // namespace doorstep::test
