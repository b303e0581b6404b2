// A phone's connections: what client-sdk/src/sync_run.cpp does with sockets and threads.
#include <utility>
#include <variant>

#include "client-sdk/src/device_identity.hpp"
#include "engine/core/defect.hpp"
#include "tests/sim/phone_window.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/witness.hpp"

namespace doorstep::sim {
namespace {

constexpr std::uint32_t attempts_of_a_sync = 3;
constexpr std::int64_t waits_ms_max = 5 * 60'000;

/// Every third connection that is not live, until all is to be put right, has so many bytes: 1,500
/// to 30,000. No drawing: the fates of a seed stay what they are.
std::optional<std::uint64_t> budget_of(std::uint64_t connection) {
  constexpr std::uint64_t bytes_min = 1'500;
  constexpr std::uint64_t spread = 28'501;
  if (connection % 6 != 5) return std::nullopt;  // connections have odd numbers
  return bytes_min + connection * 7'919 % spread;
}

}  // namespace

// What the two ends of a healthy pair may say to each other without anything being wrong.
bool SimPhone::is_expected(ErrorCode code) {
  if (witness_.is_damaged(*this)) return true;
  switch (code) {
    case ErrorCode::link_lost:
    case ErrorCode::unreachable:
    case ErrorCode::timeout:
    case ErrorCode::hub_busy:
    case ErrorCode::busy:
      return true;
    case ErrorCode::io_error:
    case ErrorCode::disk_full:
    case ErrorCode::internal:
    case ErrorCode::corrupt:
      return disk_.faulty() || witness_.hub_is_faulty();
    case ErrorCode::hub_too_old:
      return version_then_ > hub_version_then_;
    case ErrorCode::schema_changed:
      return version_then_ != window_->version();
    case ErrorCode::device_forked:
      return context_.counts.copies + context_.counts.damaged > 0;
    case ErrorCode::device_unknown:
      return witness_.hub_lost_something();
    case ErrorCode::device_revoked:
    case ErrorCode::device_lost:
      return context_.counts.ended > 0;
    default:
      return false;
  }
}

bool SimPhone::take_sync(const Line& line) {
  if (line.verb == "sync" || line.verb == "live") {
    if (wants_ != Wants::nothing) return true;
    wants_ = line.verb == "live" ? Wants::live : Wants::one_sync;
    attempts_left_ = attempts_of_a_sync;
    backoff_.reset();
    connect();
  } else if (line.verb == "hangup") {
    hang_up();
  } else if (line.verb == "close") {
    stop_politely();
    start();
  } else {
    return false;
  }
  return true;
}

Status SimPhone::open_store() {
  if (store_ != nullptr) return {};
  DS_ASSIGN(store_, SqliteDeviceStore::open(path(), {}, seams()));
  // Once a day, or when it is asked to.
  return store_->check_rows(context_.healing && witness_.is_rotten(*this));
}

void SimPhone::connect() {
  if (session_ != nullptr || wants_ == Wants::nothing) return;
  if (attempts_left_ > 0) --attempts_left_;
  const Status opened = open_store();
  if (died()) return;
  if (!opened) {
    store_.reset();
    return connection_ended(&opened.error());
  }
  DeviceSession::Options options;
  options.read_clocks = [this] { return clock_.read(); };
  // Not drawn: a call's secret makes no difference to what happens.
  Bytes once(device_.bytes.begin(), device_.bytes.end());
  for (unsigned shift = 0; shift < 64; shift += 8) {
    once.push_back(static_cast<std::uint8_t>(connection_ >> shift));
  }
  auto calling = calling_now(*store_, options, long_hash(once));
  if (died()) return;
  if (!calling) return connection_ended(&calling.error());
  options.calling = *calling;
  std::optional<Caller> caller;
  if (options.calling) caller = options.calling->caller;
  link_ = world_.dial(quality_, caller);
  if (link_ == nullptr) {
    const Error nobody = error(ErrorCode::unreachable);
    return connection_ended(&nobody);
  }
  ++context_.counts.syncs;
  version_then_ = window_->version();
  hub_version_then_ = witness_.hub_version();
  witness_.connected(*this);
  if (const auto bytes = std::exchange(snip_after_, std::nullopt)) link_->cut_after(*bytes);
  const std::uint64_t connection = ++connection_;
  options.live = wants_ == Wants::live;
  options.sent_before = sent_through_;
  options.marked_before = push_mark_;
  options.keep_mark = [this](Sequence through) {
    push_mark_ = through;
    return Status();
  };
  if (!options.live && !context_.healing) options.bytes_max = budget_of(connection);
  bytes_max_ = options.bytes_max;
  options.new_identity = [this] { return new_device(clock_.read(), random_); };
  session_ = std::make_unique<DeviceSession>(*store_, log_, std::move(options));
  hub_asked_ms_.reset();
  Link::End end;
  end.frame = [this, connection](const Bytes& frame) {
    if (connection != connection_ || session_ == nullptr) return;
    heard_ms_ = context_.events.now();
    context_.trace.note(name_, "hears " + std::to_string(frame.size()) + " bytes", frame);
    step(device_input::Frame{frame});
  };
  end.lost = [this, connection] {
    if (connection != connection_ || session_ == nullptr) return;
    const Error lost = error(ErrorCode::link_lost);
    connection_ended(&lost);
  };
  link_->attach(Link::Side::phone, std::move(end));
  heard_ms_ = context_.events.now();
  watch(connection);
  step(device_input::Timer{});
}

// Every wait has an end, also when nothing tells that the link is dead. Live and quiet, the
// transport's pings watch it.
void SimPhone::watch(std::uint64_t connection) {
  after(waits_ms_max, [this, connection] {
    if (connection != connection_ || session_ == nullptr || wants_ != Wants::one_sync) return;
    if (context_.events.now() - heard_ms_ >= waits_ms_max)
      context_.wrong(name_ + " waits without end for a hub that is silent");
    watch(connection);
  });
}

void SimPhone::step(const DeviceInput& input) {
  const std::uint64_t connection = connection_;
  auto effects = session_->step(boot_now(), input);
  // What a dead process would have said or shown, nobody hears or sees.
  if (died()) return;
  if (log_.own_differed()) witness_.own_differed(*this);
  for (DeviceEffect& effect : effects) {
    carry_out(effect);
    if (connection != connection_ || session_ == nullptr) return;
  }
  arm_timer();
}

void SimPhone::arm_timer() {
  const auto deadline = session_->next_deadline();
  if (!deadline || DS_DEFECT("wait_without_end")) return;
  after(*deadline - boot_now(), [this, connection = connection_] {
    if (connection != connection_ || session_ == nullptr) return;
    const auto due = session_->next_deadline();
    if (due && *due <= boot_now()) step(device_input::Timer{});
  });
}

void SimPhone::carry_out(DeviceEffect& effect) {
  if (auto* send = std::get_if<device_effect::SendFrame>(&effect)) {
    context_.trace.note(name_, "says " + std::to_string(send->bytes.size()) + " bytes",
                        send->bytes);
    link_->send(Link::Side::hub, std::move(send->bytes));
  } else if (std::holds_alternative<device_effect::MoreToSend>(effect)) {
    after(1, [this, connection = connection_] {
      if (connection == connection_ && session_ != nullptr) step(device_input::Sent{});
    });
  } else if (auto* ack = std::get_if<device_effect::Acknowledged>(&effect)) {
    context_.trace.note(name_, "is acknowledged to " + std::to_string(ack->ack.through.value));
    for (const Ack::Item& item : ack->ack.items) {
      if (item.outcome.kind == Outcome::Kind::not_yet) ++context_.counts.waited;
    }
    witness_.acknowledged(*this, ack->ack);
  } else if (auto* done = std::get_if<device_effect::CheckpointApplied>(&effect)) {
    backoff_.reset();
    witness_.checkpoint(*this, done->applied);
  } else if (std::holds_alternative<device_effect::UpToDate>(effect)) {
    context_.trace.note(name_, "is up to date");
    witness_.up_to_date(*this);
  } else if (auto* retry = std::get_if<device_effect::RetryAfter>(&effect)) {
    hub_asked_ms_ = retry->ms;
  } else if (std::holds_alternative<device_effect::HubRestored>(effect)) {
    witness_.heard_of_loss(*this);
  } else if (std::holds_alternative<device_effect::ComeAgain>(effect)) {
    comes_again_ = true;
  } else if (auto* end = std::get_if<device_effect::Close>(&effect)) {
    note_identity();
    connection_ended(end->error ? &*end->error : nullptr);
  }
}

void SimPhone::hang_up() {
  wants_ = Wants::nothing;
  if (session_ != nullptr) connection_ended(nullptr);
  store_.reset();
}

void SimPhone::connection_ended(const Error* reason) {
  const std::optional<Error> why = reason == nullptr ? std::nullopt : std::optional(*reason);
  ++connection_;
  if (session_ != nullptr) {
    sent_through_ = session_->sent_through();
    if (bytes_max_ && session_->traffic().total().both() > *bytes_max_) {
      context_.wrong(name_ + " passed its byte budget");
    }
  }
  session_.reset();
  const bool at_once = std::exchange(comes_again_, false) && wants_ != Wants::nothing;
  if (link_ != nullptr) {
    link_->close(Link::Side::hub);
    link_.reset();
  }
  context_.trace.note(name_, "is disconnected" + (why ? ": " + why->text() : std::string()));
  if (why && !is_expected(why->code)) context_.wrong(name_ + " cannot sync: " + why->text());
  if (why && is_sick(why->code)) return look_after_soon();
  if (why) enrol_where_unknown(*why);
  if (at_once) {
    ++attempts_left_;
    after(1, [this, connection = connection_] {
      if (connection == connection_) connect();
    });
    return;
  }
  if (!why) {
    wants_ = Wants::nothing;
    store_.reset();
    return;
  }
  const bool again = is_retryable(why->code) && (wants_ == Wants::live || attempts_left_ > 0);
  if (!again) {
    wants_ = Wants::nothing;
    store_.reset();
    return;
  }
  const auto draw = [this](std::uint64_t bound) { return random_.below(bound); };
  const std::int64_t delay =
      hub_asked_ms_ ? backoff_.next_after(*hub_asked_ms_, draw) : backoff_.next(draw);
  after(delay, [this, connection = connection_] {
    if (connection == connection_) connect();
  });
}

}  // namespace doorstep::sim
