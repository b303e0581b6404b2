// Reads what a caller has sent, field by field. The first fault is kept and told by done(), with
// the name of its field; until then every read gives something harmless, so that a handler reads
// all that it wants and looks once:
//
//   FieldReader body = call.body();
//   const std::string name = body.text("name");
//   const auto scopes = body.texts("scopes", limits::scopes_max);
//   DS_TRY(body.done());
//
// Members that nobody read are refused by done(), too.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.hpp"
#include "engine/core/value.hpp"
#include "server/console/json_value.hpp"

namespace doorstep::console {

class FieldReader {
 public:
  /// `source` is an object; it and `field`, where the fault's name goes, must live longer.
  FieldReader(const JsonValue& source, std::string& field) : source_(source), field_(field) {}

  /// Text that must be there, with at least one character that is no blank, at most `bytes_max`.
  std::string text(std::string_view name, std::size_t bytes_max = text_bytes_usual);
  /// The same when it is there, else nullopt; null and "" count as not there.
  std::optional<std::string> optional_text(std::string_view name,
                                           std::size_t bytes_max = text_bytes_usual);
  /// One of these words; `fallback` when it is not there, and when that is empty it must be there.
  std::string choice(std::string_view name, std::initializer_list<std::string_view> words,
                     std::string_view fallback = {});
  /// true or false; `fallback` when it is not there.
  bool boolean(std::string_view name, bool fallback);
  /// A whole number (in a query: digits) in [least, most]; `fallback` when it is not there.
  std::int64_t number(std::string_view name, std::int64_t least, std::int64_t most,
                      std::int64_t fallback);
  /// At least one text and at most `count_max`, each as text() wants it, none twice.
  std::vector<std::string> texts(std::string_view name, std::size_t count_max,
                                 std::size_t bytes_max = text_bytes_usual);
  /// null, a number or a text; true and false are 1 and 0. nullopt when it is not there.
  std::optional<Value> value(std::string_view name, std::size_t bytes_max);
  /// At least one object and at most `count_max`. Each must be read and asked done() as well; the
  /// fault's field is then the inner one's.
  std::vector<FieldReader> objects(std::string_view name, std::size_t count_max);

  /// `limit` of a list: 50 if not given, 1 to 200.
  std::size_t limit();

  /// bad_value at the first fault, or at a member that was not read.
  [[nodiscard]] Status done();

  static constexpr std::size_t text_bytes_usual = 200;

 private:
  const JsonValue* take(std::string_view name);
  void fault(std::string_view name, std::string what);
  bool fits(std::string_view name, const std::string& text, std::size_t bytes_max);

  const JsonValue& source_;
  std::string& field_;
  std::vector<std::string> read_;
  std::optional<Error> fault_;
};

}  // namespace doorstep::console
