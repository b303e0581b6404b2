#include <array>
#include <numeric>
#include <span>
#include <string_view>

#include "engine/core/time.hpp"
#include "engine/core/uuid.hpp"
#include "schema/loader.hpp"
#include "tests/bench/harness_words.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/workload.hpp"
#include "tests/support/cast.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::bench {
namespace harness {
namespace {

constexpr std::uint32_t harness_seed = 20'260'101;
constexpr std::size_t households = 339;
constexpr std::size_t persons = 1'232;
constexpr std::size_t edited_at_most = 1'000;
constexpr std::size_t live_at_most = 200;
constexpr std::int64_t first_visit_s = 1'735'689'600;  // 2025-01-01
constexpr std::int64_t day_s = 86'400;

// One character each, or one phrase each, as the harness has them.
constexpr std::array surnames = {"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐",
                                 "孙", "马", "朱", "胡", "郭", "何", "林", "罗", "高", "郑", "梁",
                                 "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾"};
constexpr std::array given = {"伟", "芳", "娜", "秀", "英", "敏", "静", "丽", "强", "磊",
                              "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "兰",
                              "霞", "平", "刚", "桂", "香", "玉", "梅", "春", "花", "建",
                              "国", "志", "文", "海", "波", "小", "红"};

/// The harness's generator of numbers (mulberry32), step for step: other draws would be other rows.
class Draw {
 public:
  double unit() {
    state_ += 0x6D2B'79F5U;
    std::uint32_t t = state_;
    t = (t ^ (t >> 15U)) * (t | 1U);
    t ^= t + (t ^ (t >> 7U)) * (t | 61U);
    return static_cast<double>(t ^ (t >> 14U)) / 4'294'967'296.0;
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(unit() * static_cast<double>(high - low + 1));
  }
  template <std::size_t N>
  std::string_view of(const std::array<const char*, N>& texts) {
    return texts[static_cast<std::size_t>(unit() * static_cast<double>(N))];
  }
  template <class T>
  const T& of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(unit() * static_cast<double>(all.size()))];
  }

 private:
  std::uint32_t state_ = harness_seed;
};

std::string two_digits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

class Village {
 public:
  Village(Workload& made, std::size_t visits, HarnessIds ids) : made_(made), ids_(ids) {
    lay_ground();
    for (int i = 0; i < 6; ++i) visitors_.push_back(name(draw_.of(surnames)));
    for (std::size_t i = 0; i < visits; ++i) made_.visits.push_back(visit(i));
    edit();
  }

 private:
  /// `at_s`: when the row was written.
  Value id(std::int64_t at_s) {
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(draw_.between(0, 255));
    if (ids_ == HarnessIds::rising) {
      const std::int64_t ms = (bytes[10] << 8 | bytes[11]) % 1000;
      return Value::blob(rising_.next({at_s * 1000 + ms}, std::span(bytes).first<10>()));
    }
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
    return Value::blob(bytes);
  }
  std::string name(std::string_view surname) {
    std::string whole(surname);
    whole += draw_.of(given);
    if (draw_.unit() < 0.7) whole += draw_.of(given);
    return whole;
  }
  std::string note() {
    const auto wanted = static_cast<std::size_t>(draw_.between(20, 120)) * bytes_of_character;
    std::string text;
    while (text.size() < wanted) {
      if (!text.empty()) text += draw_.of(stops);
      text += draw_.of(phrases);
    }
    text.resize(wanted);
    return text;
  }

