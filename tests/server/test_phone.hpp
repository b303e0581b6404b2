// A phone reduced to its words: keys, one connection, and the messages of the protocol in clear.
// For tests that need to say exactly what is sent; whole replicas are tested elsewhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/hash.hpp"
#include "engine/core/schema.hpp"
#include "engine/wire/enrolment_code.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/message.hpp"
#include "tests/server/raw_client.hpp"

namespace doorstep::test {

class TestPhone {
 public:
  /// Device id and keys come from the seed.
  explicit TestPhone(std::uint64_t seed);

  /// Connects and takes the hub's Challenge.
  void connect(const std::string& url);
  void disconnect() { client_.reset(); }
  [[nodiscard]] RawClient& client() { return *client_; }

  /// Redeems a code; the hub's answer, Enrolled or ErrorMessage.
  [[nodiscard]] std::optional<Message> enrol(const std::string& code);
  /// Says Hello, and waits for nothing.
  void call();
  /// Says Hello; Welcome or ErrorMessage.
  [[nodiscard]] std::optional<Message> hello();
  /// Pushes one transaction with the next sequence, and waits for nothing.
  void send(const Schema& village, const Transaction& transaction);
  /// Pushes one transaction with the next sequence; what the hub says to it.
  [[nodiscard]] std::optional<Message> push(const Schema& village, const Transaction& transaction);
  void pull(Position cursor, bool live);

  void say(const Message& message);
  /// The next message; nullopt once the hub has closed.
  [[nodiscard]] std::optional<Message> listen();
  /// The next message that is a T; fails the test on the end of the connection or an ErrorMessage.
  template <class T>
  [[nodiscard]] T listen_for() {
    return std::get<T>(wait_for(Message{T{}}.index()));
  }

  [[nodiscard]] const DeviceId& device() const { return device_; }
  [[nodiscard]] const Challenge& challenge() const { return challenge_; }

  std::uint16_t version = 1;  ///< said in Enrol and Hello
  Fingerprint schema;         ///< said in Hello

 private:
  [[nodiscard]] Message wait_for(std::size_t index);
  [[nodiscard]] Signature proof();

  DeviceId device_;
  KeyPair keys_;
  std::optional<RawClient> client_;
  FrameEncoder encoder_;
  FrameDecoder decoder_;
  Challenge challenge_;
  Sequence last_;
  Hash head_;
};

}  // namespace doorstep::test
