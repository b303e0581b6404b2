// Drives the HubSession of one connection: gives it frames, timers and answers, and carries out
// what it decides. Knows no socket (Link) and no thread (HubCore). Network thread only.
#pragma once

#include <memory>
#include <optional>

#include "engine/session/hub_session.hpp"
#include "server/session_registry.hpp"

namespace doorstep {

class HubCore;

/// The connection as its session sees it. Calls return at once.
class Link {
 public:
  virtual ~Link() = default;
  /// Queues one binary frame; frames leave in the order of the calls.
  virtual void send(Bytes frame) = 0;
  /// Closes once all queued frames have left. Frames sent after it are dropped.
  virtual void close() = 0;
  /// true: no frame is read until it is called with false. Bytes wait in the kernel meanwhile, so
  /// that a peer who has not proved anything yet takes no memory here.
  virtual void hold(bool held) = 0;
  /// SessionDriver::tick() is wanted at `deadline` of the hub's clock; nullopt: not at all.
  virtual void wake_at(std::optional<Instant> deadline) = 0;
};

class SessionDriver : public std::enable_shared_from_this<SessionDriver> {
 public:
  /// `link` outlives the driver, or ended() is called before it goes.
  [[nodiscard]] static std::shared_ptr<SessionDriver> start(HubCore& core, Link& link,
                                                            Bytes binding, std::string peer);
  SessionDriver(HubCore& core, Link& link, Bytes binding, std::string peer);

  void frame(ByteView bytes);
  /// The peer broke the rules below the session (a text frame, a frame that is too large): says so
  /// and closes.
  void refuse(const Error& reason);
  void tick();
  /// Whatever the hub has to say to this session.
  void input(const HubInput& input);
  /// The socket is gone: nothing more is sent.
  void ended(std::string_view why);

  /// Largest frame that this peer may send now: small until it has proved who it is.
  [[nodiscard]] std::size_t frame_bytes_max() const;

 private:
  void carry_out(HubEffect& effect);
  void look_up(Hello hello);
  void redeem(hub_effect::RedeemCode& effect);
  void note(const Hello& hello, Instant met);
  void close(const std::optional<Error>& reason);

  HubCore& core_;
  Link* link_;
  std::string peer_;
  HubSession session_;
  ConnectionNumber number_ = 0;
  std::optional<DeviceId> device_;
  bool closing_ = false;
};

}  // namespace doorstep
