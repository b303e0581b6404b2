#include "server/session_driver.hpp"

#include <utility>

#include "engine/core/limits.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/frame.hpp"
#include "server/hub_core.hpp"

namespace doorstep {

std::shared_ptr<SessionDriver> SessionDriver::start(HubCore& core, Link& link, Bytes binding,
                                                    std::string peer, std::string_view caller) {
  auto driver =
      std::make_shared<SessionDriver>(core, link, std::move(binding), std::move(peer), caller);
  driver->number_ = core.join(driver);
  core.ports().log.write(LogLevel::debug, "connected", {{"peer", driver->peer_}});
  driver->input(hub_input::Connected{});
  return driver;
}

SessionDriver::SessionDriver(HubCore& core, Link& link, Bytes binding, std::string peer,
                             std::string_view caller)
    : core_(core),
      link_(&link),
      peer_(std::move(peer)),
      session_(std::in_place, core.ports().log, core.session_options(std::move(binding), caller)) {}

void SessionDriver::frame(ByteView bytes) { input(hub_input::Frame{bytes}); }

void SessionDriver::tick() { input(hub_input::Timer{}); }

void SessionDriver::input(const HubInput& input) {
  if (closing_ || link_ == nullptr) return;
  for (HubEffect& effect : session_->step(core_.ports().time.now(), input)) carry_out(effect);
  if (link_ == nullptr) return;
  const auto deadline = closing_ ? std::nullopt : session_->next_deadline();
  link_->wake_at(deadline ? std::optional(deadline->ms) : std::nullopt);
}

void SessionDriver::refuse(BadFrame what) {
  refuse(what == BadFrame::too_large
             ? error(ErrorCode::message_too_large, "a frame")
             : error(ErrorCode::malformed, "a text frame; frames are binary"));
}

void SessionDriver::refuse(const Error& reason) {
  if (closing_ || link_ == nullptr) return;
  const ErrorMessage message{static_cast<std::uint64_t>(reason.code), reason.detail};
  FrameEncoder
      plain;  // a plain frame is understood at any moment, whatever the session's own stream does
  link_->send(plain.encode(encode(Message{message})));
  close(reason);
}

void SessionDriver::ended(std::string_view why) {
  if (link_ == nullptr) return;
  link_ = nullptr;
  if (auto parting = session_->parting()) core_.remember(number_, *std::move(parting));
  session_.reset();
  core_.leave(number_);
  core_.ports().log.write(LogLevel::debug, "disconnected",
                          {{"peer", peer_},
                           {"device", device_ ? device_->hex() : std::string("unknown")},
                           {"why", std::string(why)}});
}

std::size_t SessionDriver::frame_bytes_max() const {
  return device_ ? limits::frame_bytes_max : limits::hello_frame_bytes_max;
}

void SessionDriver::close(const std::optional<Error>& reason) {
  closing_ = true;
  if (reason) {
    core_.ports().log.write(LogLevel::debug, "closing",
                            {{"peer", peer_},
                             {"device", device_ ? device_->hex() : std::string("unknown")},
                             {"code", std::string(name_of(reason->code))},
                             {"detail", reason->detail}});
  }
  link_->wake_at(std::nullopt);
  link_->close();
}

void SessionDriver::note(const Hello& hello, Instant met) { core_.note(note_of(hello, met)); }

// Before the answer: what the session asks for next may hold the link again.
void SessionDriver::go_on(const HubInput& answer) {
  if (link_ != nullptr) link_->hold(false);
  input(answer);
}

void SessionDriver::look_up(Hello hello) {
  link_->hold(true);
  const auto answered = [self = shared_from_this(), hello,
                         met = core_.ports().time.now()](const Result<HelloAnswer>& answer) {
    self->go_on(hub_input::HelloLookedUp{answer});
    if (self->device_ == hello.device) self->note(hello, met);
  };
  core_.look_up(std::move(hello), answered);
}

void SessionDriver::redeem(hub_effect::RedeemCode& effect) {
  link_->hold(true);
  core_.redeem(
      std::move(effect.enrol), effect.now,
      [self = shared_from_this()](const Result<DeviceRecord>& device) {
        // Not the options': a newer schema may have come since this connection began.
        self->go_on(hub_input::EnrolDone{device, self->core_.ports().store.schema().source()});
      });
}

void SessionDriver::register_successor(const hub_effect::RegisterSuccessor& effect) {
  link_->hold(true);
  core_.succeed(effect.request, effect.now,
                [self = shared_from_this()](const Result<DeviceRecord>& device) {
                  self->go_on(hub_input::SuccessorDone{device});
                });
}

void SessionDriver::begin_epoch(const hub_effect::BeginEpoch& effect) {
  link_->hold(true);
  core_.begin_epoch(effect.hello, effect.now,
                    [self = shared_from_this()](const Result<Restored>& restored) {
                      self->go_on(hub_input::EpochBegun{restored});
                    });
}

void SessionDriver::carry_out(HubEffect& effect) {
  if (closing_) return;
  if (auto* send = std::get_if<hub_effect::SendFrame>(&effect)) {
    link_->send(std::move(send->bytes));
  } else if (auto* hello = std::get_if<hub_effect::LookUpHello>(&effect)) {
    look_up(std::move(hello->hello));
  } else if (auto* redeem = std::get_if<hub_effect::RedeemCode>(&effect)) {
    this->redeem(*redeem);
  } else if (auto* successor = std::get_if<hub_effect::RegisterSuccessor>(&effect)) {
    register_successor(*successor);
  } else if (auto* epoch = std::get_if<hub_effect::BeginEpoch>(&effect)) {
    begin_epoch(*epoch);
  } else if (auto* push = std::get_if<hub_effect::MergePush>(&effect)) {
    core_.merge(std::move(push->request),
                [self = shared_from_this()](const Result<PushResult>& result) {
                  self->input(hub_input::PushMerged{result});
                });
  } else if (auto* read = std::get_if<hub_effect::ReadFeed>(&effect)) {
    core_.read_feed(std::move(read->question),
                    [self = shared_from_this()](Result<FeedAnswer> answer) {
                      self->input(hub_input::FeedRead{std::move(answer)});
                    });
  } else if (auto* rows = std::get_if<hub_effect::StoreSalvage>(&effect)) {
    core_.salvage(std::move(rows->request),
                  [self = shared_from_this()](const Result<Salvaged>& stored) {
                    self->input(hub_input::SalvageStored{stored});
                  });
  } else if (auto* compare = std::get_if<hub_effect::CompareDevice>(&effect)) {
    core_.compare(std::move(compare->question),
                  [self = shared_from_this()](Result<ComparisonAnswer> answer) {
                    self->input(hub_input::DeviceCompared{std::move(answer)});
                  });
  } else if (auto* heal = std::get_if<hub_effect::NoteHealed>(&effect)) {
    core_.heal(heal->device, std::move(heal->healed),
               [self = shared_from_this()](const Result<HealNoted>& noted) {
                 self->input(hub_input::HealKept{noted});
               });
  } else if (auto* recount = std::get_if<hub_effect::RecountDigests>(&effect)) {
    core_.recount(std::move(recount->scopes));
  } else if (auto* known = std::get_if<hub_effect::Identified>(&effect)) {
    device_ = known->device;
    core_.ports().log.write(LogLevel::info, "identified",
                            {{"peer", peer_}, {"device", device_->hex()}});
    core_.identified(number_, known->device, std::move(known->visible));
  } else if (auto* end = std::get_if<hub_effect::Close>(&effect)) {
    close(end->error);
  }
}

}  // namespace doorstep
