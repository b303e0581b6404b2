#include "tests/scenario/console_desk.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace doorstep::test {
namespace {

template <class Value>
Value must(Result<Value> result) {
  REQUIRE_MESSAGE(result.ok(), result.error().text());
  return std::move(result).value();
}

}  // namespace

ConsoleDesk::ConsoleDesk(const Township& township, const std::string& name)
    : name_(name),
      folder_(must(HubFolder::open(township.hub().folder()))),
      accounts_(must(console::Accounts::open(folder_.dir(), random_))) {}

console::ConsoleAnswer ConsoleDesk::ask(const std::string& method, const std::string& path,
                                        const std::string& body) {
  const auto question = std::min(path.find('?'), path.size());
  console::ConsoleRequest request;
  request.method = method;
  request.path = "/api/v1" + path.substr(0, question);
  request.query = must(console::decode_query(path.substr(std::min(question + 1, path.size()))));
  if (!body.empty()) request.body = must(console::JsonValue::parse(body));
  request.language = language;
  console::Person person;
  person.name = name_;
  person.role = console::Role::secretary;
  request.person = person;
  auto match = console::match_route(method, request.path);
  REQUIRE_MESSAGE(match.route != nullptr, method, " ", path);
  request.parts = std::move(match.parts);
  console::ConsolePorts ports{folder_, *accounts_, log_, time_, random_, work_};
  console::ConsoleCall call{request, ports};
  return console::run_route(*match.route, call);
}

Json ConsoleDesk::get(const std::string& path) {
  const console::ConsoleAnswer answer = ask("GET", path);
  REQUIRE_MESSAGE(answer.status == 200, path, ": ", answer.body);
  return Json(answer.body);
}

Json ConsoleDesk::post(const std::string& path, const std::string& body) {
  const console::ConsoleAnswer answer = ask("POST", path, body);
  REQUIRE_MESSAGE(answer.status == 200, path, ": ", answer.body);
  return Json(answer.body);
}

std::string ConsoleDesk::refused(const std::string& method, const std::string& path,
                                 const std::string& body) {
  const console::ConsoleAnswer answer = ask(method, path, body);
  const Json error(Json(answer.body).text("error"));
  return std::to_string(answer.status) + " " + error.text("name") + " " + error.text("field");
}

std::uint64_t ConsoleDesk::position() { return must(folder_.store().snapshot())->head().value; }

}  // namespace doorstep::test
