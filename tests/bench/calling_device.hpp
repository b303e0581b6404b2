// One device on one connection, as cheap as it can be: it says what a phone says (hello, what it
// has written, pull), reads what it is told, and keeps no rows. Used by the thousand.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/core/schema.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/message.hpp"
#include "tests/bench/byte_stream.hpp"
#include "tests/bench/written_ahead.hpp"

namespace doorstep::bench {

/// What a device wants of its hub.
struct Call {
  const WrittenAhead* device = nullptr;
  std::vector<Push> pushes;  ///< all that it has written, in order
  bool live = false;         ///< stays connected after its checkpoint
};

/// What came of it. Seconds since the calls began.
struct CallResult {
  double began_s = 0;
  double ended_s = 0;  ///< it had the checkpoint with all that it wrote
  std::uint64_t rows = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::string failure;  ///< empty: all went well
};

class CallingDevice {
 public:
  /// Begins to connect to a hub on this port of 127.0.0.1. What `hub`, `schema` and `call.device`
  /// name must outlive it.
  CallingDevice(std::uint16_t port, TlsClients* tls, const HubId& hub, const Schema& schema,
                Call call);

  /// The socket is ready for something, or may be.
  void step();
  /// The checkpoint has come, or it never will.
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const ByteStream& stream() const { return stream_; }
  [[nodiscard]] const CallResult& result() const { return result_; }
  [[nodiscard]] CallResult& result() { return result_; }

 private:
  void read_upgrade();
  void read_frames();
  void take(std::uint8_t opcode, Bytes payload);
  void on(const Message& message);
  void on_challenge(const Challenge& challenge);
  void on_changes(const Changes& changes);
  void push_more();
  void send(const Message& message, Flow flow = Flow::alone);
  void send_frame(std::uint8_t opcode, ByteView payload);
  void fail(std::string why);
  void finish();

  ByteStream stream_;
  const HubId& hub_;
  const Schema& schema_;
  Call call_;
  CallResult result_;
  Bytes came_;
  FrameEncoder encoder_;
  FrameDecoder decoder_;
  std::size_t next_push_ = 0;
  std::deque<std::pair<Sequence, std::size_t>> in_flight_;  // last sequence and bytes of each push
  std::size_t bytes_in_flight_ = 0;
  bool upgraded_ = false;
  bool pulled_ = false;
  bool done_ = false;
};

}  // namespace doorstep::bench
