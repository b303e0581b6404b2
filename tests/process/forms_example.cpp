#include "tests/process/forms_example.hpp"

namespace doorstep::test::guide {

doorstep::Result<doorstep::Form> open_screen(doorstep::Replica& replica,
                                             const doorstep::Value& resident) {
  return replica.open_form("resident", resident);
}

doorstep::Status save_screen(doorstep::Replica& replica, doorstep::Form& form,
                             const std::string& phone, const std::string& relation) {
  if (auto typed = form.set("phone", doorstep::Value::text(phone)); !typed) return typed;
  if (auto typed = form.set("relation", doorstep::Value::text(relation)); !typed) return typed;
  return replica.save(form);
}

doorstep::Result<std::string> what_changed(doorstep::Replica& replica, doorstep::Form& form) {
  const auto news = replica.refresh(form);
  if (!news) return news.error();
  if (news->row_gone) return std::string("this person is not here any more\n");
  std::string text;
  for (const doorstep::FormChange& change : news->changes) {
    text += change.column + ": was " + change.shown.display() + ", is " + change.now.display();
    if (change.typed) text += ", you typed " + change.typed->display();
    text += change.own ? " (changed on this phone)\n" : "\n";
  }
  return text;
}

doorstep::Status save_with_note(doorstep::Replica& replica, doorstep::Form& form,
                                const std::string& findings) {
  const std::string visit =
      "INSERT INTO visit (id, household_id, visitor, visited_on, typed_at, kind, findings) "
      "SELECT uuid7(), household_id, 'Wang', date(), unixepoch() * 1000, 'routine', :findings "
      "FROM resident WHERE id = :id";
  const doorstep::Bindings values{{"findings", doorstep::Value::text(findings)}, {"id", form.id()}};
  auto begun = replica.begin();
  if (!begun) return begun.error();
  doorstep::ReplicaTransaction& transaction = **begun;
  if (const auto written = transaction.run(visit, values); !written) return written.error();
  if (auto saved = transaction.save(form); !saved) return saved;
  if (auto committed = transaction.commit(); !committed) return committed;
  const auto shown = replica.refresh(form);
  return shown ? doorstep::Status() : shown.error();
}

doorstep::Result<doorstep::Form> register_resident(doorstep::Replica& replica,
                                                   const doorstep::Value& household,
                                                   const std::string& name) {
  auto form = replica.new_form("resident", doorstep::Value::null());
  if (!form) return form;
  if (const auto typed = form->set("household_id", household); !typed) return typed.error();
  if (const auto typed = form->set("name", doorstep::Value::text(name)); !typed) {
    return typed.error();
  }
  if (const auto saved = replica.save(*form); !saved) return saved.error();
  return form;
}

}  // namespace doorstep::test::guide
