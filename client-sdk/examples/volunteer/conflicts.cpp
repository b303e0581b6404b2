// Two people wrote two things of one person, and the village wants a human being to say which is
// true.
#include "client-sdk/examples/volunteer/days.hpp"
#include "client-sdk/examples/volunteer/screen.hpp"
#include "client-sdk/examples/volunteer/screens.hpp"
#include "client-sdk/examples/volunteer/words.hpp"

namespace volunteer {
namespace {

using doorstep::ConflictInfo;

// The township can name every phone (doorstepd devices); a phone knows only its own.
std::string author_in_words(App& app, const doorstep::DeviceId& author) {
  if (is_own(app, author)) return say("this phone", "本机") + " " + app.volunteer;
  const std::string id = author.hex();
  return say("phone …", "手机 …") + id.substr(id.size() - 4);
}

std::string value_in_words(const doorstep::Value& value) {
  return value.is_null() ? say("(empty)", "（空）") : text_of(value);
}

void show_side(App& app, std::string_view number, const doorstep::Value& value,
               const doorstep::DeviceId& author, const std::string& time) {
  print("  " + std::string(number) + "  " + fitted(value_in_words(value), 30) + "  " +
        fitted(author_in_words(app, author), 24) + local_time(std::string_view(time)));
}

std::string name_of(App& app, const ConflictInfo& conflict) {
  return record_in_words(app, conflict.table, conflict.row) + " · " +
         words_of_column(conflict.column);
}

std::string decided(App& app, const ConflictInfo& conflict, const doorstep::Choice& choice) {
  const doorstep::Status status = app.replica->decide(conflict.id, choice);
  if (!status) return words_of(status.error());
  return say("Decided: ", "已裁决：") + name_of(app, conflict);
}

std::string decide(App& app, const ConflictInfo& conflict) {
  const bool deletion = conflict.column.empty();
  std::string said;
  for (;;) {
    show_head(app, say("Which is true?  (x = back)", "哪一个对？（x 返回）"));
    print(name_of(app, conflict));
    print();
    if (deletion) {
      print(say("One phone changed it, another deleted it, without knowing of each other.",
                "一部手机改了它，另一部删了它，彼此不知道。"));
      print("  1  " + say("keep it", "保留"));
      print("  2  " + say("delete it", "删除"));
    } else {
      show_side(app, "1", conflict.winner, conflict.winner_author, conflict.winner_time);
      show_side(app, "2", conflict.loser, conflict.loser_author, conflict.loser_time);
      if (conflict.order_uncertain) {
        print(say("Nobody can say which came first.", "先后不能确定。"));
      }
      print("  3  " + say("neither: type what is true", "都不对：另写一个"));
    }
    print();
    if (!said.empty()) print_wrapped("» " + said, 2);
    const auto typed = ask(say("Number, x = back: ", "号码，x 返回："));
    const std::string choice = typed ? as_choice(*typed) : "x";
    if (choice == "x") return {};
    if (choice == "1") return decided(app, conflict, doorstep::Keep::winner);
    if (choice == "2") return decided(app, conflict, doorstep::Keep::loser);
    said =
        say("Please type one of the numbers, or x to go back.", "请输入其中一个号码，或 x 返回。");
    if (choice != "3" || deletion) continue;
    const auto value = ask(say("What is true [empty = none]: ", "正确的内容 [不写就是空]："));
    if (!value) return {};
    return decided(app, conflict,
                   value->empty() ? doorstep::Value() : doorstep::Value::text(*value));
  }
}

}  // namespace

std::string conflicts_screen(App& app) {
  std::string said;
  for (;;) {
    doorstep::ConflictFilter open;
    open.state = "open";
    open.limit = list_lines;
    const auto conflicts = app.replica->conflicts(open);
    if (!conflicts) return words_of(conflicts.error());
    show_head(app, say("To be decided", "待裁决"));
    if (conflicts->empty()) print(say("Nothing to decide.", "没有要裁决的。"));
    for (std::size_t i = 0; i < conflicts->size(); ++i) {
      const ConflictInfo& one = (*conflicts)[i];
      print(fitted(std::to_string(i + 1), 4) + fitted(name_of(app, one), 40) +
            fitted(value_in_words(one.winner), 16) + " / " + value_in_words(one.loser));
    }
    print();
    if (!said.empty()) print_wrapped("» " + said, 2);
    const auto typed = ask(say("Number = decide, x = back: ", "号码 裁决，x 返回："));
    const std::string choice = typed ? as_choice(*typed) : "x";
    if (choice == "x") return {};
    said.clear();
    if (const auto number = number_of(choice, conflicts->size())) {
      said = decide(app, (*conflicts)[*number - 1]);
    } else if (!choice.empty()) {
      said = say("Please type a number of the list, or x to go back.",
                 "请输入列表中的号码，或 x 返回。");
    }
  }
}

}  // namespace volunteer
