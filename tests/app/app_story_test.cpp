// Wang carries the app: what she types is on her phone at once, at the township when there is a
// signal, and right.
#include <doctest/doctest.h>

#include "tests/app/app_village.hpp"

namespace doorstep::test {
namespace {

/// Calls the township and waits until it has everything.
void sync(const Terminal& app) {
  app.answer("s");
  AppVillage::see(app, "记录都已到乡镇");
}

}  // namespace

TEST_CASE_FIXTURE(AppVillage,
                  "app-visit: a birthday is on today's list, the visit is typed while the township "
                  "is down, and arrives with every column") {
  const auto app = enrol_app();
  see(*app, "王芳");
  sync(*app);
  see(*app, "张奶奶");
  CHECK(app->line_with("张奶奶").find("生日") != std::string::npos);
  CHECK(app->line_with("张奶奶").find("11-23 还有1天") != std::string::npos);
  CHECK(app->line_with("灶房失火").starts_with("1 "));  // what cannot wait is first
  CHECK(app->line_with("理发").find("点单") != std::string::npos);

  hub.kill();
  app->answer("s");
  see(*app, "没有丢");
  app->answer("2");
  see(*app, "记一次走访");
  see(*app, "类型 [2]");  // a birthday, as the list says
  app->enter();
  see(*app, "哪天去的 [今天 2026-11-22");
  app->enter();
  see(*app, "看到了什么");
  app->type("血压138/86，要按时吃药了");
  app->press("BSpace");  // a Chinese character is taken back whole
  app->enter();
  see(*app, "哪天回访");
  app->answer("7");
  see(*app, "回访 2026-11-29");
  app->enter();
  see(*app, "已存在本机：张建国 生日 2026-11-22；有信号时自动上报");
  CHECK(app->line_with("生日  ").empty());  // that is done; at 79 her check-up is due all the same
  CHECK(app->line_with("张奶奶").find("该体检") != std::string::npos);
  CHECK(app->line_with("今天该去谁家").find("待上报 1") != std::string::npos);

  app->answer("w");
  see(*app, "在本机        走访 2026-11-22 · 张建国");
  CHECK(app->line_with("只在本机").ends_with(" 2"));  // the visit, the household
  app->answer("x");

  hub.serve();
  see(*app, "号码 去这家");
  sync(*app);
  CHECK(at_hub("select visitor, visited_on, kind, findings, follow_up_on, corrects_id is null,"
               " abs(typed_at / 1000 - unixepoch()) < 3600 from visit") ==
        "王芳|2026-11-22|birthday|血压138/86，要按时吃药|2026-11-29|1|1");
  CHECK(at_hub("select head_name, last_visited from household where last_visited is not null") ==
        "张建国|2026-11-22");
  app->answer("w");
  see(*app, "只在本机                0");
}

TEST_CASE_FIXTURE(
    AppVillage,
    "app-order: taken by two without a signal, the township's first has it, the other "
    "is told who") {
  auto app = enrol_app();
  sync(*app);
  hub.kill();
  REQUIRE(li.sql("update service_order set state = 'claimed', claimed_at = 1, claimed_by ="
                 " x'0199a3c07f5e7c3ab1d2000000000022'")
              .status == 0);
  app->answer("o");
  see(*app, "待领");
  app->answer("1");
  see(*app, "回车领取");
  app->enter();
  see(*app, "已在本机领取：理发 · 陈水生");
  see(*app, "已领 · 您");
  app->answer("x");
  app->answer("q");
  see(*app, "已退出，记录都在本机");

  // Li's phone is the first to call.
  hub.serve();
  REQUIRE(li.sync().status == 0);
  app = open_app();
  sync(*app);
  app->answer("o");
  see(*app, "李强 先领，您晚了一步");
  app->answer("1");
  see(*app, "» 理发 · 陈水生：李强 先领，您晚了一步");
  CHECK(at_hub("select hex(claimed_by), state from service_order") ==
        "0199A3C07F5E7C3AB1D2000000000022|claimed");
}

TEST_CASE_FIXTURE(
    AppVillage,
    "app-order-done: the volunteer takes an order from today's list, does it, and the "
    "township sees what was done") {
  auto app = enrol_app();
  sync(*app);
  app->answer("3");
  see(*app, "回车领取");
  app->enter();
  see(*app, "已在本机领取");
  app->answer("q");
  see(*app, "已退出，记录都在本机");
  app = open_app();
  see(*app, "3   陈水生      3组 桥头院子      点单");  // hers until it is done
  app->answer("o");
  see(*app, "已领 · 您");
  app->answer("1");
  see(*app, "回车：已经做完");
  app->enter();
  app->answer("剪了头发，洗了头");
  see(*app, "已完成：理发 · 陈水生");
  app->answer("x");
  sync(*app);
  CHECK(at_hub("select state, done_on, notes, hex(claimed_by) from service_order") ==
        "done|2026-11-22|剪了头发，洗了头|0199A3C07F5E7C3AB1D2000000000021");
}

TEST_CASE_FIXTURE(AppVillage,
                  "app-conflict: two days of one death are put before the volunteer with who and "
                  "when, and the decision reaches every phone") {
  const auto app = enrol_app();
  sync(*app);
  const std::string grandfather = " where id = x'0199a3c07f5e7c3ab1d2000000000012'";
  REQUIRE(li.sql("update resident set deceased_on = '2026-11-18'" + grandfather).status == 0);
  write(office, "update resident set deceased_on = '2026-11-19'" + grandfather);
  REQUIRE(li.sync().status == 0);
  sync(*app);
  see(*app, "待裁决(1)");
  app->answer("c");
  see(*app, "居民 陈爷爷 · 去世日期");
  app->answer("1");
  see(*app, "哪一个对");
  CHECK(app->line_with("2026-11-18").find("手机 …") != std::string::npos);
  CHECK(app->line_with("2026-11-19").find("手机 …") != std::string::npos);
  app->answer("9");
  see(*app, "请输入其中一个号码");
  const bool office_first = app->line_with("2026-11-19").starts_with("  1");
  app->answer(office_first ? "1" : "2");
  see(*app, "已裁决：居民 陈爷爷 · 去世日期");
  see(*app, "没有要裁决的");
  app->answer("x");
  sync(*app);
  for (const Phone* phone : {&office, &li}) {
    REQUIRE(phone->sync().status == 0);
    CHECK(phone->read("select deceased_on from resident" + grandfather) == "2026-11-19");
  }
  CHECK(at_hub("select deceased_on from resident" + grandfather) == "2026-11-19");
  CHECK(at_hub("select count(*) from ds_conflict where state = 1") == "0");
}

}  // namespace doorstep::test
