// Drives the HubSession of one connection: gives it frames, timers and answers, and carries out
// what it decides. Knows no socket (Link) and no thread (HubCore). Network thread only.
#pragma once

#include <memory>
#include <optional>

#include "engine/session/hub_session.hpp"
#include "server/link.hpp"
#include "server/session_registry.hpp"

namespace doorstep {

class HubCore;

class SessionDriver final : public Conversation,
                            public std::enable_shared_from_this<SessionDriver> {
 public:
  /// `link` outlives the driver, or ended() is called before it goes.
  [[nodiscard]] static std::shared_ptr<SessionDriver> start(HubCore& core, Link& link,
                                                            Bytes binding, std::string peer,
                                                            std::string_view caller);
  SessionDriver(HubCore& core, Link& link, Bytes binding, std::string peer,
                std::string_view caller);

  void frame(ByteView bytes) override;
  /// Says why and closes.
  void refuse(const Error& reason);
  void refuse(BadFrame what) override;
  void tick() override;
  /// Whatever the hub has to say to this session.
  void input(const HubInput& input);
  void ended(std::string_view why) override;
  [[nodiscard]] std::size_t frame_bytes_max() const override;

 private:
  void carry_out(HubEffect& effect);
  /// What the link was held for has come.
  void go_on(const HubInput& answer);
  void look_up(Hello hello);
  void redeem(hub_effect::RedeemCode& effect);
  void register_successor(const hub_effect::RegisterSuccessor& effect);
  void begin_epoch(const hub_effect::BeginEpoch& effect);
  void note(const Hello& hello, Instant met);
  void close(const std::optional<Error>& reason);

  HubCore& core_;
  Link* link_;
  std::string peer_;
  /// Until ended(): threads that work for it may let go of the driver last, and what connections
  /// share is the network thread's.
  std::optional<HubSession> session_;
  ConnectionNumber number_ = 0;
  std::optional<DeviceId> device_;
  bool closing_ = false;
};

}  // namespace doorstep
