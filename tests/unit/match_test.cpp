#include "engine/core/match.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "engine/core/limits.hpp"
#include "schema/loader.hpp"

using namespace doorstep;

namespace {

int alike(std::string_view a, std::string_view b) {
  return name_similarity(match_text(a), match_text(b));
}

const Schema& village() {
  static const Schema schema = load_schema(R"(name = "small"
version = 1
[tables.household]
scope = "village_code"
[tables.household.columns]
village_code = "text"
head_name = "text"
address = "text"
phone = "text"
[tables.household.match]
same_address = { similar = "head_name", equal = ["address"], within = "scope", score = 90 }
phone = { equal = ["phone"], score = 40 }
)",
                                           "small.toml")
                                   .value();
  return schema;
}

StoredRow household(std::string_view village_code, std::string_view head, std::string_view address,
                    std::string_view phone = "") {
  StoredRow row;
  row.scope = {std::string(village_code)};
  row.image.values = {Value::text(village_code), Value::text(head), Value::text(address),
                      phone.empty() ? Value::null() : Value::text(phone)};
  return row;
}

bool share_a_block(const StoredRow& a, const StoredRow& b) {
  const Table& table = village().tables()[0];
  const auto of_a = match_blocks(table, a);
  const auto of_b = match_blocks(table, b);
  return std::any_of(of_a.begin(), of_a.end(), [&](MatchBlock block) {
    return std::binary_search(of_b.begin(), of_b.end(), block);
  });
}

}  // namespace

TEST_CASE("width, capitals, spaces and punctuation do not tell two spellings apart") {
  CHECK(match_text("１３８　７３１０ ２２４５") == "13873102245");
  CHECK(match_text("13873102245") == "13873102245");
  CHECK(match_text("４３１２２４１９６１０１０１００１Ｘ") == "43122419610101001x");
  CHECK(match_text("43122419610101001x") == "43122419610101001x");
  CHECK(match_text("独石村（二组）、15号") == "独石村二组15号");
  CHECK(match_text("阿依古丽·买买提") == "阿依古丽买买提");
  CHECK(match_text(" \t") == "");
  CHECK(match_text(Value::null()) == "");
  CHECK(match_text(Value::integer(7)) == "7");
  CHECK(match_text("a\xFF\xE4\xBA") == "a");
}

TEST_CASE("a name typed by its sound is more alike than the name of a brother") {
  // What people mistype: same sound, and the traditional form.
  for (const auto& pair :
       {std::pair("王建国", "汪建国"), std::pair("王建国", "王健国"), std::pair("张三妹", "章三妹"),
        std::pair("張偉", "张伟"), std::pair("李红", "李虹"), std::pair("刘丽华", "劉麗華"),
        std::pair("陈志强", "陈智強")}) {
    CAPTURE(pair.first);
    CAPTURE(pair.second);
    CHECK(alike(pair.first, pair.second) >= 75);
  }
  // Other people of the same family: one character, and another sound.
  for (const auto& pair : {std::pair("王建国", "王建军"), std::pair("李芳", "李红"),
                           std::pair("张大山", "张小山"), std::pair("刘德华", "刘德云")}) {
    CAPTURE(pair.first);
    CAPTURE(pair.second);
    CHECK(alike(pair.first, pair.second) < 75);
  }
  CHECK(alike("王建国", "王建国") == 100);
  CHECK(alike("王建国", "王国建") > alike("王建国", "王建军"));
  CHECK(alike("王建国", "王国") > alike("王建国", "王建军"));
  CHECK(alike("王建国", "李秀英") < limits::match_similarity_min);
  CHECK(alike("", "") == 0);
  CHECK(alike("Zhang San", "ZHANGSAN") == 100);
}

TEST_CASE("without sounds a mistyped name looks just like a brother's: why there is a table") {
  // One character of three differs in both pairs, so an edit distance of code points cannot tell.
  const auto differing = [](std::u32string_view a, std::u32string_view b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0, std::plus<>(),
                              std::not_equal_to<>());
  };
  CHECK(differing(U"王建国", U"王健国") == differing(U"王建国", U"王建军"));
  CHECK(alike("王建国", "王健国") == 92);
  CHECK(alike("王建国", "王建军") == 67);
}

TEST_CASE("characters of one sound have one stand-in, others stand for themselves") {
  CHECK(sound_of(U'汪') == sound_of(U'王'));
  CHECK(sound_of(U'張') == sound_of(U'章'));
  CHECK(sound_of(U'军') != sound_of(U'国'));
  CHECK(sound_of(U'龘') == U'龘');
  CHECK(sound_of(U'a') == U'a');
}

TEST_CASE("the same family with its head's name spelled differently matches by address") {
  const Table& table = village().tables()[0];
  const StoredRow a = household("431224103212", "王建国", "二组15号", "13873102245");
  const StoredRow b = household("431224103212", "汪健国", "二组 １５号", "13873102245");
  const auto match = match_rows(table, a, b);
  REQUIRE(match);
  REQUIRE(match->reasons.size() == 2);
  CHECK(match->reasons[0] == MatchReason{"same_address", 84});
  CHECK(match->reasons[1] == MatchReason{"phone", 100});
  CHECK(match->score == 85);  // 1 - (1 - 0.9 * 0.84) * (1 - 0.4)
  CHECK(match_rows(table, b, a) == match);
  CHECK(share_a_block(a, b));
}

TEST_CASE("another village, an empty address or a weak reason alone propose nothing") {
  const Table& table = village().tables()[0];
  const StoredRow a = household("431224103212", "王建国", "二组15号", "13873102245");
  CHECK_FALSE(match_rows(table, a, household("431224103201", "王建国", "二组15号")));
  CHECK_FALSE(match_rows(table, a, household("431224103212", "王建国", "")));
  CHECK_FALSE(match_rows(table, household("431224103212", "王建国", ""),
                         household("431224103212", "王建国", "")));
  CHECK_FALSE(match_rows(table, a, household("431224103212", "李秀英", "三组2号", "13873102245")));
}

TEST_CASE("blocks bring alike names together and keep others apart") {
  const StoredRow a = household("431224103212", "王建国", "二组15号");
  CHECK(share_a_block(a, household("431224103212", "汪健果", "二组15号")));
  CHECK(share_a_block(a, household("431224103212", "王国", "二组15号")));
  CHECK(share_a_block(a, household("431224103212", "王建军", "二组15号")));
  CHECK_FALSE(share_a_block(a, household("431224103212", "李秀英", "二组15号")));
  CHECK_FALSE(share_a_block(a, household("431224103212", "王建国", "三组2号")));
  CHECK_FALSE(share_a_block(a, household("431224103201", "王建国", "二组15号")));
  StoredRow dead = a;
  dead.live = false;
  CHECK(match_blocks(village().tables()[0], dead).empty());
  CHECK(match_blocks(village().tables()[0], a).size() == 4);
}
