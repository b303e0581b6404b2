#include "tests/server/test_phone.hpp"

#include <doctest/doctest.h>

#include "engine/ports/random.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep::test {

TestPhone::TestPhone(std::uint64_t seed) {
  initialise_crypto();
  SeededRandom random(seed);
  device_ = random.id<DeviceId>();
  keys_ = key_pair_of(random.id<Nonce>());
}

void TestPhone::connect(const std::string& url) {
  client_.emplace(url);
  encoder_ = FrameEncoder();
  decoder_ = FrameDecoder();
  challenge_ = listen_for<Challenge>();
}

void TestPhone::say(const Message& message) {
  const Bytes plain = encode(message);
  if (std::holds_alternative<Push>(message)) decoder_.said(plain);
  client_->send(encoder_.encode(plain));
}

std::optional<Message> TestPhone::listen() {
  const auto frame = client_->receive();
  if (!frame) return std::nullopt;
  const auto bytes = decoder_.decode(*frame);
  REQUIRE(bytes.ok());
  auto message = decode(bytes.value());
  REQUIRE(message.ok());
  return std::move(message).value();
}

Message TestPhone::wait_for(std::size_t index) {
  while (true) {
    auto message = listen();
    REQUIRE(message.has_value());
    if (message->index() == index) return std::move(*message);
    if (const auto* said = std::get_if<ErrorMessage>(&*message)) {
      FAIL("the hub said " << said->code << " " << said->detail);
    }
  }
}

Signature TestPhone::proof() {
  return sign(keys_, proof_text(challenge_, client_->binding(), device_));
}

std::optional<Message> TestPhone::enrol(const std::string& code) {
  const auto parsed = EnrolmentCode::parse(code);
  REQUIRE(parsed.ok());
  Enrol enrol;
  enrol.version_min = enrol.version_max = version;
  enrol.secret.assign(parsed->secret.begin(), parsed->secret.end());
  enrol.device = device_;
  enrol.key = keys_.public_key;
  enrol.signature = proof();
  say(enrol);
  return listen();
}

std::optional<Message> TestPhone::hello() {
  call();
  return listen();
}

void TestPhone::call() {
  Hello hello;
  hello.version_min = hello.version_max = version;
  hello.device = device_;
  hello.signature = proof();
  hello.hub = challenge_.hub;
  hello.schema = schema;
  hello.last = last_;
  hello.software = "test phone";
  say(hello);
}

std::optional<Message> TestPhone::push(const Schema& village, const Transaction& transaction) {
  send(village, transaction);
  return listen();
}

void TestPhone::send(const Schema& village, const Transaction& transaction) {
  Push push;
  last_ = last_.next();
  push.first = last_;
  push.bodies.push_back(encode_transaction(village, transaction));
  head_ = chain_hash(head_, device_, last_, push.bodies.front());
  push.head = head_;
  say(push);
}

void TestPhone::pull(Position cursor, bool live) {
  Pull pull;
  pull.cursor = cursor;
  pull.live = live;
  pull.credit = 4;
  say(pull);
}

}  // namespace doorstep::test
