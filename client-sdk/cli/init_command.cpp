#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/device_clock.hpp"
#include "client-sdk/cli/speech.hpp"
#include "client-sdk/src/net/ws_link.hpp"
#include "client-sdk/src/replica_internal.hpp"
#include "client-sdk/src/system_random.hpp"
#include "engine/core/json_line.hpp"
#include "engine/core/uuid.hpp"
#include "engine/session/enrol_exchange.hpp"

namespace doorstep::cli {
namespace {

struct InitOptions {
  std::string db;
  std::string server;
  std::string code;
  bool json = false;
};

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
      return {{std::move(*answer)}, false};
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

 private:
  LinkActions end(Error failure) {
    failure_ = std::move(failure);
    return {{}, true};
  }
  EnrolRequest request_;
  bool asked_ = false;
  std::optional<Enrolled> enrolled_;
  std::optional<Error> failure_;
};

/// Asked before the code is spent: a folder that cannot be written must not cost a code.
Status check_place(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return error(ErrorCode::already_exists, path);
  const auto parent = std::filesystem::absolute(path, ignored).parent_path();
  if (!std::filesystem::is_directory(parent, ignored)) {
    return error(ErrorCode::io_error, "there is no folder " + parent.string());
  }
  const bool made = std::ofstream(path).is_open();
  std::filesystem::remove(path, ignored);
  if (!made) return error(ErrorCode::read_only, path);
  return {};
}

Status enrol(const InitOptions& options, NewReplica& replica) {
  DS_ASSIGN(const HubUrl url, parse_hub_url(options.server));
  DS_ASSIGN(const EnrolmentCode code, EnrolmentCode::parse(options.code));
  DS_TRY(check_place(options.db));
  SystemRandom random;
  std::array<std::uint8_t, 10> draw{};
  random.fill(draw);
  EnrolRequest request;
  request.code = code;
  request.clock = device_clock().read();
  request.device = DeviceId{uuid7({request.clock.wall_ms}, draw)};
  request.keys = key_pair_of(random.id<Nonce>());
  EnrolDriver driver(request);
  LinkControl control;
  LinkBytes bytes;
  const Status link = run_link(url, driver, control, bytes);
  DS_ASSIGN(Enrolled enrolled, driver.result(link));
  replica = {std::move(enrolled.schema),   request.device, std::move(enrolled.device_name),
             std::move(enrolled.role),     request.keys,   enrolled.hub,
             std::move(enrolled.hub_name), options.server, code.hub_fingerprint,
             std::move(enrolled.scopes)};
  return create_replica(options.db, replica);
}

int run(const InitOptions& options) {
  NewReplica replica;
  if (const Status enrolled = enrol(options, replica); !enrolled) return fail(enrolled.error());
  if (options.json) {
    fmt::print("{}\n", JsonLine()
                           .text("device", replica.device.hex())
                           .text("device_name", replica.device_name)
                           .text("hub", replica.hub.hex())
                           .text("hub_name", replica.hub_name)
                           .text("role", replica.role)
                           .done());
    return 0;
  }
  fmt::print(
      "{}\n",
      fmt::format(fmt::runtime(say("{} is now a replica of {} for {}.\nNext: doorstep sync --db {}",
                                   "{} 已登记到{}，使用人：{}。\n下一步：doorstep sync --db {}")),
                  options.db, replica.hub_name, replica.device_name, options.db));
  return 0;
}

}  // namespace

void add_init(CLI::App& app, int& status) {
  auto options = std::make_shared<InitOptions>();
  auto* command =
      app.add_subcommand("init", "Enrol this device and make its replica / 登记本机并新建档案");
  command->add_option("--db", options->db, "The file to make")->required();
  command->add_option("--server", options->server, "The hub's address, wss://host:port")
      ->required();
  command->add_option("--code", options->code, "The one-time code from the township")->required();
  command->add_flag("--json", options->json, "Print one JSON object");
  command->footer(
      "Example:\n  doorstep init --db wang.db --server wss://hub.example:7300 --code 7K3Q-...");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace doorstep::cli
