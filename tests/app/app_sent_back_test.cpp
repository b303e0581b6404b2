// What the township does not take waits for the volunteer, with the reason and what she wrote.
#include <doctest/doctest.h>

#include "tests/app/app_village.hpp"

namespace doorstep::test {
namespace {

constexpr const char* once_a_day = R"(
[tables.visit.rules.once_a_day]
broken_if = """
SELECT other.visitor FROM visit AS this JOIN visit AS other ON other.household_id = this.household_id
AND other.kind = this.kind AND other.visited_on = this.visited_on AND other.id <> this.id
WHERE this.id = :id"""
message = "这一天已有人去过"
)";

struct VillageWithRule : AppVillage {
  VillageWithRule() : AppVillage(once_a_day) {}
};

/// The family of Chen Musheng, routine, today; the app closes before there is a signal.
void visit_without_signal(AppVillage& village) {
  const auto app = village.enrol_app();
  AppVillage::see(*app, "今天该去谁家");
  app->answer("s");
  AppVillage::see(*app, "记录都已到乡镇");
  village.hub.kill();
  app->answer("v");
  AppVillage::see(*app, "哪一户");
  app->answer("陈木生");
  AppVillage::see(*app, "类型 [1]");
  app->enter();
  AppVillage::see(*app, "哪天去的");
  app->enter();
  AppVillage::see(*app, "看到了什么");
  app->answer("都好");
  AppVillage::see(*app, "哪天回访");
  app->enter();
  AppVillage::see(*app, "回车保存");
  app->enter();
  AppVillage::see(*app, "已存在本机：陈木生");
  app->answer("q");
  AppVillage::see(*app, "已退出，记录都在本机");
}

}  // namespace

TEST_CASE_FIXTURE(
    VillageWithRule,
    "app-sent-back: a visit that breaks the village's rule comes back with its reason, "
    "is sent again in vain, and is given up by the one who wrote it") {
  visit_without_signal(*this);
  hub.serve();
  write(li,
        "insert into visit (id, household_id, visitor, visited_on, typed_at, kind) values (uuid7(),"
        " x'0199a3c07f5e7c3ab1d2000000000004', '李强', '2026-11-22', 1, 'routine')");
  const auto app = open_app();
  see(*app, "今天该去谁家");
  app->answer("s");
  see(*app, "记录都已到乡镇");
  app->answer("w");
  see(*app, "被退回；请选号码处理");
  CHECK(app->line_with("这一天已有人去过").starts_with("1 "));
  app->answer("7");
  see(*app, "请输入列表中的号码，或 x 返回");
  app->answer("1");
  see(*app, "原因：这一天已有人去过");
  CHECK(app->line_with("visitor").find("李强") != std::string::npos);   // what the rule has seen
  CHECK(app->line_with("findings").find("都好") != std::string::npos);  // what she wrote
  app->answer("r");
  see(*app, "已再次上报");
  app->answer("x");
  see(*app, "号码 去这家");
  app->answer("s");
  see(*app, "记录都已到乡镇");
  app->answer("w");
  see(*app, "这一天已有人去过");
  app->answer("1");
  see(*app, "d 放弃");
  app->answer("d");
  see(*app, "已放弃");
  CHECK(app->line_with("被退回").empty());
  CHECK(at_hub("select group_concat(visitor) from visit") == "李强");
}

TEST_CASE_FIXTURE(AppVillage,
                  "app-deleted: the office deletes a family while she visits it; she says that it "
                  "stays, and the visit stands at the township") {
  visit_without_signal(*this);
  hub.serve();
  const std::string family = " from household where id = x'0199a3c07f5e7c3ab1d2000000000004'";
  write(office, "delete" + family);
  const auto app = open_app();
  see(*app, "今天该去谁家");
  app->answer("s");
  see(*app, "待裁决(1)");
  app->answer("w");
  see(*app, "要处理        家庭 陈木生");
  see(*app, "待裁决：1；返回后按 c");
  app->answer("x");
  see(*app, "号码 去这家");
  app->answer("c");
  see(*app, "家庭 陈木生 · 删除");
  app->answer("1");
  see(*app, "一部手机改了它，另一部删了它，彼此不知道");
  app->answer("1");
  see(*app, "没有要裁决的");
  app->answer("x");
  see(*app, "号码 去这家");
  app->answer("s");
  see(*app, "记录都已到乡镇");
  CHECK(at_hub("select head_name || ' ' || last_visited" + family) == "陈木生 2026-11-22");
  CHECK(at_hub("select visitor, findings from visit") == "王芳|都好");
  REQUIRE(office.sync().status == 0);
  CHECK(office.read("select head_name" + family) == "陈木生");
}

}  // namespace doorstep::test
