// A phone with the Wang household, the oil and a request on it, and forms that are open over it.
#pragma once

#include "tests/client/small_hub.hpp"

namespace doorstep::test {

struct FormVillage {
  FormVillage();

  /// Fails the running test when there is no such row.
  Form open(const std::string& table = "household", std::uint8_t number = 1);
  static void type(Form& form, const std::string& column, const Value& value);
  static void type(Form& form, const std::string& column, const std::string& text);
  void save(Form& form);
  /// The error that saving must give.
  Error refused(Form& form);
  [[nodiscard]] FormNews news(const Form& form);
  FormNews refresh(Form& form);

  /// The township changes the household; live sync brings it.
  void rival(SmallHub::Columns columns);
  /// The township has merged all own work through this number.
  void confirm(std::uint64_t sequence);
  std::string household() { return phone.read("SELECT head, phone FROM household"); }

  /// What the newest own transaction says was observed of a column of its only row.
  Position observed(const std::string& column);

  Folder folder;
  ReplicaPhone phone;
  SmallHub hub;
};

/// "phone 111 -> 222, typed 333, own; ..."
[[nodiscard]] std::string in_words(const FormNews& news);

}  // namespace doorstep::test
