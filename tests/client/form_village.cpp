#include "tests/client/form_village.hpp"

#include <doctest/doctest.h>

namespace doorstep::test {

FormVillage::FormVillage() : phone(folder.file("a.db")) {
  hub.put("household", row_id(1),
          {{"village", Value::text("v1")},
           {"head", Value::text("Wang")},
           {"phone", Value::text("111")},
           {"labels", Value::text(R"(["elder"])")}});
  hub.put("supply", *RowId::from("oil"),
          {{"village", Value::text("t1")}, {"boxes", Value::integer(100)}}, "t1");
  hub.put("request", row_id(5),
          {{"village", Value::text("v1")}, {"wanted", Value::text("a haircut")}});
  CHECK(apply(phone, hub.commit()).differing.empty());
}

Form FormVillage::open(const std::string& table, std::uint8_t number) {
  const Value id = table == "supply" ? Value::text("oil") : Value::blob(row_id(number).view());
  auto form = phone.replica().open_form(table, id);
  REQUIRE_MESSAGE(form.ok(), (form.ok() ? "" : form.error().text()));
  return *std::move(form);
}

void FormVillage::type(Form& form, const std::string& column, const Value& value) {
  const auto typed = form.set(column, value);
  REQUIRE_MESSAGE(typed.ok(), (typed.ok() ? "" : typed.error().text()));
}

void FormVillage::type(Form& form, const std::string& column, const std::string& text) {
  type(form, column, Value::text(text));
}

void FormVillage::save(Form& form) {
  const auto saved = phone.replica().save(form);
  REQUIRE_MESSAGE(saved.ok(), (saved.ok() ? "" : saved.error().text()));
}

Error FormVillage::refused(Form& form) {
  const ReplicaStatus before = phone.status();
  const auto saved = phone.replica().save(form);
  REQUIRE_FALSE(saved.ok());
  CHECK(phone.status().pending == before.pending);
  return saved.error();
}

FormNews FormVillage::news(const Form& form) {
  auto news = phone.replica().news(form);
  REQUIRE(news.ok());
  return *std::move(news);
}

FormNews FormVillage::refresh(Form& form) {
  auto news = phone.replica().refresh(form);
  REQUIRE(news.ok());
  return *std::move(news);
}

void FormVillage::rival(SmallHub::Columns columns) {
  hub.change("household", row_id(1), std::move(columns));
  apply(phone, hub.commit());
}

void FormVillage::confirm(std::uint64_t sequence) {
  acknowledge(phone, ack_through(sequence));
  apply(phone, hub.commit(Sequence{sequence}));
}

Position FormVillage::observed(const std::string& column) {
  const Transaction newest = phone.sent().back();
  REQUIRE(newest.changes.size() == 1);
  const RowChange& change = newest.changes.front();
  const Table& table = small_schema().table(change.table);
  for (const CellChange& cell : change.cells) {
    if (table.column(cell.column).name == column) return observed_of(newest, change, cell);
  }
  FAIL("column " << column << " was not written");
  return {};
}

std::string in_words(const FormNews& news) {
  std::string words = news.row_gone ? "gone" : "";
  for (const FormChange& change : news.changes) {
    words += (words.empty() ? "" : "; ") + change.column + " " + change.shown.display() + " -> " +
             change.now.display();
    if (change.typed) words += ", typed " + change.typed->display();
    if (change.own) words += ", own";
  }
  return words;
}

}  // namespace doorstep::test
