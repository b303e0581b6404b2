// Who may use the console: people, one-time sign-in codes and sessions, in DIR/console.db beside
// the hub's database. Of every secret only a hash is kept. Thread-safe; other processes may open
// the same folder (`doorstepd console-code` beside a running serve).
#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/core/ids.hpp"
#include "engine/core/result.hpp"
#include "engine/core/time.hpp"
#include "engine/ports/random.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep::console {

/// What a person may do in the console.
enum class Role : std::uint8_t {
  office,     ///< numbers, no names
  secretary,  ///< everything
};
[[nodiscard]] std::string_view name_of(Role role);
[[nodiscard]] std::optional<Role> role_of(std::string_view name);

/// Who is signed in.
struct Person {
  std::string name;
  Role role = Role::office;
  std::string csrf;  ///< what every request that changes something must carry
  Instant expires;
  bool renewed = false;  ///< the session was just made longer; its cookie is to be set again
};

struct SignInCode {
  std::string text;  ///< "7K3Q-...": 4 groups of 4
  Instant expires;
};

class Accounts {
 public:
  /// Makes the file when it is not there. `random` must be thread-safe and live longer. Errors: as
  /// sqlite::Database::open.
  [[nodiscard]] static Result<std::unique_ptr<Accounts>> open(const std::filesystem::path& dir,
                                                              Random& random);

  /// A code for one sign-in within limits::console_code_ms. Whoever signs in with it has that name
  /// and from then on that role, in all sessions of the name. Durable on return.
  [[nodiscard]] Result<SignInCode> make_code(std::string_view name, Role role, Instant now);
  /// A secretary has signed in at least once.
  [[nodiscard]] Result<bool> has_secretary();

  struct SignedIn {
    std::string session;  ///< the secret of the cookie
    Person person;
  };
  /// Uses a code up. Errors: code_unknown; too_many_tries when as many came from `peer` in a short
  /// time as limits::console_wrong_codes_max, also for a right code.
  [[nodiscard]] Result<SignedIn> sign_in(std::string_view code, std::string_view peer, Instant now);

  enum class Use : std::uint8_t { renew, look };
  /// The person of a live session; nullopt when there is none. With `renew` a session that is in
  /// use lives on (written at most every few minutes).
  [[nodiscard]] Result<std::optional<Person>> find(std::string_view session, Instant now, Use use);
  /// Ends a session; of an unknown one nothing is said.
  [[nodiscard]] Status sign_out(std::string_view session);

 private:
  Accounts(sqlite::Database db, Random& random) : db_(std::move(db)), random_(random) {}
  [[nodiscard]] Status take_code(const Nonce& hash, Instant now, Person& person);
  [[nodiscard]] Result<SignedIn> begin_session(Person person, Instant now);
  [[nodiscard]] bool tried_too_often(std::string_view peer, Instant now);

  std::mutex mutex_;
  sqlite::Database db_;
  Random& random_;
  std::deque<std::pair<Instant, std::string>> wrong_;  // when and from where, oldest first
};

}  // namespace doorstep::console
