#include "tests/demo/village_week.hpp"

#include <fmt/format.h>

#include <array>
#include <sstream>

namespace doorstep::demo {
namespace {

constexpr int visits_each = 25;
constexpr int checks_each = 6;
constexpr std::array findings = {"血压较上次平稳", "已提醒按时服药", "厨房通风不好，约定下周再来",
                                 "孩子上学需接送", "屋顶有一处漏雨", "精神很好，留下吃了橘子",
                                 "需要一副助听器", "电话已换"};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string visit(const std::string& household, int day, int number, std::string_view finding) {
  return fmt::format(
      "insert into visit (id, household_id, visitor, visited_on, typed_at, kind, findings) values "
      "(uuid7(), x'{0}', '志愿者{1}', '2026-11-{2:02}', {3}, 'routine', '{4}'); "
      "update household set last_visited = '2026-11-{2:02}' where id = x'{0}' "
      "and coalesce(last_visited, '') < '2026-11-{2:02}'",
      household, number + 1, day, 1'763'000'000'000 + day * 86'400'000LL, finding);
}

std::string health_check(const std::string& resident, int systolic, int diastolic) {
  return fmt::format(
      "insert into health_check (id, resident_id, checked_on, half_year, systolic_mmhg, "
      "diastolic_mmhg) values "
      "(uuid7(), x'{}', '2026-11-20', '2026H2', {}, {})",
      resident, systolic, diastolic);
}

/// The shared household: even phones change the phone number (they meet), odd ones other columns.
std::string edit_of_shared_household(const std::string& household, int number) {
  if (number % 2 == 0) {
    return fmt::format("update household set phone = '1380000{:04}' where id = x'{}'", number,
                       household);
  }
  if (number == 1)
    return fmt::format("update household set address = '3组独石桥头' where id = x'{}'", household);
  return fmt::format("update household set remarks = '志愿者{}：院里有狗' where id = x'{}'",
                     number + 1, household);
}

}  // namespace

Share share_of(int number, const test::Phone& phone, Random& random, WeekTotals& totals) {
  Share share;
  const auto households = lines_of(phone.read(fmt::format(
      "select hex(id) from household where villager_group = {} order by id", number % 7 + 1)));
  const auto elders =
      lines_of(phone.read("select hex(id) from resident where born < '1966' order by id"));
  const std::string shared = phone.read("select hex(id) from household order by id limit 1");
  const std::string order =
      phone.read("select hex(id) from service_order where claimed_by is null order by id limit 1");
  const std::string member = phone.read(
      fmt::format("select hex(id) from member order by id limit 1 offset {}", number % 5));
  const auto pick = [&](const std::vector<std::string>& from) {
    return from[random.below(from.size())];
  };

  for (int i = 0; i < visits_each; ++i) {
    share.transactions.push_back(
        visit(pick(households), 16 + i % 7, number, findings[random.below(findings.size())]));
  }
  for (int i = 0; i < checks_each; ++i) {
    share.transactions.push_back(health_check(pick(elders),
                                              110 + static_cast<int>(random.below(60)),
                                              60 + static_cast<int>(random.below(35))));
  }
  share.transactions.push_back(edit_of_shared_household(shared, number));
  if (number < 2 && !order.empty()) {
    share.transactions.push_back(
        fmt::format("update service_order set claimed_by = x'{}', claimed_at = {}, state = "
                    "'claimed' where id = x'{}'",
                    member, 1'763'600'000'000 + number, order));
  }
  const auto fen = static_cast<std::int64_t>(1000 + random.below(20'000));
  share.transactions.push_back(fmt::format(
      "insert into fund_entry (id, village_code, entered_on, amount_fen, kind, purpose) values "
      "(uuid7(), '{}', '2026-11-21', {}, 'payout', 'week')",
      test::dushi, -fen));
  const auto boxes = static_cast<std::int64_t>(1 + random.below(9));
  share.transactions.push_back(fmt::format(
      "update supply set stock = stock - {0}, given = coalesce(given, 0) + {0}, "
      "people_reached = coalesce(people_reached, 0) + {1} where id = (select min(id) from supply)",
      boxes, boxes * 3));

  totals.transactions += static_cast<int>(share.transactions.size());
  totals.visits += visits_each;
  totals.checks += checks_each;
  totals.ledger_entries += 1;
  totals.ledger_fen -= fen;
  totals.boxes_given += boxes;
  totals.heads_counted += boxes * 3;
  return share;
}

}  // namespace doorstep::demo
