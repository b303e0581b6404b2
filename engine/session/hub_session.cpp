#include "engine/session/hub_session.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/session/common_version.hpp"
#include "engine/session/hub_pull.hpp"
#include "engine/session/hub_refill.hpp"
#include "engine/session/push_bytes.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/version.hpp"

namespace doorstep {
namespace {

enum class HubPhase {
  opening,     // before Connected
  greeting,    // Challenge is out: Enrol or Hello may come
  looking_up,  // the store is asked about an Enrol or a Hello; frames that come wait
  open,
  closed
};

}  // namespace

struct HubSession::State {
  State(LogSink& log_sink, Options given)
      : log(log_sink),
        options(std::move(given)),
        feed({options.changes_rows_max, options.changes_bytes_max}) {}

  LogSink& log;
  Options options;
  FrameEncoder encoder;
  FrameDecoder decoder;
  HubPhase phase = HubPhase::opening;
  std::vector<HubEffect> effects;
  Instant now;
  Instant opened;

  Challenge challenge;
  std::optional<Hello> hello;  // being looked up, then the one in force
  Instant clock_met;           // when it came
  std::deque<Message> early;   // came while the store was being asked
  std::uint64_t early_bytes = 0;

  struct Merging {
    Sequence last;
    std::uint64_t bytes = 0;  // zero once its outcome has been told
  };
  std::deque<Merging> merging;  // pushes given to the merge writer, oldest first
  std::optional<Sequence>
      stopped_at;             // the schema here does not know this transaction: none after it
  Fingerprint welcomed_with;  // the hub's schema, as the device was told
  HubPull feed;
  bool storing = false;  // a salvage is with the merge writer

