#include "client-sdk/src/enrolment.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "client-sdk/src/device_identity.hpp"
#include "client-sdk/src/net/ws_link.hpp"
#include "client-sdk/src/replica_internal.hpp"
#include "client-sdk/src/system_clock.hpp"
#include "client-sdk/src/system_random.hpp"
#include "engine/session/enrol_exchange.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {
namespace {

/// Challenge in, Enrol out, Enrolled in.
class EnrolDriver final : public LinkDriver {
 public:
  explicit EnrolDriver(EnrolRequest request) : request_(std::move(request)) {}

  LinkActions on_open(const Bytes& binding) override {
    request_.binding = binding;
    return {};
  }
  LinkActions on_frame(ByteView frame) override {
    if (!asked_) {
      asked_ = true;
      auto answer = answer_with_enrol(request_, frame);
      if (!answer) return end(answer.error());
      hub_key_ = answer->hub_key;
      return {{std::move(answer->frame)}, false};
    }
    auto enrolled = read_enrolled(frame);
    if (!enrolled) return end(enrolled.error());
    enrolled_ = std::move(*enrolled);
    return {{}, true};
  }
  LinkActions on_timer() override {
    return end(error(ErrorCode::timeout, "no answer to the enrolment"));
  }
  LinkActions on_wake(bool) override { return {{}, true}; }
  std::optional<std::int64_t> timer_ms() override { return limits::handshake_ms_max; }

  [[nodiscard]] Result<Enrolled> result(const Status& link) {
    if (failure_) return *failure_;
    if (enrolled_) return std::move(*enrolled_);
    return link ? error(ErrorCode::link_lost, "the hub closed the connection") : link.error();
  }
  /// Of the hub that enrolled it.
  [[nodiscard]] const PublicKey& hub_key() const { return hub_key_; }

 private:
  LinkActions end(Error failure) {
    failure_ = std::move(failure);
    return {{}, true};
  }
  EnrolRequest request_;
  bool asked_ = false;
  PublicKey hub_key_;
  std::optional<Enrolled> enrolled_;
  std::optional<Error> failure_;
};

/// Nothing is there, or the empty database of an enrolment that was killed.
bool is_free(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return true;
  auto db = sqlite::Database::open(path, {});
  const auto objects =
      db ? db->one("SELECT count(*) FROM sqlite_schema") : Result<std::optional<Value>>(db.error());
  return objects && *objects && **objects == Value::integer(0);
}

/// Asked before the code is spent: a folder that cannot be written must not cost a code.
Status check_place(const std::string& path) {
  std::error_code ignored;
  if (!is_free(path)) return error(ErrorCode::already_exists, path);
  const auto parent = std::filesystem::absolute(path, ignored).parent_path();
  if (!std::filesystem::is_directory(parent, ignored)) {
    return error(ErrorCode::io_error, "there is no folder " + parent.string());
  }
  const bool was_there = std::filesystem::exists(path, ignored);
  const bool made = std::ofstream(path, std::ios::app).is_open();
  if (!was_there) std::filesystem::remove(path, ignored);
  if (!made) return error(ErrorCode::read_only, path);
  return {};
}

}  // namespace

Result<Enrolment> enrol_replica(const EnrolOptions& options, const Clock& clock) {
  DS_ASSIGN(const HubUrl url, parse_hub_url(options.server));
  DS_ASSIGN(const EnrolmentCode code, EnrolmentCode::parse(options.code));
  DS_TRY(check_place(options.path));
  SystemRandom random;
  EnrolRequest request;
  request.code = code;
  request.clock = clock.read();
  const Successor made = new_device(request.clock, random);
  request.device = made.device;
  request.keys = made.keys;
  EnrolDriver driver(request);
  LinkControl control;
  LinkBytes bytes;
  const Status link = run_link(url, {}, driver, control, bytes);
  DS_ASSIGN(Enrolled enrolled, driver.result(link));
  const PublicKey hub_key = driver.hub_key();
  const NewReplica replica{std::move(enrolled.schema),
                           request.device,
                           enrolled.device_name,
                           enrolled.role,
                           request.keys,
                           enrolled.hub,
                           enrolled.hub_name,
                           options.server,
                           hub_key,
                           enrolled.scopes};
  DS_TRY(create_replica(options.path, replica));
  return Enrolment{request.device,
                   std::move(enrolled.device_name),
                   enrolled.hub,
                   std::move(enrolled.hub_name),
                   std::move(enrolled.role),
                   std::move(enrolled.scopes)};
}

Result<Enrolment> enrol_replica(const EnrolOptions& options) {
  const SystemClock clock;
  return enrol_replica(options, clock);
}

}  // namespace doorstep
