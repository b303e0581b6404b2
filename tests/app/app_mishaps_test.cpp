// What goes wrong before a volunteer's eyes: wrong input, a wrong code, a full phone, Ctrl-C.
#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>

#include "server/text_table.hpp"
#include "tests/app/app_village.hpp"
#include "tests/support/small_disk.hpp"

namespace doorstep::test {

TEST_CASE_FIXTURE(AppVillage,
                  "app-english: a phone enrols by questions, wrong input says what to do, and the "
                  "visit arrives") {
  // Without address and code the app asks for them.
  const auto app = open_app("en");
  see(*app, "This phone is not enrolled yet.");
  see(*app, "The township's address");
  app->answer(hub.url());
  see(*app, "The code from the township");
  app->answer(hub.enrol("王芳", dushi, "volunteer"));
  see(*app, "Today's list");
  app->answer("s");
  see(*app, "Up to date: the township has everything.");
  see(*app, "number = go there");
  CHECK(app->line_with("灶房失火").find("emergency") != std::string::npos);

  app->answer("99");
  see(*app, "There is no '99': type a number of the list, or one of the letters below.");
  app->answer("v");
  see(*app, "Which household");
  app->answer("nobody");
  see(*app, "Nobody found: try one character of the name.");
  app->answer("陈");
  see(*app, "1  陈木生");  // two of that name: she chooses
  app->answer("１");       // full-width, as the input method has it
  see(*app, "陈木生");
  see(*app, "Kind [1]:");
  app->answer("7");
  see(*app, "Please type a number from 1 to 5, or x to go back.");
  app->enter();
  see(*app, "Day of the visit");
  app->answer("2026-11-31");
  see(*app, "Please type a day such as 11-20 or 2026-11-20, or -1 for yesterday.");
  app->answer("+1");
  see(*app, "That day is still to come.");
  app->answer("-1");
  see(*app, "What you found:");
  app->answer("all well");
  see(*app, "Come again on");
  app->answer("11-20");
  see(*app, "It has to be after the visit.");
  app->enter();
  see(*app, "Enter = save, x = do not save:");
  app->enter();
  see(*app, "Saved on this phone");
  app->answer("s");
  see(*app, "Up to date: the township has everything.");
  CHECK(at_hub("select visited_on, kind, findings, follow_up_on is null, hex(household_id) from"
               " visit") == "2026-11-21|routine|all well|1|0199A3C07F5E7C3AB1D2000000000004");
}

TEST_CASE_FIXTURE(AppVillage,
                  "app-wrong-code: a code that another phone has used is said so, and nothing "
                  "is made") {
  const auto app = open_app("zh");
  see(*app, "乡镇服务器地址");
  app->answer(hub.url());
  see(*app, "登记码");
  const std::string used = hub.enrol("别人", dushi, "volunteer");
  const Phone other(folder.file("other.db"), "别人");
  REQUIRE(other.enrol(hub, used).status == 0);
  app->answer(used);
  see(*app, "登记码不对、已用过或已过一小时。请向乡镇要一个新的登记码");
  CHECK_FALSE(std::filesystem::exists(wang_file));
}

TEST_CASE_FIXTURE(AppVillage,
                  "app-ctrl-c: leaving in the middle of a visit keeps what was saved, and the app "
                  "opens again") {
  auto app = enrol_app();
  see(*app, "今天该去谁家");
  app->answer("s");
  see(*app, "记录都已到乡镇");
  hub.kill();
  app->answer("1");
  see(*app, "类型 [5]");
  app->enter();
  see(*app, "哪天去的");
  app->enter();
  see(*app, "看到了什么");
  app->answer("灶房已修好");
  see(*app, "哪天回访");
  app->enter();
  see(*app, "回车保存");
  app->enter();
  see(*app, "已存在本机：刘桂香");
  app->answer("1");
  see(*app, "类型 [2]");
  app->press("C-c");
  see(*app, "已退出，记录都在本机");
  app = open_app();
  see(*app, "待上报 1");
  hub.serve();
  app->answer("s");
  see(*app, "记录都已到乡镇");
  app->press("C-d");  // the end of the input leaves too
  CHECK(at_hub("select findings from visit") == "灶房已修好");
  CHECK(at_hub("select state from emergency") == "visited");
}

TEST_CASE_FIXTURE(
    AppVillage,
    "app-who: two members have the volunteer's name: she says which she is before she "
    "takes an order") {
  write(office,
        "insert into member (id, unit_code, name, post) values"
        " (x'0199a3c07f5e7c3ab1d2000000000023', '431224103212', '王芳', '村医')");
  const auto app = enrol_app();
  see(*app, "今天该去谁家");
  app->answer("s");
  see(*app, "记录都已到乡镇");
  app->answer("o");
  see(*app, "您是村里哪一位成员");
  app->answer("王");
  see(*app, "2  王芳          村医");
  app->answer("2");
  see(*app, "号码 领取或完成");
  app->answer("1");
  see(*app, "回车领取");
  app->enter();
  see(*app, "已领 · 您");
  app->answer("x");
  see(*app, "号码 去这家");
  app->answer("s");
  see(*app, "记录都已到乡镇");
  CHECK(at_hub("select hex(claimed_by) from service_order") == "0199A3C07F5E7C3AB1D2000000000023");
}

TEST_CASE_FIXTURE(
    AppVillage,
    "app-full: the phone is full: the app says so, keeps what was typed, and saves it "
    "when there is space") {
  SmallDisk disk("app-full-disk", 8'000'000);
  wang_file = disk.file("wang.db");
  const auto app = enrol_app();
  see(*app, "今天该去谁家");
  app->answer("s");
  see(*app, "记录都已到乡镇");
  app->answer("1");
  see(*app, "类型 [5]");
  app->enter();
  see(*app, "哪天去的");
  app->enter();
  see(*app, "看到了什么");
  app->answer("灶房已修好");
  see(*app, "哪天回访");
  app->enter();
  see(*app, "回车保存");
  disk.leave(0);
  if (disk.is_mounted()) {
    app->enter();
    see(*app, "存储已满");
    see(*app, "填写的内容还在");
    CHECK(plain_read(wang_file, "select count(*) from visit") == "0");
  }
  disk.free_space();
  app->enter();
  see(*app, "已存在本机：刘桂香");
  app->answer("s");
  see(*app, "记录都已到乡镇");
  CHECK(at_hub("select findings from visit") == "灶房已修好");
}

TEST_CASE_FIXTURE(
    AppVillage,
    "app-screen: a full list stands on 80x24 with its columns aligned, Chinese or not, "
    "and what others typed moves nothing") {
  std::string many;
  for (int i = 10; i < 40; ++i) {
    const std::string id = "x'0199a3c07f5e7c3ab1d20000000001" + std::to_string(i) + "'";
    const std::string name = i % 3 == 0 ? "欧阳司马诸葛上官夏侯" : i % 3 == 1 ? "王五" : "Li";
    many +=
        "insert into household (id, village_code, villager_group, courtyard, head_name) values (" +
        id + ", '431224103212', 4, '新屋院子', '" + name + "');" +
        "insert into emergency (id, household_id, kind, happened_on, notes, state) values (" + id +
        ", " + id + ", 'illness', '2026-11-20', 'a' || char(27) || '[2J' || char(10) ||" +
        " '住院住了很多天，家里只有两个孩子，要常去看看', 'reported');";
  }
  write(office, many);
  const auto app = enrol_app();
  see(*app, "今天该去谁家");
  app->answer("s");
  see(*app, "第 1/3 页");
  app->answer("n");
  see(*app, "第 2/3 页");
  std::istringstream lines(app->screen());
  std::string line;
  std::getline(lines, line);
  CHECK(line.starts_with("今天该去谁家"));  // nothing was pushed off the top
  int reasons = 0;
  while (std::getline(lines, line)) {
    CHECK(shown_width(line) <= 80);
    const auto at = line.find("生病");
    if (at == std::string::npos) continue;
    ++reasons;
    CHECK(shown_width(line.substr(0, at)) == 34);
    CHECK(line.find("11-20 已过2天") != std::string::npos);
  }
  CHECK(reasons == 14);
  CHECK(app->line_with("号码 去这家").find("q 退出") != std::string::npos);
}

}  // namespace doorstep::test