  void send(const Message& message);
  void close(const Error& reason);
  void close_busy(std::int64_t retry_ms);
  Status on_frame(ByteView bytes);
  Status on_message(const Message& message);
  Status on_enrol(const Enrol& enrol);
  Status on_hello(const Hello& asked);
  Status on_push(const Push& push);
  Status on_salvage(const Salvage& salvage);
  Status on_early();
  Status on(const hub_input::Connected&);
  Status on(const hub_input::Frame& frame) { return on_frame(frame.bytes); }
  Status on(const hub_input::HelloLookedUp& looked_up);
  Status on(const hub_input::EnrolDone& enrolled);
  Status on(const hub_input::PushMerged& merged);
  Status on(const hub_input::FeedRead& read);
  Status on(const hub_input::SalvageStored& stored);
  Status on(const hub_input::Committed& committed);
  Status on(const hub_input::Revoked&) { return error(ErrorCode::device_revoked); }
  Status on(const hub_input::SchemaChanged& changed);
  Status on(const hub_input::Timer&) {
    if (const auto due = deadline(); due && now >= *due)
      return error(ErrorCode::timeout, "no hello");
    return {};
  }
  Status on(const hub_input::Shutdown&) {
    close_busy(limits::shutdown_retry_ms);
    return {};
  }
  Status identify(const HelloAnswer& answer);
  void tell(const Ack& ack);
  void read_more();
  [[nodiscard]] std::optional<Instant> deadline() const;
};

void HubSession::State::send(const Message& message) {
  effects.emplace_back(hub_effect::SendFrame{encoder.encode(encode(message))});
}

void HubSession::State::close(const Error& reason) {
  const std::string device = hello ? hello->device.hex() : std::string();
  log.write(LogLevel::warning, "session_failed", {{"device", device}, {"error", reason.text()}});
  if (reason.code != ErrorCode::timeout) {
    send(ErrorMessage{static_cast<std::uint64_t>(reason.code), reason.detail});
  }
  phase = HubPhase::closed;
  effects.emplace_back(hub_effect::Close{reason});
}

void HubSession::State::close_busy(std::int64_t retry_ms) {
  send(Busy{static_cast<std::uint32_t>(retry_ms)});
  phase = HubPhase::closed;
  effects.emplace_back(hub_effect::Close{std::nullopt});
}

std::optional<Instant> HubSession::State::deadline() const {
  const bool greeting = phase == HubPhase::greeting || phase == HubPhase::looking_up;
  return greeting ? std::optional(opened + limits::handshake_ms_max) : std::nullopt;
}

Status HubSession::State::on(const hub_input::Connected&) {
  if (phase != HubPhase::opening) return {};
  opened = now;
  challenge.version_min = protocol_version_min;
  challenge.version_max = protocol_version_max;
  challenge.hub = options.identity.id;
  challenge.hub_key = options.identity.keys.public_key;
  challenge.nonce = options.nonce;
  challenge.signature = sign(options.identity.keys, challenge_text(challenge, options.binding));
  send(challenge);
  phase = HubPhase::greeting;
  return {};
}

Status HubSession::State::on_frame(ByteView bytes) {
  if (bytes.size() > limits::frame_bytes_max) return error(ErrorCode::message_too_large);
  DS_ASSIGN(const Bytes plain, decoder.decode(bytes));
  DS_ASSIGN(Message message, decode(plain));
  if (phase != HubPhase::looking_up) return on_message(message);
  early_bytes += plain.size();
  if (early_bytes > limits::early_bytes_max) return error(ErrorCode::credit_exceeded);
  early.push_back(std::move(message));
  return {};
}

Status HubSession::State::on_early() {
  while (!early.empty() && phase != HubPhase::looking_up && phase != HubPhase::closed) {
    const Message message = std::move(early.front());
    early.pop_front();
    DS_TRY(on_message(message));
  }
  if (early.empty()) early_bytes = 0;
  return {};
}

Status HubSession::State::on_message(const Message& message) {
  if (const auto* said = std::get_if<ErrorMessage>(&message)) {
    log.write(LogLevel::info, "device_gave_up",
              {{"code", std::to_string(said->code)}, {"detail", said->detail}});
    phase = HubPhase::closed;
    effects.emplace_back(hub_effect::Close{std::nullopt});
    return {};
  }
  if (phase == HubPhase::greeting) {
    if (const auto* enrol = std::get_if<Enrol>(&message)) return on_enrol(*enrol);
    if (const auto* asked = std::get_if<Hello>(&message)) return on_hello(*asked);
  } else if (phase == HubPhase::open) {
    if (const auto* push = std::get_if<Push>(&message)) return on_push(*push);
    if (const auto* pull = std::get_if<Pull>(&message)) {
      DS_TRY(feed.on_pull(*pull));
      read_more();
      return {};
    }
    if (const auto* salvage = std::get_if<Salvage>(&message)) return on_salvage(*salvage);
    if (const auto* credit = std::get_if<Credit>(&message)) {
      feed.on_credit(credit->messages);
      read_more();
      return {};
    }
  }
  return error(ErrorCode::unexpected_message);
}

Status HubSession::State::on_enrol(const Enrol& enrol) {
  DS_TRY(check_version(enrol.version_min, enrol.version_max));
  if (!verify(enrol.key, proof_text(challenge, options.binding, enrol.device), enrol.signature)) {
    return error(ErrorCode::wrong_key);
  }
  phase = HubPhase::looking_up;
  effects.emplace_back(hub_effect::RedeemCode{enrol, now});
  return {};
}

Status HubSession::State::on(const hub_input::EnrolDone& enrolled) {
  if (phase != HubPhase::looking_up) return {};
  if (!enrolled.device) return enrolled.device.error();
  const DeviceRecord& device = *enrolled.device;
  log.write(LogLevel::info, "device_enrolled",
            {{"device", device.id.hex()}, {"name", device.name}});
  send(Enrolled{options.identity.id, options.identity.name, device.name, device.role, device.scopes,
                enrolled.schema_text.empty() ? options.schema_text : enrolled.schema_text, now});
  phase = HubPhase::greeting;
  return on_early();
}

Status HubSession::State::on_hello(const Hello& asked) {
  DS_TRY(check_version(asked.version_min, asked.version_max));
  if (asked.hub != options.identity.id) {
    return error(ErrorCode::device_unknown, "the replica belongs to hub " + asked.hub.hex());
  }
  hello = asked;
  clock_met = now;
  phase = HubPhase::looking_up;
  effects.emplace_back(hub_effect::LookUpHello{asked});
  return {};
}

// Who it is comes before anything else is said about it.
Status HubSession::State::identify(const HelloAnswer& answer) {
  if (!answer.device) return error(ErrorCode::device_unknown, hello->device.hex());
  const Bytes proof = proof_text(challenge, options.binding, hello->device);
  if (!verify(answer.device->key, proof, hello->signature)) return error(ErrorCode::wrong_key);
  if (answer.device->revoked) return error(ErrorCode::device_revoked);
  if (hello->cursor.value != 0 && answer.cursor_token != hello->token) {
    return error(ErrorCode::epoch_unknown, "position " + std::to_string(hello->cursor.value));
  }
  if (hello->pending > hello->last.value) return error(ErrorCode::malformed, "pending");
  return {};
}

Status HubSession::State::on(const hub_input::HelloLookedUp& looked_up) {
  if (phase != HubPhase::looking_up || !hello) return {};
  if (!looked_up.answer) return looked_up.answer.error();
  const HelloAnswer& answer = *looked_up.answer;
  DS_TRY(identify(answer));
  const DeviceRecord& device = *answer.device;
  effects.emplace_back(hub_effect::Identified{device.id, answer.visible});
  Welcome welcome;
  welcome.version = std::min(hello->version_max, protocol_version_max);
  welcome.epoch = options.identity.epoch;
  welcome.now = now;
  welcome.merged = device.merged;
  welcome.head = device.head;
  welcome.scopes = device.scopes;
  welcome.schema = welcomed_with = answer.schema;
  welcome.schema_known = answer.schema_known;
  welcome.schema_text = answer.schema_text;
  welcome.push_bytes = limits::push_bytes_in_flight_max;
  if (hello->holds != scopes_fingerprint(answer.visible)) welcome.visible = answer.visible;
  send(welcome);
  if (options.compression_level > 0) encoder.enable_compression(options.compression_level);
  phase = HubPhase::open;
  feed.begin(device.id, answer.visible, hello->cursor, device.merged,
             Sequence{hello->last.value - hello->pending}, hello->schema);
  feed.granted_since = device.granted_since;
  feed.on_head(answer.head);
  return on_early();
}

Status HubSession::State::on_push(const Push& push) {
  if (push.bodies.empty() || push.first.value == 0)
    return error(ErrorCode::malformed, "an empty push");
  if (push.bodies.size() > limits::push_transactions_max)
    return error(ErrorCode::message_too_large);
  if (stopped_at && push.first > *stopped_at)
    return {};  // waits on the device with the one before it
  std::uint64_t unacknowledged = 0;
  for (const Merging& one : merging) unacknowledged += one.bytes;
  const std::uint64_t bytes = bytes_in(push);
  if (unacknowledged > 0 && unacknowledged + bytes > limits::push_bytes_in_flight_max) {
    return error(ErrorCode::credit_exceeded);
  }
  merging.push_back({Sequence{push.first.value + push.bodies.size() - 1}, bytes});
  feed.merging = merging.size();
  PushRequest request;
  request.device = hello->device;
  request.push = push;
  // The probe, moved along the hub's clock: the ages of what was written after Hello stay exact.
  const std::int64_t since_hello = now - clock_met;
  request.clock = hello->clock;
  request.clock.wall_ms += since_hello;
  request.clock.boot_ms += since_hello;
  request.clock_met = now;
  effects.emplace_back(hub_effect::MergePush{std::move(request)});
  return {};
}

// One at a time, so that what waits here stays bounded.
Status HubSession::State::on_salvage(const Salvage& salvage) {
  if (std::exchange(storing, true)) return error(ErrorCode::credit_exceeded, "salvage");
  effects.emplace_back(hub_effect::StoreSalvage{{hello->device, salvage}});
  return {};
}

Status HubSession::State::on(const hub_input::SalvageStored& stored) {
  if (phase != HubPhase::open) return {};
  storing = false;
  if (!stored.stored) return stored.stored.error();
  send(*stored.stored);
  return {};
}

void HubSession::State::tell(const Ack& ack) {
  send(ack);
  feed.on_told(ack.through);
  for (Merging& one : merging) {
    if (one.last <= ack.through) one.bytes = 0;
  }
}

Status HubSession::State::on(const hub_input::PushMerged& merged) {
  if (phase != HubPhase::open || merging.empty()) return {};
  merging.pop_front();
  feed.merging = merging.size();
  if (!merged.result) {
    const Error& reason = merged.result.error();
    const bool expected = stopped_at && reason.code == ErrorCode::sequence_gap;
    if (!expected) return reason;
    read_more();
    return {};
  }
  const PushResult& result = *merged.result;
  for (const Ack::Item& item : result.ack.items) {
    if (item.outcome.kind == Outcome::Kind::not_yet) stopped_at = item.sequence;
  }
  feed.on_merged(result.ack.through);
  tell(result.ack);
  read_more();
  return {};
}

Status HubSession::State::on(const hub_input::FeedRead& read) {
  if (phase != HubPhase::open) return {};
  if (!read.answer) return read.answer.error();
  const FeedAnswer& answer = *read.answer;
  log_reconcile(log, *hello, answer);
  if (!answer.drifted.empty()) {
    // What it reads now would not match the sums; by the time it is back they have been mended.
    effects.emplace_back(hub_effect::RecountDigests{answer.drifted});
    close_busy(limits::busy_retry_ms);
    return {};
  }
  const HubPull::Said said = feed.on_answer(answer, now);
  if (said.restart) send(*said.restart);
  if (said.ack) tell(*said.ack);
  if (said.changes) send(*said.changes);
  read_more();
  return {};
}

Status HubSession::State::on(const hub_input::Committed& committed) {
  if (phase != HubPhase::open) return {};
  if (committed.scopes_changed) {
    close_busy(limits::scopes_changed_retry_ms);  // a new connection looks the scopes up again
    return {};
  }
  feed.on_head(committed.head);
  read_more();
  return {};
}

Status HubSession::State::on(const hub_input::SchemaChanged& changed) {
  if (phase != HubPhase::open || changed.newest == welcomed_with) return {};
  close_busy(limits::scopes_changed_retry_ms);
  return {};
}

void HubSession::State::read_more() {
  if (phase != HubPhase::open) return;
  if (auto question = feed.next_question()) {
    effects.emplace_back(hub_effect::ReadFeed{std::move(*question)});
  }
}

HubSession::HubSession(LogSink& log, Options options)
    : state_(std::make_unique<State>(log, std::move(options))) {}

HubSession::~HubSession() = default;

std::vector<HubEffect> HubSession::step(Instant now, const HubInput& input) {
  State& state = *state_;
  if (state.phase == HubPhase::closed) return {};
  state.effects.clear();
  state.now = now;
  const Status status = std::visit([&](const auto& one) { return state.on(one); }, input);
  if (!status && state.phase != HubPhase::closed) {
    const bool busy =
        status.error().code == ErrorCode::busy || status.error().code == ErrorCode::hub_busy;
    if (busy) {
      state.close_busy(limits::busy_retry_ms);
    } else {
      state.close(status.error());
    }
  }
  return std::move(state.effects);
}

std::optional<Instant> HubSession::next_deadline() const { return state_->deadline(); }

}  // namespace doorstep
