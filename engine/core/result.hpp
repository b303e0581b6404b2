// Result<T>: a value or an Error from the catalogue. Operating errors are values here; only broken
// programmer promises abort (assert.hpp). Not thread-safe beyond what T is.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/core/assert.hpp"
#include "engine/core/error_code.hpp"

namespace doorstep {

/// What went wrong: a stable code and the circumstances ("table visit, column note").
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string detail;

  /// "message: detail; what to do" for people.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(*-explicit-*)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(*-explicit-*)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// The value. Precondition: ok(); otherwise the process aborts with the error's text.
  [[nodiscard]] T& value() & { return check(), std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return check(), std::get<0>(state_); }
  /// By value, so that what a loop runs over lives as long as the loop.
  [[nodiscard]] T value() && { return check(), std::get<0>(std::move(state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }

  /// The error. Precondition: !ok().
  [[nodiscard]] const Error& error() const {
    DS_ASSERT(state_.index() == 1);
    return std::get<1>(state_);
  }

 private:
  void check() const {
    if (!ok()) {
      fail_assert(std::get<1>(state_).text().c_str(), __FILE__, __LINE__);
    }
  }
  std::variant<T, Error> state_;
};

/// Success without a value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(*-explicit-*)

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const {
    DS_ASSERT(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

[[nodiscard]] inline Error error(ErrorCode code, std::string detail = {}) {
  return Error{code, std::move(detail)};
}

}  // namespace doorstep

/// Returns the error of a Status or Result from the enclosing function, else goes on.
#define DS_TRY(expression)                             \
  do {                                                 \
    if (auto ds_status_ = (expression); !ds_status_) { \
      return ds_status_.error();                       \
    }                                                  \
  } while (false)

#define DS_CONCAT_INNER(a, b) a##b
#define DS_CONCAT(a, b) DS_CONCAT_INNER(a, b)
/// DS_ASSIGN(auto rows, fetch()): the value, or the error returned from the enclosing function.
#define DS_ASSIGN(declaration, expression)             \
  auto DS_CONCAT(ds_result_, __LINE__) = (expression); \
  if (!DS_CONCAT(ds_result_, __LINE__)) {              \
    return DS_CONCAT(ds_result_, __LINE__).error();    \
  }                                                    \
  declaration = std::move(DS_CONCAT(ds_result_, __LINE__)).value()
