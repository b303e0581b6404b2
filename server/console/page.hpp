// Lists in pages: where a page goes on, and which scopes it is about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/schema.hpp"
#include "server/console/field_reader.hpp"
#include "server/console/json_value.hpp"

namespace doorstep::console {

/// The last entry of a page, by what the list is sorted by.
struct PageEnd {
  std::uint64_t number = 0;
  std::string id;  ///< hexadecimal digits

  [[nodiscard]] std::string text() const { return std::to_string(number) + "-" + id; }
};

/// What a caller asks of a list.
struct Page {
  std::size_t limit = 0;
  std::optional<PageEnd> after;
};

/// `limit` and `after` of a query; a fault in `after` is told by done() of the query's reader where
/// it is too long, else by this: error bad_value, with the field's name in `field`.
[[nodiscard]] Result<Page> read_page(FieldReader& query, std::string& field);

/// Entries of one page: keeps `limit` of them and notes where the next page begins.
class PageOf {
 public:
  explicit PageOf(std::size_t limit) : limit_(limit) {}

  /// True once there is one more than fits; it must not be added.
  [[nodiscard]] bool is_full() const { return count_ == limit_; }
  void add(std::string_view json, PageEnd end);
  /// Noted where is_full() kept an entry out.
  void more() { more_ = true; }

  [[nodiscard]] std::string entries() const { return list_.done(); }
  /// A JSON text, or null at the end.
  [[nodiscard]] std::string next() const;

 private:
  std::size_t limit_;
  std::size_t count_ = 0;
  bool more_ = false;
  JsonList list_;
  PageEnd last_;
};

/// SQL of the codes of a scope and of all below it in the schema's tree: "(WITH ... SELECT code
/// FROM ...)". `parameter` such as "?3" holds the code.
[[nodiscard]] std::string scopes_below_sql(const Schema& schema, std::string_view parameter);
/// The same as numbers of ds_scope.
[[nodiscard]] std::string scope_numbers_sql(const Schema& schema, std::string_view parameter);

}  // namespace doorstep::console
