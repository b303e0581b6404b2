// Where the work is: on this phone, at the township, or refused and waiting for the volunteer.
#include <algorithm>

#include "client-sdk/examples/volunteer/days.hpp"
#include "client-sdk/examples/volunteer/screen.hpp"
#include "client-sdk/examples/volunteer/screens.hpp"
#include "client-sdk/examples/volunteer/words.hpp"

namespace volunteer {
namespace {

constexpr std::size_t records_shown = 6;
constexpr std::size_t refused_shown = 4;

std::string why_refused(const doorstep::RejectedInfo& refused) {
  if (refused.broken) return refused.broken->message;
  return std::string(doorstep::wording_of(refused.reason.code, language()).what);
}

void show_counts(const doorstep::ReplicaStatus& status, const doorstep::RecordReceipts& receipts) {
  const auto line = [](const std::string& name, const std::string& value) {
    print(fitted(name, 24) + value);
  };
  line(say("On this phone only", "只在本机"), std::to_string(receipts.on_this_phone));
  line(say("Sent, to be confirmed", "已上报，待确认"), std::to_string(receipts.at_township));
  line(say("Needs attention", "需要您处理"), std::to_string(receipts.needs_attention));
  line(say("Last sync", "上次同步"),
       status.last_sync_at ? local_time(status.last_sync_at->ms) : say("never", "从未"));
  if (status.free_bytes) {
    line(say("Free space", "手机剩余空间"), std::to_string(*status.free_bytes / 1'000'000) + " MB");
  }
}

void show_records(App& app, const doorstep::RecordReceipts& receipts) {
  std::size_t shown = 0;
  for (const doorstep::RecordReceipt& one : receipts.records) {
    if (++shown > records_shown) break;
    const bool here = one.receipt.state == doorstep::Receipt::State::on_this_phone;
    print("  " + fitted(here ? say("on this phone", "在本机") : say("look", "要处理"), 14) +
          record_in_words(app, one.table, one.key));
  }
  if (receipts.records.size() > records_shown) {
    print(say("  and ", "  另有 ") + std::to_string(receipts.records.size() - records_shown) +
          say(" more", " 条"));
  }
}

// A refused record is never lost: it is sent again (as it is, when the reason has gone away;
// corrected, in a fuller app) or given up by the person.
std::string deal_with(App& app, const doorstep::RejectedInfo& refused) {
  show_head(app, say("Sent back by the township  (x = back)", "乡镇退回（x 返回）"));
  const auto detail = app.replica->rejected_detail(refused.sequence);
  if (!detail) return words_of(detail.error());
  print_wrapped(say("Why: ", "原因：") + why_refused(refused), 3);
  if (refused.broken) {
    for (const auto& [name, value] : refused.broken->values)
      print("  " + name + " " + text_of(value));
  }
  for (const doorstep::RejectedRow& row : detail->rows) {
    print(record_in_words(app, row.table, row.key));
    for (const doorstep::RejectedRow::Column& column : row.columns) {
      if (column.wanted.kind() == doorstep::Value::Kind::blob) continue;
      print("  " + fitted(words_of_column(column.name), 18) + text_of(column.wanted));
    }
  }
  const auto typed =
      ask(say("r = send again, d = give it up, x = back: ", "r 再报一次，d 放弃，x 返回："));
  const std::string choice = typed ? as_choice(*typed) : "x";
  if (choice == "r") {
    const auto again = app.replica->retry(refused.sequence);
    if (!again) return words_of(again.error());
    return say("It is sent again.", "已再次上报。");
  }
  if (choice != "d") return {};
  const doorstep::Status gone = app.replica->discard(refused.sequence);
  return gone ? say("Given up.", "已放弃。") : words_of(gone.error());
}

}  // namespace

std::string whereabouts_screen(App& app) {
  std::string said;
  for (;;) {
    const auto status = app.replica->status();
    const auto receipts = app.replica->receipts();
    const auto rejected = app.replica->rejected();
    if (!status) return words_of(status.error());
    if (!receipts) return words_of(receipts.error());
    if (!rejected) return words_of(rejected.error());
    show_head(app, say("Where it is", "记录在哪里"));
    show_counts(*status, *receipts);
    show_records(app, *receipts);
    if (status->conflicts_open > 0) {
      print(say("To be decided: ", "待裁决：") + std::to_string(status->conflicts_open) +
            say("; go back and press c", "；返回后按 c"));
    }
    const std::size_t shown = std::min(rejected->size(), refused_shown);
    if (shown > 0) print(say("Sent back; choose one by its number:", "被退回；请选号码处理："));
    for (std::size_t i = 0; i < shown; ++i) {
      const doorstep::RejectedInfo& one = (*rejected)[i];
      print(fitted(std::to_string(i + 1), 4) + local_time(one.at.ms) + "  " + why_refused(one));
    }
    if (!said.empty()) print_wrapped("» " + said, 2);
    const auto typed = ask(say("Enter = look again, x = back: ", "回车刷新，x 返回："));
    const std::string choice = typed ? as_choice(*typed) : "x";
    if (choice == "x") return {};
    said.clear();
    if (const auto number = number_of(choice, shown)) {
      said = deal_with(app, (*rejected)[*number - 1]);
    } else if (!choice.empty()) {
      said = say("Please type a number of the list, or x to go back.",
                 "请输入列表中的号码，或 x 返回。");
    }
  }
}

}  // namespace volunteer
