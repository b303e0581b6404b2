// A connection with a byte budget: one question at a time, each with what its answer may weigh, and
// nothing is begun that may not fit. A part of DeviceSession.
#include <algorithm>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/session/device_session_state.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

std::uint64_t weight_up(const Message& message) {
  return bytes_on_wire_max(encode(message).size(), Way::up);
}

/// Whatever it says.
std::uint64_t weight_of_credit() { return weight_up(Credit{1, ~std::uint64_t{0}}); }

}  // namespace

std::uint64_t DeviceSession::State::budget_left() const {
  const std::uint64_t spent = traffic.total().both() + limits::budget_reserve_bytes;
  return *options.bytes_max - std::min(spent, *options.bytes_max);
}

// With so much more everything had gone the same way, and this step too.
Status DeviceSession::State::run_out(std::uint64_t needs, std::uint64_t available) {
  DS_ASSIGN(const DeviceState own, store.state());
  const std::uint64_t enough = *options.bytes_max + needs - std::min(needs, available);
  effects.emplace_back(device_effect::BudgetUsed{own.pending, rows_to_come, enough});
  close(std::nullopt);
  return {};
}

Status DeviceSession::State::on_over_budget(const OverBudget& said) {
  if (said.rows) rows_to_come = said.rows;
  const std::uint64_t answered = traffic.total().received - received_when_allowed;
  return run_out(said.bytes, answer_allowed - std::min(answered, answer_allowed));
}

std::uint64_t DeviceSession::State::allow(std::uint64_t bytes) {
  answer_allowed = bytes;
  received_when_allowed = traffic.total().received;
  return bytes;
}

Status DeviceSession::State::greet_within(Hello hello, const std::optional<Fork>& fork) {
  hello.answer_bytes = ~std::uint64_t{0};
  const std::uint64_t weight = weight_up(hello) + (fork ? weight_up(*fork) : 0);
  const std::uint64_t left = budget_left();
  if (left < weight + limits::budget_answer_bytes_min) {
    return run_out(weight + limits::budget_answer_bytes_min, left);
  }
  hello.answer_bytes = allow(left - weight);
  send(std::move(hello));
  if (fork) send(*fork);
  return {};
}

Status DeviceSession::State::go_on() {
  if (phase != DevicePhase::open || pulling || !in_flight.empty() || owes_answers()) return {};
  DS_ASSIGN(const DeviceState own, own_state());
  progress.push_total = std::max(progress.push_total, own.last.value - acknowledged_at_start.value);
  if (!put_off && push_short_of == 0 && pushed < own.last) {
    DS_ASSIGN(const auto push, push_that_fits());
    if (push) {
      send(Credit{0, allow(budget_left() - weight_of_credit() - weight_up(*push))});
      send(*push);
      pushed = push->last();
      in_flight.add(pushed, bytes_in(*push));
      return {};
    }
  }
  DS_TRY(pull());
  return pull_waits && push_short_of > 0 ? run_out(push_short_of, budget_left()) : Status();
}

// The oldest, as many as fit.
Result<std::optional<Push>> DeviceSession::State::push_that_fits() {
  const std::uint64_t left = budget_left();
  auto room = std::min<std::uint64_t>(left, limits::push_bytes_target);
  for (;;) {
    DS_ASSIGN(Push push, store.outbox(pushed, static_cast<std::size_t>(room)));
    if (push.bodies.empty()) return std::optional<Push>();
    if (push.first != pushed.next() && !push.missing)
      return error(ErrorCode::corrupt, "the outbox has a gap");
    const std::uint64_t weight =
        weight_up(push) + weight_of_credit() + limits::budget_answer_bytes_min;
    if (weight <= left) return std::optional(std::move(push));
    if (push.bodies.size() == 1) {
      push_short_of = weight;
      return std::optional<Push>();
    }
    // The outbox stops after the transaction that passes `room`.
    const std::uint64_t bytes = bytes_in(push);
    room = std::min(bytes - push.bodies.back().size(), bytes * left / weight);
  }
}

// The hub may not answer before it is said how much.
Status DeviceSession::State::ask_within(Pull request) {
  request.live = false;
  request.credit = 0;
  const std::uint64_t weight =
      weight_up(request) + weight_of_credit() + limits::budget_answer_bytes_min;
  if (weight > budget_left()) return run_out(weight, budget_left());
  send(std::move(request));
  pulling = true;
  return give_credit();
}

Status DeviceSession::State::give_credit() {
  const std::uint64_t left = budget_left();
  const std::uint64_t needs = weight_of_credit() + limits::budget_answer_bytes_min;
  if (left < needs) return run_out(needs, left);
  send(Credit{1, allow(left - weight_of_credit())});
  return {};
}

// With a checkpoint applied and nothing under way.
Status DeviceSession::State::finish_within(const DeviceState& own) {
  const bool settled = own.included == own.acknowledged;
  const bool current = settled && own.acknowledged == own.last;
  if (!differing.empty() && reconciles < limits::reconciles_max) return reconcile();
  pulling = false;
  const bool stuck = push_short_of > 0;
  if (!settled || (!current && !put_off && !stuck)) return go_on();
  if (stuck) return run_out(push_short_of, budget_left());
  DS_ASSIGN(const bool waits, hand_over());
  if (waits) return {};
  if (successor && current) return succeed();
  if (current && differing.empty()) effects.emplace_back(device_effect::UpToDate{});
  if (!differing.empty()) put_off = error(ErrorCode::digest_mismatch, "scope " + differing[0].code);
  close(put_off);
  return {};
}

// Rows kept for a person and what was healed; true: something of it is under way, or does not fit.
Result<bool> DeviceSession::State::hand_over() {
  DS_ASSIGN(const auto kept, store.salvage());
  DS_ASSIGN(const auto healed, store.heal_report());
  if (!kept && !healed) return false;
  const Message message = kept ? Message(*kept) : Message(*healed);
  const std::uint64_t weight =
      weight_up(message) + weight_of_credit() + limits::budget_answer_bytes_min;
  if (weight > budget_left()) {
    DS_TRY(run_out(weight, budget_left()));
    return true;
  }
  send(Credit{0, allow(budget_left() - weight_of_credit() - weight_up(message))});
  if (kept) {
    DS_ASSIGN(const auto next, salvage.next());
    if (next) send(*next);
  } else {
    heal_waits = true;
    send(message);
  }
  unfinished = true;
  return true;
}

}  // namespace doorstep