  void lay_ground() {
    TableRows homes{*made_.schema.find_table("household"), {}};
    TableRows people{*made_.schema.find_table("person"), {}};
    std::vector<std::string_view> families;
    for (std::size_t i = 0; i < households; ++i) {
      families.push_back(draw_.of(surnames));
      Value key = id(first_visit_s - 2 * day_s);
      const auto number = static_cast<std::int64_t>(i) + 1;
      const std::string head = name(families.back());
      const std::string group = std::to_string(draw_.between(1, 9));
      const std::string address = group + "组" + std::to_string(draw_.between(1, 120)) + "号";
      const std::string phone = "1" + std::to_string(draw_.between(3'000'000'000, 9'999'999'999));
      homes.rows.push_back({std::move(key), Value::text(std::string_view(test::dushi)),
                            Value::integer(number), Value::text(head), Value::text(address),
                            Value::text(phone)});
    }
    for (std::size_t i = 0; i < persons; ++i) {
      const std::size_t home =
          i < households ? i : static_cast<std::size_t>(draw_.unit() * double{households});
      Value key = id(first_visit_s - day_s);
      const std::string_view family = draw_.unit() < 0.75 ? families[home] : draw_.of(surnames);
      const std::string whole = name(family);
      const bool man = draw_.unit() * 2 < 1;
      const std::string year = std::to_string(draw_.between(1930, 2024));
      const std::string month = two_digits(draw_.between(1, 12));
      const std::string born = year + "-" + month + "-" + two_digits(draw_.between(1, 28));
      people.rows.push_back({std::move(key), homes.rows[home][0], Value::text(whole),
                             Value::text(std::string_view(man ? "m" : "f")), Value::text(born)});
    }
    made_.ground = {std::move(homes), std::move(people)};
  }

  VisitRow visit(std::size_t number) {
    const VisitRow& person = draw_.of(made_.ground[1].rows);
    const std::int64_t at =
        first_visit_s + static_cast<std::int64_t>(number) * 3000 + draw_.between(0, 2999);
    VisitRow row{id(at), person[1], person[0], Value::text(draw_.of(visitors_))};
    row.push_back(Value::text(to_rfc3339({at * 1000}).substr(0, 19) + "Z"));
    row.push_back(Value::text(draw_.of(kinds)));
    row.push_back(Value::integer(draw_.between(95, 185)));
    row.push_back(Value::integer(draw_.between(55, 115)));
    row.push_back(Value::real(glucose()));
    row.push_back(Value::text(draw_.of(needs)));
    row.push_back(Value::text(note()));
    const bool again = draw_.unit() < 0.4;
    row.push_back(again ? Value::text(date(at + draw_.between(7, 60) * day_s)) : Value::null());
    return row;
  }
  double glucose() { return static_cast<double>(draw_.between(35, 160)) / 10; }
  static std::string date(std::int64_t seconds) {
    return to_rfc3339({seconds * 1000}).substr(0, 10);
  }

  void edit() {
    std::vector<std::size_t> order(made_.visits.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = order.size() - 1; i > 0; --i) {
      std::swap(order[i],
                order[static_cast<std::size_t>(draw_.between(0, static_cast<std::int64_t>(i)))]);
    }
    const std::size_t share = std::min(edited_at_most, order.size() * 2 / 5);
    const ColumnId needed = column("needs");
    const ColumnId sugar = column("glucose");
    const ColumnId noted = column("note");
    for (std::size_t i = 0; i < share; ++i) {
      made_.different_columns.first.push_back(
          {order[i], needed, Value::text(std::string(draw_.of(needs)) + "（甲改）")});
      made_.different_columns.second.push_back({order[i], sugar, Value::real(glucose() + 0.05)});
    }
    for (std::size_t i = share; i < 2 * share; ++i) {
      made_.same_column.first.push_back({order[i], noted, Value::text("甲：" + note())});
      made_.same_column.second.push_back({order[i], noted, Value::text("乙：" + note())});
    }
    for (std::size_t i = 0; i < std::min(live_at_most, order.size() - 2 * share); ++i) {
      made_.live.push_back(
          {order[2 * share + i], noted, Value::text("第" + std::to_string(i) + "次：" + note())});
    }
  }
  [[nodiscard]] ColumnId column(std::string_view name) const {
    return *made_.visit_table().find_column(name);
  }

  Workload& made_;
  HarnessIds ids_;
  UuidSource rising_;
  Draw draw_;
  std::vector<std::string> visitors_;
};

}  // namespace
}  // namespace harness

Workload harness_workload(std::size_t visits, HarnessIds ids) {
  const std::string file = (test::source_dir() / "tests/bench/peers/harness.toml").string();
  Workload made{file, must(load_schema_file(file)), {}, {}, {}, {}, {}, {}};
  made.table = *made.schema.find_table("home_visit");
  const harness::Village filled(made, visits, ids);
  return made;
}

}  // namespace doorstep::bench
