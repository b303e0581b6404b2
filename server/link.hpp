// A connection and what is said on it, each as the other sees it: sockets know no session, sessions
// know no socket. This header knows nothing of the engine but bytes, so that the WebSocket, which
// takes long to compile, need not be compiled again when the engine changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/bytes.hpp"

namespace doorstep {

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
  /// Conversation::tick() is wanted at this moment of the hub's clock; nullopt: not at all.
  virtual void wake_at(std::optional<std::int64_t> deadline_ms) = 0;
};

/// How a peer broke the rules of the frames themselves.
enum class BadFrame : std::uint8_t { too_large, text };

/// The session as its connection sees it.
class Conversation {
 public:
  virtual ~Conversation() = default;
  virtual void frame(ByteView bytes) = 0;
  virtual void refuse(BadFrame what) = 0;  ///< says so to the peer and closes
  virtual void tick() = 0;
  /// The socket is gone: nothing more is sent.
  virtual void ended(std::string_view why) = 0;
  /// Largest frame that this peer may send now: small until it has proved who it is.
  [[nodiscard]] virtual std::size_t frame_bytes_max() const = 0;
};

/// Where connections come from and are noted.
class ConversationHost {
 public:
  enum class Trouble : std::uint8_t { tls_failed, not_http, connection_failed };
  virtual ~ConversationHost() = default;
  /// `link` outlives the conversation, or ended() is called before it goes. `caller`: the header of
  /// that name in the request, or empty.
  [[nodiscard]] virtual std::shared_ptr<Conversation> start(Link& link, const Bytes& binding,
                                                            const std::string& peer,
                                                            std::string_view caller) = 0;
  [[nodiscard]] virtual std::int64_t now_ms() const = 0;  ///< the hub's clock
  virtual void note(Trouble what, const std::string& peer, const std::string& why) = 0;
};

}  // namespace doorstep
