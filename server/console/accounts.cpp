#include "server/console/accounts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/core/hash.hpp"
#include "engine/core/limits.hpp"
#include "engine/wire/enrolment_code.hpp"

namespace doorstep::console {
namespace {

constexpr std::string_view ddl = R"sql(
CREATE TABLE IF NOT EXISTS account (
  account INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
  signed_in_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS code (
  secret_hash BLOB PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, expires_ms INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session (
  secret_hash BLOB PRIMARY KEY, account INTEGER NOT NULL REFERENCES account,
  expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// A session is written again only when so much of its time is over.
constexpr std::int64_t renew_after_ms = 300'000;
constexpr std::size_t wrong_kept_max = 10'000;
// A code is the first half of an enrolment code's text, which has the secret alone; the second
// half, there the hub's fingerprint, is zeros.
constexpr std::size_t code_text_size = 19;
constexpr std::string_view no_fingerprint = "0000000000000000";

Nonce hash_of_secret(std::string_view secret) { return long_hash(bytes_of(secret)); }

/// From the session's secret, so that it need not be kept.
std::string csrf_of(std::string_view session) {
  return long_hash(bytes_of("csrf " + std::string(session))).hex();
}

Person person_of(const sqlite::Statement& row, std::string_view session) {
  Person person;
  person.name = row.text(0);
  person.role = role_of(row.text(1)).value_or(Role::office);
  person.expires = {row.integer(2)};
  person.csrf = csrf_of(session);
  return person;
}

}  // namespace

std::string_view name_of(Role role) { return role == Role::secretary ? "secretary" : "office"; }

std::optional<Role> role_of(std::string_view name) {
  if (name == "secretary") return Role::secretary;
  if (name == "office") return Role::office;
  return std::nullopt;
}

Result<std::unique_ptr<Accounts>> Accounts::open(const std::filesystem::path& dir, Random& random) {
  const std::string path = (dir / "console.db").string();
  // For its owner alone; what SQLite puts beside it takes that over.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return error(ErrorCode::io_error, path + ": " + std::strerror(errno));
  close(file);
  DS_ASSIGN(auto db, sqlite::Database::open(path, {}));
  DS_TRY(db.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"));
  DS_TRY(db.run(ddl));
  return std::unique_ptr<Accounts>(new Accounts(std::move(db), random));
}

Result<SignInCode> Accounts::make_code(std::string_view name, Role role, Instant now) {
  const std::lock_guard lock(mutex_);
  EnrolmentCode code;
  random_.fill(code.secret);
  SignInCode made;
  made.text = code.text().substr(0, code_text_size);
  made.expires = now + limits::console_code_ms;
  const Nonce hash = long_hash(code.secret);
  DS_ASSIGN(auto insert, db_.prepare("INSERT INTO code VALUES (?1, ?2, ?3, ?4)"));
  insert.bind(1, hash.view());
  insert.bind(2, name);
  insert.bind(3, name_of(role));
  insert.bind(4, made.expires.ms);
  DS_TRY(insert.run());
  return made;
}

Result<bool> Accounts::has_secretary() {
  const std::lock_guard lock(mutex_);
  DS_ASSIGN(const auto found, db_.one("SELECT 1 FROM account WHERE role = 'secretary'"));
  return found.has_value();
}

bool Accounts::tried_too_often(std::string_view peer, Instant now) {
  while (!wrong_.empty() && now - wrong_.front().first >= limits::console_wrong_codes_ms) {
    wrong_.pop_front();
  }
  return std::count_if(wrong_.begin(), wrong_.end(), [&](const auto& one) {
           return one.second == peer;
         }) >= limits::console_wrong_codes_max;
}

// Deletes the code whether it is in time or not.
Status Accounts::take_code(const Nonce& hash, Instant now, Person& person) {
  DS_ASSIGN(auto take, db_.prepare("DELETE FROM code WHERE secret_hash = ?1"
                                   " RETURNING name, role, expires_ms"));
  take.bind(1, hash.view());
  DS_ASSIGN(const bool found, take.step());
  if (!found || take.integer(2) < now.ms) return error(ErrorCode::code_unknown);
  person.name = take.text(0);
  person.role = role_of(take.text(1)).value_or(Role::office);
  return {};
}

Result<Accounts::SignedIn> Accounts::begin_session(Person person, Instant now) {
  SignedIn out;
  out.session = random_.id<Nonce>().hex();
  out.person = std::move(person);
  out.person.csrf = csrf_of(out.session);
  out.person.expires = now + limits::console_session_ms;
  DS_ASSIGN(auto account, db_.prepare("INSERT INTO account (name, role, signed_in_ms)"
                                      " VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET"
                                      " role = excluded.role, signed_in_ms = excluded.signed_in_ms"
                                      " RETURNING account"));
  account.bind(1, std::string_view(out.person.name));
  account.bind(2, name_of(out.person.role));
  account.bind(3, now.ms);
  DS_ASSIGN(const bool there, account.step());
  if (!there) return error(ErrorCode::internal, "account");
  const std::int64_t number = account.integer(0);
  account.reset();
  DS_ASSIGN(auto old, db_.prepare("DELETE FROM session WHERE expires_ms < ?1"));
  old.bind(1, now.ms);
  DS_TRY(old.run());
  const Nonce hash = hash_of_secret(out.session);
  DS_ASSIGN(auto insert, db_.prepare("INSERT INTO session VALUES (?1, ?2, ?3)"));
  insert.bind(1, hash.view());
  insert.bind(2, number);
  insert.bind(3, out.person.expires.ms);
  DS_TRY(insert.run());
  return out;
}

Result<Accounts::SignedIn> Accounts::sign_in(std::string_view code, std::string_view peer,
                                             Instant now) {
  const std::lock_guard lock(mutex_);
  if (tried_too_often(peer, now)) return error(ErrorCode::too_many_tries);
  Status right = error(ErrorCode::code_unknown);
  Person person;
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(db_));
  const auto read = EnrolmentCode::parse(std::string(code) + std::string(no_fingerprint));
  if (read.ok()) right = take_code(long_hash(read->secret), now, person);
  if (!right) {
    if (right.error().code == ErrorCode::code_unknown) {
      wrong_.emplace_back(now, peer);
      if (wrong_.size() > wrong_kept_max) wrong_.pop_front();
      DS_TRY(transaction.commit());
    }
    return right.error();
  }
  DS_ASSIGN(auto signed_in, begin_session(std::move(person), now));
  DS_TRY(transaction.commit());
  return signed_in;
}

Result<std::optional<Person>> Accounts::find(std::string_view session, Instant now, Use use) {
  if (session.empty()) return std::optional<Person>();
  const std::lock_guard lock(mutex_);
  const Nonce hash = hash_of_secret(session);
  DS_ASSIGN(auto row, db_.prepare("SELECT name, role, expires_ms FROM session JOIN account"
                                  " USING (account) WHERE secret_hash = ?1 AND expires_ms >= ?2"));
  row.bind(1, hash.view());
  row.bind(2, now.ms);
  DS_ASSIGN(const bool found, row.step());
  if (!found) return std::optional<Person>();
  Person person = person_of(row, session);
  row.reset();
  if (use == Use::look || now + (limits::console_session_ms - renew_after_ms) < person.expires) {
    return std::optional<Person>(std::move(person));
  }
  person.expires = now + limits::console_session_ms;
  person.renewed = true;
  DS_ASSIGN(auto renew, db_.prepare("UPDATE session SET expires_ms = ?2 WHERE secret_hash = ?1"));
  renew.bind(1, hash.view());
  renew.bind(2, person.expires.ms);
  DS_TRY(renew.run());
  return std::optional<Person>(std::move(person));
}

Status Accounts::sign_out(std::string_view session) {
  const std::lock_guard lock(mutex_);
  const Nonce hash = hash_of_secret(session);
  DS_ASSIGN(auto remove, db_.prepare("DELETE FROM session WHERE secret_hash = ?1"));
  remove.bind(1, hash.view());
  return remove.run();
}

}  // namespace doorstep::console
